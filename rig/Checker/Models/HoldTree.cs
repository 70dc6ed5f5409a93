namespace Holdfast.Checker.Models;

internal enum HoldStatus
{
    /// <summary>Nobody has heard of it.</summary>
    None = 0,
    Open = 1,
    Committed = 2,
    Released = 3,

    /// <summary>Released before it was reserved.</summary>
    Barred = 4,
}

/// <summary>
/// Immutable arrays of hold statuses, each with a number of its own: equal arrays have equal numbers, so a state can hold one and be
/// compared word by word. Binary trees whose equal nodes are one node; a change makes as many nodes as the tree is high.
/// </summary>
internal sealed class HoldTree(int holds)
{
    private const long FirstNode = 8;

    // Both children in the list, both and the number in the dictionary, and what the dictionary spends on finding them.
    private const long WordsPerNode = 8;

    private readonly int _height = holds <= 1 ? 0 : 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)holds - 1);
    private readonly Dictionary<(long Left, long Right), long> _numbers = [];
    private readonly List<(long Left, long Right)> _nodes = [];

    /// <summary>The array in which every status is <see cref="HoldStatus.None"/>: 0 stands for an empty tree of any height.</summary>
    public const long AllNone = 0;

    /// <summary>64-bit words that the nodes take in memory, about.</summary>
    public long HeldWords => _nodes.Count * WordsPerNode;

    public HoldStatus Read(long root, int hold)
    {
        for (var level = _height - 1; level >= 0 && root != AllNone; level--)
        {
            var (left, right) = _nodes[(int)(root - FirstNode)];
            root = (hold >> level & 1) == 0 ? left : right;
        }

        return (HoldStatus)root;
    }

    public long With(long root, int hold, HoldStatus status) => With(root, hold, status, _height - 1);

    private long With(long root, int hold, HoldStatus status, int level)
    {
        if (level < 0)
            return (long)status;
        var (left, right) = root == AllNone ? (AllNone, AllNone) : _nodes[(int)(root - FirstNode)];
        return (hold >> level & 1) == 0
            ? Number(With(left, hold, status, level - 1), right)
            : Number(left, With(right, hold, status, level - 1));
    }

    private long Number(long left, long right)
    {
        if (left == AllNone && right == AllNone)
            return AllNone;
        if (!_numbers.TryGetValue((left, right), out var number))
        {
            _nodes.Add((left, right));
            _numbers.Add((left, right), number = FirstNode + _nodes.Count - 1);
        }

        return number;
    }
}
