namespace Holdfast.Outbox.Lanes;

/// <summary>
/// When a lane's table is read: when something calls for it, else in sweeps. The reader is woken when that is earlier than it knew.
/// </summary>
/// <remarks>Not thread-safe: its lane's lock guards it.</remarks>
internal sealed class ReadTimes(OutboxOptions options)
{
    private TaskCompletionSource _change = NewChange();

    /// <summary>The next read.</summary>
    public DateTimeOffset Next { get; private set; } = DateTimeOffset.MaxValue;

    /// <summary>When the table could no longer be read; null when the last read succeeded.</summary>
    public DateTimeOffset? UnreadableSince { get; private set; }

    /// <summary>Something calls for a read at once; another one follows it a moment later.</summary>
    public void AtOnce() => NoLaterThan(DateTimeOffset.MinValue);

    public void NoLaterThan(DateTimeOffset moment)
    {
        if (moment >= Next) return;
        Next = moment;
        Wake();
    }

    /// <summary>There is something to look for, be it in the table or not.</summary>
    public void Wake() => _change.TrySetResult();

    /// <summary>Completes when the reader is woken after it has asked.</summary>
    public Task NextChange()
    {
        if (_change.Task.IsCompleted) _change = NewChange();
        return _change.Task;
    }

    public void Begin(DateTimeOffset now) => Next = now + (Next == DateTimeOffset.MinValue ? options.SecondReadAfter : options.SweepPeriod);

    public void Succeed() => UnreadableSince = null;

    /// <param name="began">When the read began that failed.</param>
    public void Fail(DateTimeOffset began)
    {
        UnreadableSince ??= began;
        Next = began + options.SweepPeriod;
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
