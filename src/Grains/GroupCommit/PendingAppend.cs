using Holdfast.Contracts;

namespace Holdfast.Grains.GroupCommit;

/// <summary>Decisions that will be stored together, and everyone who waits for them.</summary>
internal sealed class PendingAppend<TEvent>(DateTimeOffset at)
{
    private readonly TaskCompletionSource _durable = new();

    /// <summary>The time of every decision in it: what is replayed later must see the time the original saw.</summary>
    public DateTimeOffset At { get; } = at;

    public List<TEvent> Events { get; } = [];

    public List<OutgoingMessage> Messages { get; } = [];

    /// <summary>A tombstone stands alone: its row must not hold what it erases.</summary>
    public bool Erases { get; set; }

    /// <summary>Completes when all of it is durable; fails with a <see cref="RetryableException"/> when it is not.</summary>
    public Task Durable => _durable.Task;

    public void Complete() => _durable.SetResult();

    public void Fail(RetryableException exception)
    {
        _durable.SetException(exception);

        // Nobody waits for an append that only recorded elapsed time or receipts; its failure is no unobserved exception.
        _ = _durable.Task.Exception;
    }
}
