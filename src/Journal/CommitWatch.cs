using System.Diagnostics;

namespace Holdfast.Journal;

/// <summary>
/// One commit at a time, between the store that carries it out and whoever waits for it. A commit that has been sent is never cut
/// short: the store says that it waits for the answer, and who has waited long enough leaves it to itself, its outcome unknown.
/// </summary>
public sealed class CommitWatch
{
    private const long NotWaiting = 0;
    private const long LeftToItself = -1;

    /// <summary>A timestamp, or one of the above.</summary>
    private long _deadline;

    /// <summary>Nobody waits for it any more: its answer is nobody's, and nothing more is sent on its behalf.</summary>
    public bool IsGivenUp => Volatile.Read(ref _deadline) == LeftToItself;

    /// <summary>The store waits for an answer from now on.</summary>
    /// <param name="limit">How long somebody else should wait with it.</param>
    public void Begin(TimeSpan limit) => Volatile.Write(
        ref _deadline,
        limit == Timeout.InfiniteTimeSpan ? long.MaxValue : Stopwatch.GetTimestamp() + (long)(limit.TotalSeconds * Stopwatch.Frequency));

    /// <summary>The store has its answer, if it waited for one; false when it has been given up meanwhile.</summary>
    public bool TryEnd()
    {
        var deadline = Volatile.Read(ref _deadline);
        return deadline != LeftToItself && Interlocked.CompareExchange(ref _deadline, NotWaiting, deadline) == deadline;
    }

    /// <summary>True when the store has waited for longer than its limit: what it says later does not count.</summary>
    public bool TryGiveUp()
    {
        var deadline = Volatile.Read(ref _deadline);
        return deadline > NotWaiting && Stopwatch.GetTimestamp() >= deadline
            && Interlocked.CompareExchange(ref _deadline, LeftToItself, deadline) == deadline;
    }
}
