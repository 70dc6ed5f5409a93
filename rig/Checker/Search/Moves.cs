using Holdfast.Checker.Models;

namespace Holdfast.Checker.Search;

/// <summary>A way on from a configuration: some free operations, then one more.</summary>
/// <param name="FirstFree">Where the free ones begin in <see cref="Moves{TState}.Free"/>; there are <paramref name="FreeCount"/>.</param>
/// <param name="Cost">Lower is tried earlier, then the lower <paramref name="Distance"/>, then the lower <paramref name="Rank"/>.</param>
internal record struct Move<TState>(int Operation, TState Next, int FirstFree, int FreeCount, int Cost, long Distance, int Rank);

/// <summary>
/// Finds the moves from a configuration: not every operation that could be next, but enough that if any order explains the history, one
/// made of such moves does. Why each omission is harmless:
/// <list type="bullet">
/// <item>An operation that, by its answer, changed nothing can move forward to where it first fits. So where one fits, it is the only
/// move. (One that merely changes nothing here cannot: where it was, it may have changed something.)</item>
/// <item>Two of one class can swap places. So of each class the first to return is enough, then the first called of unknown outcome.</item>
/// <item>A free operation can move backward past everything that does not need it. So it is taken when it must return, or directly
/// before an operation that would not fit without it, together with as few others as do.</item>
/// <item>Where an answered operation fits neither now nor later, nothing leads on.</item>
/// <item>An operation of unknown outcome whose trace the next one wipes out may as well not have happened.</item>
/// </list>
/// </summary>
internal sealed class Moves<TState>(Timeline time, IRules<TState> rules) where TState : unmanaged, IEquatable<TState>
{
    private const int NoClass = -1;
    private const int PinnedCost = 0;
    private const int AnsweredCost = 1;
    private const int UnknownCost = 2;

    // A free operation that need not be taken yet: only when no answer can be served with few of them.
    private const int IdleCost = 5;

    // Steps spent on the ways to one goal. Past them some are left out, and the search cannot prove that there is none.
    private const int StepsPerGoal = 20_000;

    private readonly record struct FreeClass(int Id, Effect Effect, int Count);

    private readonly int[] _stampOfClass = new int[time.ClassCount];
    private readonly int[] _countOfClass = new int[time.ClassCount];
    private readonly List<FreeClass> _free = [];
    private readonly List<FreeClass> _useful = [];
    private readonly List<int> _chosen = [];

    // One of each class that can be next in real time.
    private readonly List<int> _classes = [];

    // For each useful class: the least and the most that the classes after it can add to each level.
    private readonly List<(Interval X, Interval Y, Interval Gap)> _rest = [];
    private List<int> _running = [];
    private int[] _used = [];
    private TState _state;
    private int _stamp;
    private int _steps;
    private long _until;

    /// <summary>Some way on was left out.</summary>
    public bool IsIncomplete { get; private set; }

    /// <summary>The free operations of the moves found. The caller shortens it when it drops moves.</summary>
    public List<int> Free { get; } = [];

    /// <summary>Operations that fit after some free ones, perhaps, first those that return first; see <see cref="AddWaysTo"/>.</summary>
    public List<int> Goals { get; } = [];

