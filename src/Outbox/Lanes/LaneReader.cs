using Holdfast.Journal;
using Microsoft.Extensions.Logging;

namespace Holdfast.Outbox.Lanes;

/// <summary>Takes a lane's messages for the pulling agent: waits until there are any, and reads the table when its lane says so.</summary>
internal sealed partial class LaneReader(
    Lane lane, IJournalStore store, OutboxOptions options, RepeatedFailures failures, TimeProvider clock, ILogger logger)
{
    /// <summary>
    /// Waits until there is something to deliver. Returns an empty list when cancelled: a receiver that ignores its cancellation
    /// would hang the hand-over of its queue.
    /// </summary>
    public async Task<IReadOnlyList<LaneDelivery>> Take(int limit, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            // Before it is looked: what changes after the look must end the wait.
            var change = lane.NextChange();
            if (lane.ReadIsDue()) await ReadTable(cancellationToken);
            if (lane.TakeReady(limit) is { Count: > 0 } taken) return taken;
            await WaitFor(change, cancellationToken);
        }

        return [];
    }

    private async Task WaitFor(Task change, CancellationToken cancellationToken)
    {
        var wait = lane.UntilNextLook();
        if (wait <= TimeSpan.Zero) return;
        await change.WaitAsync(wait, clock, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private async Task ReadTable(CancellationToken cancellationToken)
    {
        var now = lane.BeginRead();
        try
        {
            await ReadDueRows(now, cancellationToken);
            lane.EndRead(await store.NextDue(lane.Number, now, cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // The lane pauses while the store is down, and says so; the next sweep tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (failures.IsDue(exception.GetType().Name, out var others)) LogReadFailed(exception, lane.Number, others);
            lane.FailRead(now);
        }
    }

    private async Task ReadDueRows(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var position = default(OutboxPosition);
        while (true)
        {
            var page = await store.ReadDue(lane.Number, now, position, options.PageSize, cancellationToken);

            // No room: the rest is read when half of what waits has been taken.
            if (!lane.TryQueue(page) || page.Count < options.PageSize) return;
            position = new(page[^1].DueAt, page[^1].Id);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Lane {Lane} could not read its table; it pauses until the next sweep "
            + "({Others} more like it in all lanes since the last such line)")]
    private partial void LogReadFailed(Exception exception, int lane, int others);
}
