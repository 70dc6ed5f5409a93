using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;

namespace Holdfast.Domain.Orders.Steps;

/// <summary>What steps do to the lines of an order: to all at once, so that one that fails keeps no other from being done.</summary>
internal static class StepLines
{
    /// <summary>Null: no product can have such a name, so there is nothing of it to hold, to sell or to give back.</summary>
    public static IProductInventory? ProductOf(this OrderPorts ports, string sku) => string.IsNullOrWhiteSpace(sku) ? null : ports.Product(sku);

    /// <summary>Takes back what the reservations of these lines did.</summary>
    /// <exception cref="LinesFailedException">Some line failed by itself.</exception>
    public static async Task Undo(OrderPorts ports, LinesWork work, CancellationToken cancellationToken) =>
        await Answers(work.Lines, await All(work.Lines, line => Undo(ports, line, work)), cancellationToken);

    public static async Task<bool> Undo(OrderPorts ports, StepLine line, LinesWork work)
    {
        if (ports.ProductOf(line.Sku) is not { } product) return true;
        var outcome = await product.Undo(new(line.Reservation, work.Lasting, LeaveTombstone: true, work.Within));
        return outcome.Status == ReservationOutcomeStatus.Done
            ? true
            : throw new InvalidOperationException($"{line.Sku} answered {outcome.Status} to an undo, which has no refusals.");
    }

    /// <summary>Does every line, all at once, and waits until each has ended in whatever way.</summary>
    public static async Task<Task<T>[]> All<T>(StepLine[] lines, Func<StepLine, Task<T>> act)
    {
        var running = Array.ConvertAll(lines, Start);
        Task all = Task.WhenAll(running);
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return running;

        async Task<T> Start(StepLine line) => await act(line);
    }

    /// <exception cref="LinesFailedException">Some line failed by itself; those that only had no answer would hide it.</exception>
    public static async Task<T[]> Answers<T>(StepLine[] lines, Task<T>[] ended, CancellationToken cancellationToken)
    {
        var failures = lines
            .Zip(ended, static (line, task) => (line.Sku, Failure: task.Exception?.InnerException))
            .Where(line => line.Failure is not null && !NoAnswer.IsOrGivenUp(line.Failure, cancellationToken))
            .Select(static line => $"{line.Sku}: {line.Failure!.Message}")
            .ToList();
        return failures.Count > 0 ? throw new LinesFailedException(failures) : await Task.WhenAll(ended);
    }
}

/// <summary>Lines of an order that failed by themselves, and will fail again.</summary>
public sealed class LinesFailedException(IReadOnlyList<string> failures)
    : Exception(string.Join("; ", failures.Take(MaxNamed)) + (failures.Count > MaxNamed ? $"; and {failures.Count - MaxNamed} more" : ""))
{
    /// <summary>Lines that the message names.</summary>
    private const int MaxNamed = 5;
}
