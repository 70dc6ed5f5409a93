using Holdfast.Contracts;
using Holdfast.Journal;

namespace Holdfast.Grains.Hosting;

/// <summary>
/// Whose turn it is to be held against the journal. A version check that does not check leaves no conflict behind, so nobody would hear of
/// it: now and then an owner that is about to store something looks first whether the journal still has what it stored before, and no more.
/// </summary>
/// <remarks>Thread-safe.</remarks>
public sealed class SecondLooks(TimeProvider clock)
{
    /// <summary>From one look of a silo to the next: each costs the database one indexed read, and one owner that read's time.</summary>
    internal static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a look may keep an append from being stored: others read long histories meanwhile.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly long _period = (long)(Period.TotalSeconds * clock.TimestampFrequency);
    private long _next = clock.GetTimestamp();

    /// <summary>True for one owner in each period: it is to look.</summary>
    /// <param name="timestamp">Now.</param>
    public bool TakeTurn(long timestamp)
    {
        var next = Volatile.Read(ref _next);
        return timestamp >= next && Interlocked.CompareExchange(ref _next, timestamp + _period, next) == next;
    }

    /// <summary>
    /// Whether the journal still has the last append of an activation, and nothing behind it: null when it does, or cannot be asked in
    /// time.
    /// </summary>
    internal async ValueTask<RaceSign?> FindWrong(IJournalStore store, string stream, StoredAppend last)
    {
        try
        {
            var rows = await store.ReadForward(stream, last.FirstVersion - 1, StoredAppend.Rows, CancellationToken.None)
                .WaitAsync(Patience, clock);
            return last.Against(rows);
        }
#pragma warning disable CA1031 // Whatever keeps it from looking: what it would have found is found another time.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }
}
