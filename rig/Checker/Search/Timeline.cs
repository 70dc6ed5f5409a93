namespace Holdfast.Checker.Search;

/// <summary>
/// The order in real time of one key's operations, prepared for the search. Operations are places in order of their calls; answered
/// ones also have a rank, their place in order of their returns.
/// </summary>
internal sealed class Timeline
{
    /// <summary>The return of an operation without an answer.</summary>
    public const long Never = long.MaxValue;

    /// <param name="calls">Ascending.</param>
    /// <param name="returns"><see cref="Never"/> for an operation without an answer.</param>
    /// <param name="classOf">The class of each operation; see the rules.</param>
    public Timeline(long[] calls, long[] returns, Func<int, int> classOf)
    {
        Calls = calls;
        Returns = returns;
        Classes = new int[calls.Length];
        for (var i = 0; i < calls.Length; i++)
        {
            Classes[i] = classOf(i);
            ClassCount = Math.Max(ClassCount, Classes[i] + 1);
        }

        ByReturn = [.. Enumerable.Range(0, calls.Length).Where(i => returns[i] != Never).OrderBy(i => returns[i])];
        Ranks = new int[calls.Length];
        Array.Fill(Ranks, -1);
        for (var rank = 0; rank < ByReturn.Length; rank++)
            Ranks[ByReturn[rank]] = rank;
        Slots = new int[calls.Length];
        SlotWords = (AssignSlots() + 63) / 64;
        (UnknownClasses, UnknownMembers, UnknownShift, UnknownWords) = PackUnknowns();
        UnknownIndex = new int[ClassCount];
        for (var u = 0; u < UnknownClasses.Length; u++)
            UnknownIndex[UnknownClasses[u]] = u;
    }

    public long[] Calls { get; }

    public long[] Returns { get; }

    public int[] Classes { get; }

    public int ClassCount { get; }

    /// <summary>Answered operations in order of their returns.</summary>
    public int[] ByReturn { get; }

    /// <summary>The place in <see cref="ByReturn"/>, or −1.</summary>
    public int[] Ranks { get; }

    /// <summary>A number that no other operation running at the same moment has: sets of them fit in few bits.</summary>
    public int[] Slots { get; }

    public int SlotWords { get; }

    /// <summary>Classes with members of unknown outcome.</summary>
    public int[] UnknownClasses { get; }

    /// <summary>The place in <see cref="UnknownClasses"/> of a class that is there.</summary>
    public int[] UnknownIndex { get; }

    /// <summary>Their members, in order of their calls: the earliest called can stand in for any of them, so they are used in this order.</summary>
    public int[][] UnknownMembers { get; }

    /// <summary>Where the number of used members is kept: the bit, counted through all words.</summary>
    public int[] UnknownShift { get; }

    public int UnknownWords { get; }

    private int AssignSlots()
    {
        var free = new PriorityQueue<int, int>();
        var used = 0;
        var ended = 0;
        for (var i = 0; i < Calls.Length; i++)
        {
            if (Ranks[i] < 0)
                continue;
            // A return at the very moment of a call overlaps it: clocks that coarse prove no order.
            for (; ended < ByReturn.Length && Returns[ByReturn[ended]] < Calls[i]; ended++)
                free.Enqueue(Slots[ByReturn[ended]], Slots[ByReturn[ended]]);
            Slots[i] = free.TryDequeue(out var slot, out _) ? slot : used++;
        }

        return used;
    }

    private (int[] Classes, int[][] Members, int[] Shift, int Words) PackUnknowns()
    {
        var groups = Enumerable.Range(0, Calls.Length).Where(i => Ranks[i] < 0).GroupBy(i => Classes[i]).ToArray();
        var members = groups.Select(group => group.ToArray()).ToArray();
        var shift = new int[groups.Length];
        var next = 0;
        for (var i = 0; i < groups.Length; i++)
        {
            var bits = 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)members[i].Length);
            if ((next & 63) + bits > 64)
                next = (next + 63) & ~63;
            shift[i] = next;
            next += bits;
        }

        return ([.. groups.Select(group => group.Key)], members, shift, (next + 63) / 64);
    }
}
