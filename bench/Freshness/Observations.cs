using System.Collections.Concurrent;
using Holdfast.Bench.Replay;
using Holdfast.Checker;

namespace Holdfast.Bench.Freshness;

/// <summary>What was promised of the lists, how often it was looked at, and what broke it.</summary>
internal sealed class Promise(string name)
{
    private const int OffendersKept = 5;

    private readonly ConcurrentQueue<string> _offenders = new();
    private int _checked;
    private int _failed;

    public void Look(bool held, Func<string> offender)
    {
        Interlocked.Increment(ref _checked);
        if (!held && Interlocked.Increment(ref _failed) <= OffendersKept) _offenders.Enqueue(offender());
    }

    public CheckResult Result() => new(name, _checked, _failed, [.. _offenders]);
}

/// <summary>Everything that writers and witnesses saw.</summary>
internal sealed class Observations(TimeProvider clock)
{
    private readonly ConcurrentQueue<Operation> _history = new();
    private int _behind;

    public Promise Newest { get; } = new("after each acknowledged change a no-cache list shows it");

    public Promise AtLeast { get; } = new("after each acknowledged change a list that is at least as new shows it");

    public Promise Causes { get; } = new("no list that has seen another's effect is without its cause");

    public ConcurrentQueue<TimeSpan> NewestTook { get; } = new();

    public ConcurrentQueue<TimeSpan> AtLeastTook { get; } = new();

    /// <summary>Lists that were asked for as they happened to be, and did not show a change yet.</summary>
    public int Behind => _behind;

    /// <summary>Each product is a register; whoever reads it in a no-cache list reads the register.</summary>
    public IReadOnlyCollection<Operation> History => _history;

    public long Now() => clock.GetTimestamp();

    public TimeSpan Since(long began) => clock.GetElapsedTime(began);

    public void FoundBehind() => Interlocked.Increment(ref _behind);

    public void Wrote(string client, string sku, long began, long number) =>
        _history.Enqueue(Operation.Answered(client, sku, began, Now(), "write", new { value = number }, new { }));

    public void Read(string client, string sku, long began, long number) => _history.Enqueue(
        Operation.Answered(client, sku, began, Now(), "read", null, new { value = number == 0 ? (long?)null : number }));
}