    /// <summary>Adds every operation of the window that fits, in the window's order, and those of unknown outcome after them.</summary>
    public void FindEach(in TState state, int barrier, List<int> window, int[] used, List<Move<TState>> moves)
    {
        (_state, _used) = (state, used);
        _until = time.Returns[barrier];
        _stamp++;
        var first = moves.Count;
        var awaited = -1;
        for (var place = 0; place < window.Count; place++)
        {
            var i = window[place];
            var kind = time.Classes[i];
            if (_stampOfClass[kind] == _stamp)
                continue;
            _stampOfClass[kind] = _stamp;
            if (!rules.TryApply(state, i, out var next))
            {
                if (rules.IsLost(state, i))
                {
                    moves.RemoveRange(first, moves.Count - first);
                    return;
                }

                awaited = awaited < 0 && rules.IsPinned(i) ? i : awaited;
                continue;
            }

            if (next.Equals(state) && rules.ChangesNothing(i))
            {
                moves.RemoveRange(first, moves.Count - first);
                moves.Add(new(i, next, 0, 0, 0, 0, 0));
                return;
            }

            moves.Add(new(i, next, 0, 0, AnsweredCost, awaited < 0 ? 0 : rules.Distance(next, awaited), place));
        }

        for (var u = 0; u < used.Length; u++)
        {
            var members = time.UnknownMembers[u];
            if (_stampOfClass[time.UnknownClasses[u]] == _stamp || used[u] == members.Length || time.Calls[members[used[u]]] > _until)
                continue;
            if (rules.TryApply(state, members[used[u]], out var next) && !next.Equals(state))
                moves.Add(new(members[used[u]], next, 0, 0, UnknownCost, 0, 0));
        }
    }

    /// <summary>Adds the moves of one operation, and finds the goals.</summary>
    /// <param name="running">Answered operations that can be next in real time, in order of their returns.</param>
    /// <param name="used">How many of each unknown class have been taken.</param>
    /// <param name="lastUnknown">Whether the configuration was reached by one operation of unknown outcome alone …</param>
    /// <param name="beforeUnknown">… and from which state.</param>
    public void Find(
        in TState state, List<int> running, int[] used, bool lastUnknown, in TState beforeUnknown, List<Move<TState>> moves)
    {
        (_state, _running, _used) = (state, running, used);
        var barrier = running[0];
        _until = time.Returns[barrier];
        Goals.Clear();
        _free.Clear();
        _classes.Clear();
        _stamp++;
        var first = moves.Count;
        var firstInapplicablePinned = -1;
        foreach (var i in running)
        {
            var kind = time.Classes[i];
            if (_stampOfClass[kind] == _stamp)
            {
                _countOfClass[kind]++;
                continue;
            }

            (_stampOfClass[kind], _countOfClass[kind]) = (_stamp, 1);
            _classes.Add(i);
            var fits = rules.TryApply(state, i, out var next);
            if (fits && next.Equals(state) && rules.ChangesNothing(i))
            {
                moves.RemoveRange(first, moves.Count - first);
                Goals.Clear();
                moves.Add(new(i, next, 0, 0, 0, 0, 0));
                return;
            }

            if (!fits && rules.IsLost(state, i))
            {
                moves.RemoveRange(first, moves.Count - first);
                Goals.Clear();
                return;
            }

            if (!fits && firstInapplicablePinned < 0 && rules.IsPinned(i))
                firstInapplicablePinned = i;
            if (i != barrier && rules.IsFree(i, out _))
                continue;
            if (!fits)
                Goals.Add(i);
            else if (!lastUnknown || !IsRedundant(beforeUnknown, i, next))
                moves.Add(new(i, next, 0, 0, CostOf(i), 0, time.Ranks[i]));
        }

        AddUnknowns(lastUnknown, beforeUnknown, moves);
        if (firstInapplicablePinned >= 0)
        {
            for (var i = first; i < moves.Count; i++)
                moves[i] = moves[i] with { Distance = rules.Distance(moves[i].Next, firstInapplicablePinned) };
        }

        if (Goals.Count > 0)
            CollectFree(rules.IsFree(barrier, out _) ? time.Classes[barrier] : NoClass);
        if (_free.Count == 0)
            Goals.Clear();
    }

    /// <summary>Adds the moves that take free operations so that the goal fits, and the goal. Call after <see cref="Find"/>.</summary>
    public void AddWaysTo(int goal, List<Move<TState>> moves)
    {
        if (!rules.TryGetNeeds(_state, goal, out var needs))
            return;
        _useful.Clear();
        foreach (var kind in _free)
        {
            if (needs.Concern(kind.Effect))
                _useful.Add(kind);
        }

        SumRest();
        _chosen.Clear();
        _steps = 0;
        Choose(rules.LevelsOf(_state), needs, goal, moves);
    }

