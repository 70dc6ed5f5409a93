using System.Diagnostics;

namespace Holdfast.Contracts;

/// <summary>
/// Counts the signs of races that this process meets, and the work among which it met them. To count takes one atomic addition: no lock, no
/// memory, and nothing that grows with the number of owners.
/// </summary>
/// <remarks>Thread-safe.</remarks>
public sealed class RaceSigns
{
    /// <summary>A clock that went back by less is one that is kept right, or one of several that agree as well as they can.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(1);

    private readonly long[] _counts = new long[All.Count];
    private long _appends;
    private long _calls;

    /// <summary>Every sign there is, in the order of their numbers.</summary>
    public static IReadOnlyList<RaceSign> All { get; } = Enum.GetValues<RaceSign>();

    /// <summary>Appends that owners have sent to the store since the process began, whatever became of them.</summary>
    public long Appends => Volatile.Read(ref _appends);

    /// <summary>Calls that a front door has made since the process began, whatever became of them.</summary>
    public long Calls => Volatile.Read(ref _calls);

    /// <summary>How often it was seen since the process began.</summary>
    public long this[RaceSign sign] => Volatile.Read(ref _counts[(int)sign]);

    /// <summary>The sign is seen.</summary>
    public void Count(RaceSign sign, long times = 1) => Interlocked.Add(ref _counts[(int)sign], times);

    /// <summary>An owner sends an append to the store.</summary>
    public void CountAppend() => Interlocked.Increment(ref _appends);

    /// <summary>A front door makes a call.</summary>
    public void CountCall() => Interlocked.Increment(ref _calls);

    /// <summary>The sign's name in metrics, logs, answers and the page that explains it. It never changes.</summary>
    public static string NameOf(RaceSign sign) => sign switch
    {
        RaceSign.Conflict => "conflict",
        RaceSign.Overtaken => "overtaken",
        RaceSign.Unknown => "unknown",
        RaceSign.KeyReuse => "key_reuse",
        RaceSign.Hole => "hole",
        RaceSign.Superseded => "superseded",
        RaceSign.RefusedFence => "refused_fence",
        RaceSign.ClockBack => "clock_back",
        RaceSign.Overwritten => "overwritten",
        RaceSign.Lost => "lost",
        RaceSign.Unanswered => "unanswered",
        _ => throw new UnreachableException(sign.ToString()),
    };
}
