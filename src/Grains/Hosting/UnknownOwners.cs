using System.Collections.Concurrent;

namespace Holdfast.Grains.Hosting;

/// <summary>
/// The activations of owners that were asked for and are not there: they have no event. There is no end to the names that can be asked
/// for, so only the latest stay in memory, and whoever repeats a question does not ask the store each time.
/// </summary>
/// <remarks>Thread-safe.</remarks>
public sealed class UnknownOwners
{
    /// <summary>Of some 4 KB each.</summary>
    public const int Capacity = 1_024;

    private readonly ConcurrentQueue<IUnknownOwner> _latest = [];
    private int _count;

    /// <summary>Remembers one more, and lets the oldest go.</summary>
    public void Add(IUnknownOwner owner)
    {
        _latest.Enqueue(owner);
        if (Interlocked.Increment(ref _count) <= Capacity || !_latest.TryDequeue(out var oldest)) return;
        Interlocked.Decrement(ref _count);
        oldest.LeaveIfUnknown();
    }
}

/// <summary>An owner that had no event when it was asked.</summary>
public interface IUnknownOwner
{
    /// <summary>Ends the activation once it has nothing to do, unless it has an event by now. Called from any thread.</summary>
    void LeaveIfUnknown();
}
