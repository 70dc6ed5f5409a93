using System.Collections.Concurrent;

namespace Holdfast.Lab.Sagas;

/// <summary>
/// Callers of this process that wait for their order's end, for systems whose messages do not bring an answer back. Only a hint:
/// what happened is in the database, and an end that nobody waits for is nobody's loss.
/// </summary>
public sealed class OrderEnds(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<OrderEnd>> _waiting = new();

    /// <param name="order">The order's id.</param>
    /// <param name="place">Places it; the wait begins before.</param>
    public async Task<OrderEnd> WaitFor(string order, Func<Task> place)
    {
        var end = new TaskCompletionSource<OrderEnd>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[order] = end;
        try
        {
            await place();
            return await end.Task.WaitAsync(SagaOrder.Patience, clock);
        }
        finally
        {
            _waiting.TryRemove(order, out _);
        }
    }

    public void Ended(string order, OrderEnd end)
    {
        if (_waiting.TryGetValue(order, out var waiting)) waiting.TrySetResult(end);
    }
}