    private void AddUnknowns(bool lastUnknown, in TState beforeUnknown, List<Move<TState>> moves)
    {
        for (var u = 0; u < _used.Length; u++)
        {
            var kind = time.UnknownClasses[u];
            var members = time.UnknownMembers[u];
            var left = CalledUntil(members, _until) - _used[u];
            if (left <= 0)
                continue;
            var i = members[_used[u]];
            if (_stampOfClass[kind] == _stamp)
            {
                // An answered operation of the class is running: it has to go somewhere anyway, so it goes first.
                _countOfClass[kind] += left;
                continue;
            }

            (_stampOfClass[kind], _countOfClass[kind]) = (_stamp, left);
            _classes.Add(i);
            if (rules.IsFree(i, out _))
                continue;
            if (!rules.TryApply(_state, i, out var next))
                Goals.Add(i);
            else if (!next.Equals(_state) && (!lastUnknown || !IsRedundant(beforeUnknown, i, next)))
                moves.Add(new(i, next, 0, 0, UnknownCost, 0, int.MaxValue));
        }
    }

    private int CalledUntil(int[] members, long until)
    {
        // Members are in order of their calls; most often all or none have been called.
        if (time.Calls[members[^1]] <= until)
            return members.Length;
        int low = 0, high = members.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (time.Calls[members[middle]] <= until)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <param name="barrierClass">
    /// The class of the operation that must return next, if it is free: taking it first, alone, is a move already.
    /// </param>
    private void CollectFree(int barrierClass)
    {
        foreach (var i in _classes)
        {
            var kind = time.Classes[i];
            if (kind != barrierClass && rules.IsFree(i, out var effect) && effect != default)
                _free.Add(new(kind, effect, _countOfClass[kind]));
        }

        // What widens the gap goes first, so that the gap holds for what narrows it whenever it does in any order.
        _free.Sort(static (a, b) => a.Effect.Gap != b.Effect.Gap ? b.Effect.Gap.CompareTo(a.Effect.Gap) : a.Id.CompareTo(b.Id));
    }

    private int CostOf(int operation) =>
        rules.IsFree(operation, out _) ? IdleCost : rules.IsPinned(operation) ? PinnedCost : AnsweredCost;

    private bool IsRedundant(in TState beforeUnknown, int operation, in TState next) =>
        rules.TryApply(beforeUnknown, operation, out var without) && without.Equals(next);

    private void SumRest()
    {
        _rest.Clear();
        for (var i = 0; i < _useful.Count; i++)
            _rest.Add(default);
        var zero = Interval.Exactly(0);
        var sum = (X: zero, Y: zero, Gap: zero);
        for (var i = _useful.Count - 1; i >= 0; i--)
        {
            _rest[i] = sum;
            var (_, effect, count) = _useful[i];
            sum = (Widen(sum.X, effect.X * count), Widen(sum.Y, effect.Y * count), Widen(sum.Gap, effect.Gap * count));
        }
    }

    private static Interval Widen(Interval sum, long by) => by < 0 ? sum with { Low = sum.Low + by } : sum with { High = sum.High + by };

    /// <summary>Chooses how many of the next useful class to take, then of those after it.</summary>
    private void Choose(Effect levels, in Needs needs, int goal, List<Move<TState>> moves)
    {
        if (++_steps > StepsPerGoal)
        {
            IsIncomplete = true;
            return;
        }

        var place = _chosen.Count;
        if (place == _useful.Count)
        {
            if (needs.AreMetBy(levels) && IsLeast(levels, needs))
                AddWay(goal, moves);
            return;
        }

        var (_, effect, count) = _useful[place];
        var rest = _rest[place];
        var some = new Interval(0, UndoesAChosenOne(effect) ? 0 : count)
            .And(Times(effect.X, levels.X, needs.X, rest.X))
            .And(Times(effect.Y, levels.Y, needs.Y, rest.Y))
            .And(Times(effect.Gap, levels.Gap, needs.Gap, rest.Gap));
        for (var n = some.Low; n <= some.High && _steps <= StepsPerGoal; n++)
        {
            _chosen.Add((int)n);
            Choose(new(levels.X + (effect.X * n), levels.Y + (effect.Y * n)), needs, goal, moves);
            _chosen.RemoveAt(place);
        }
    }

    /// <summary>How often an effect may be added so that the level can still come to where it is needed.</summary>
    private static Interval Times(long effect, long level, Interval need, Interval rest)
    {
        if (need.IsAny)
            return Interval.Any;
        var low = need.Low - rest.High - level;
        var high = need.High - rest.Low - level;
        return effect switch
        {
            0 => low <= 0 && high >= 0 ? Interval.Any : new(1, 0),
            > 0 => new(DivideUp(low, effect), DivideDown(high, effect)),
            _ => new(DivideUp(-high, -effect), DivideDown(-low, -effect)),
        };
    }

    private static long DivideDown(long value, long by) => (value / by) - (value % by < 0 ? 1 : 0);

    private static long DivideUp(long value, long by) => (value / by) + (value % by > 0 ? 1 : 0);

    private bool UndoesAChosenOne(Effect effect)
    {
        for (var i = 0; i < _chosen.Count; i++)
        {
            if (_chosen[i] > 0 && _useful[i].Effect.X == -effect.X && _useful[i].Effect.Y == -effect.Y)
                return true;
        }

        return false;
    }

    /// <summary>Without any one of the chosen, and without any two, the goal would not fit.</summary>
    private bool IsLeast(Effect levels, in Needs needs)
    {
        for (var i = 0; i < _chosen.Count; i++)
        {
            if (_chosen[i] == 0)
                continue;
            var without = new Effect(levels.X - _useful[i].Effect.X, levels.Y - _useful[i].Effect.Y);
            if (needs.AreMetBy(without))
                return false;
            for (var j = i + 1; j < _chosen.Count; j++)
            {
                if (_chosen[j] > 0 && needs.AreMetBy(new(without.X - _useful[j].Effect.X, without.Y - _useful[j].Effect.Y)))
                    return false;
            }
        }

        return true;
    }

    private void AddWay(int goal, List<Move<TState>> moves)
    {
        var first = Free.Count;
        var cost = 0;
        var distance = 0L;
        var state = _state;
        for (var i = 0; i < _chosen.Count; i++)
        {
            for (var n = 0; n < _chosen[i]; n++)
            {
                var taken = Member(_useful[i].Id, n);
                if (!rules.TryApply(state, taken, out state))
                {
                    Free.RemoveRange(first, Free.Count - first);
                    return;
                }

                Free.Add(taken);
                cost += time.Ranks[taken] < 0 ? UnknownCost : AnsweredCost;
                distance += time.Ranks[taken] < 0 ? 0 : time.Ranks[taken] - time.Ranks[_running[0]];
            }
        }

        if (rules.TryApply(state, goal, out var next) && !LosesAnother(next, goal))
            moves.Add(new(goal, next, first, Free.Count - first, cost, distance, time.Ranks[goal] < 0 ? int.MaxValue : time.Ranks[goal]));
        else
            Free.RemoveRange(first, Free.Count - first);
    }

    private bool LosesAnother(in TState next, int operation)
    {
        foreach (var other in _classes)
        {
            if (other != operation && time.Ranks[other] >= 0 && rules.IsLost(next, other))
                return true;
        }

        return false;
    }

    /// <summary>The n-th of a class that can be taken here: answered ones by their returns, then unknown ones by their calls.</summary>
    private int Member(int kind, int n)
    {
        foreach (var i in _running)
        {
            if (time.Classes[i] == kind && n-- == 0)
                return i;
        }

        var u = time.UnknownIndex[kind];
        return time.UnknownMembers[u][_used[u] + n];
    }
}
