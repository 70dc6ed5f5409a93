using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Holdfast.Checker.Models;

namespace Holdfast.Checker.Search;

/// <summary>
/// Looks for one order that explains the history: takes one operation after another that may be next in real time and fits the state,
/// and goes back where nothing fits. What was taken and the state make a configuration; none is entered twice (Wing and Gong's search
/// with Lowe's memory). Quick when there is an order; to prove that there is none it must hold every configuration.
/// </summary>
internal sealed class DepthFirst<TState> where TState : unmanaged, IEquatable<TState>
{
    private struct Step
    {
        public TState Before;
        public TState BeforeUnknown;
        public bool AfterUnknown;
        public int FrontierBefore;
        public Move<TState> Move;
        public int FirstMove;
        public int NextMove;
        public int FirstFree;
    }

    private readonly Timeline _time;
    private readonly IRules<TState> _rules;
    private readonly Moves<TState> _moves;
    private readonly ConfigurationSet _seen;
    private readonly ulong[] _record;
    private readonly int[] _usedUnknown;
    private readonly bool[] _taken;

    // How far from the guessed order an operation may be taken; 0 when no order is guessed.
    private readonly int _window;

    // Answered operations that are not taken yet, linked in order of their calls or as guessed; the last place is the ring's head.
    private readonly int[] _after;
    private readonly int[] _before;

    private readonly List<int> _running = [];
    private readonly List<Move<TState>> _found = [];
    private readonly List<Step> _steps = [];
    private TState _state;
    private int _frontier;
    private int _answered;

    // The step that is open: where its moves begin, the next to be tried, where their free operations begin.
    private int _firstMove;
    private int _nextMove;
    private int _firstFree;
    private bool _afterUnknown;
    private TState _beforeUnknown;

    /// <summary>Searches all orders.</summary>
    public DepthFirst(Timeline time, IRules<TState> rules)
        : this(time, rules, Enumerable.Range(0, time.Calls.Length).Where(i => time.Ranks[i] >= 0), 0)
    {
    }

    /// <summary>
    /// Searches the orders that are near to one: those in which each operation comes before all but <paramref name="window"/> − 1 of the
    /// operations that should have come before it. Finding none proves nothing.
    /// </summary>
    public DepthFirst(Timeline time, IRules<TState> rules, IEnumerable<int> guess, int window)
    {
        _window = window;
        _time = time;
        _rules = rules;
        _moves = new Moves<TState>(time, rules);
        var words = 1 + time.SlotWords + time.UnknownWords + Unsafe.SizeOf<TState>() / sizeof(ulong);
        _seen = new ConfigurationSet(words);
        _record = new ulong[words];
        _usedUnknown = new int[time.UnknownClasses.Length];
        _taken = new bool[time.Calls.Length];
        _state = rules.Initial;
        var head = time.Calls.Length;
        _after = new int[head + 1];
        _before = new int[head + 1];
        var last = head;
        foreach (var i in guess)
        {
            _after[last] = i;
            _before[i] = last;
            last = i;
        }

        _after[last] = head;
        _before[head] = last;
    }

    /// <summary>The order that got furthest, when <see cref="Run"/> was asked to keep it.</summary>
    public List<(int Operation, TState After)> Longest { get; } = [];

    public SearchResult Run(long configurations, bool keepLongest = false)
    {
        var furthest = 0;
        var longest = -1;
        Open();
        while (true)
        {
            if (keepLongest && (_frontier > furthest || (_frontier == furthest && _answered > longest)))
            {
                longest = _answered;
                KeepLongest();
            }

            if (_frontier == _time.ByReturn.Length)
                return new(Verdict.Linearizable, -1, _seen.Count);
            furthest = Math.Max(furthest, _frontier);
            if (_seen.Count >= configurations || _seen.Words + _rules.HeldWords > CheckLimits.HeldWords)
                return new(Verdict.Undecided, -1, _seen.Count);
            if (Forward() || Back())
                continue;
            return _moves.IsIncomplete || _window > 0
                ? new(Verdict.Undecided, -1, _seen.Count)
                : new(Verdict.Violation, _time.ByReturn[furthest], _seen.Count);
        }
    }

    private void Open()
    {
        (_firstMove, _nextMove, _firstFree) = (_found.Count, _found.Count, _moves.Free.Count);
        if (_frontier == _time.ByReturn.Length)
            return;
        if (_window > 0)
            FindNearMoves();
        else
            FindMoves();
        Sort();
    }

    /// <summary>Makes the next move that leads to a new configuration; false when there is none.</summary>
    private bool Forward()
    {
        while (_nextMove < _found.Count)
        {
            if (TryMove(_found[_nextMove++]))
                return true;
        }

        return false;
    }

    private bool TryMove(in Move<TState> move)
    {
        var step = new Step
        {
            Before = _state,
            BeforeUnknown = _beforeUnknown,
            AfterUnknown = _afterUnknown,
            FrontierBefore = _frontier,
            Move = move,
            FirstMove = _firstMove,
            NextMove = _nextMove,
            FirstFree = _firstFree,
        };
        for (var i = 0; i < move.FreeCount; i++)
            Take(_moves.Free[move.FirstFree + i]);
        Take(move.Operation);
        _state = move.Next;
        if (!_seen.Add(Record()))
        {
            Undo(step);
            return false;
        }

        _steps.Add(step);
        _afterUnknown = move.FreeCount == 0 && _time.Ranks[move.Operation] < 0;
        _beforeUnknown = step.Before;
        Open();
        return true;
    }

    private void FindMoves()
    {
        var until = _time.Returns[_time.ByReturn[_frontier]];
        _running.Clear();
        for (var i = _after[_time.Calls.Length]; i < _time.Calls.Length && _time.Calls[i] <= until; i = _after[i])
            _running.Add(_time.Ranks[i]);
        CollectionsMarshal.AsSpan(_running).Sort();
        foreach (ref var running in CollectionsMarshal.AsSpan(_running))
            running = _time.ByReturn[running];
        _moves.Find(_state, _running, _usedUnknown, _afterUnknown, _beforeUnknown, _found);
        foreach (var goal in _moves.Goals)
            _moves.AddWaysTo(goal, _found);
    }

    private void FindNearMoves()
    {
        var barrier = _time.ByReturn[_frontier];
        var until = _time.Returns[barrier];
        _running.Clear();
        var seen = 0;
        for (var i = _after[_time.Calls.Length]; i < _time.Calls.Length && seen < _window; i = _after[i], seen++)
        {
            if (_time.Calls[i] <= until)
                _running.Add(i);
        }

        _moves.FindEach(_state, barrier, _running, _usedUnknown, _found);
    }

    private void Sort() => CollectionsMarshal.AsSpan(_found)[_firstMove..].Sort(static (a, b) =>
        a.Cost != b.Cost ? a.Cost.CompareTo(b.Cost)
        : a.Distance != b.Distance ? a.Distance.CompareTo(b.Distance)
        : a.Rank.CompareTo(b.Rank));

    private bool Back()
    {
        if (_steps.Count == 0)
            return false;
        _found.RemoveRange(_firstMove, _found.Count - _firstMove);
        _moves.Free.RemoveRange(_firstFree, _moves.Free.Count - _firstFree);
        var step = _steps[^1];
        _steps.RemoveAt(_steps.Count - 1);
        Undo(step);
        (_firstMove, _nextMove, _firstFree) = (step.FirstMove, step.NextMove, step.FirstFree);
        (_afterUnknown, _beforeUnknown) = (step.AfterUnknown, step.BeforeUnknown);
        return true;
    }

    private void Take(int operation)
    {
        if (_time.Ranks[operation] < 0)
        {
            CountUnknown(operation, 1);
            return;
        }

        _taken[operation] = true;
        _answered++;
        _after[_before[operation]] = _after[operation];
        _before[_after[operation]] = _before[operation];
        FlipSlot(operation);
        for (; _frontier < _time.ByReturn.Length && _taken[_time.ByReturn[_frontier]]; _frontier++)
            FlipSlot(_time.ByReturn[_frontier]);
    }

    private void Undo(in Step step)
    {
        _state = step.Before;
        while (_frontier > step.FrontierBefore)
            FlipSlot(_time.ByReturn[--_frontier]);
        PutBack(step.Move.Operation);
        for (var i = step.Move.FreeCount - 1; i >= 0; i--)
            PutBack(_moves.Free[step.Move.FirstFree + i]);
    }

    private void PutBack(int operation)
    {
        if (_time.Ranks[operation] < 0)
        {
            CountUnknown(operation, -1);
            return;
        }

        FlipSlot(operation);
        _taken[operation] = false;
        _answered--;
        _after[_before[operation]] = operation;
        _before[_after[operation]] = operation;
    }

    private void FlipSlot(int operation) => _record[1 + (_time.Slots[operation] >> 6)] ^= 1UL << (_time.Slots[operation] & 63);

    private void CountUnknown(int operation, int by)
    {
        var u = _time.UnknownIndex[_time.Classes[operation]];
        _usedUnknown[u] += by;
        var shift = _time.UnknownShift[u];
        _record[1 + _time.SlotWords + (shift >> 6)] += (ulong)(long)by << (shift & 63);
    }

    private ReadOnlySpan<ulong> Record()
    {
        _record[0] = (ulong)_frontier;
        MemoryMarshal.Write(MemoryMarshal.AsBytes(_record.AsSpan(1 + _time.SlotWords + _time.UnknownWords)), _state);
        return _record;
    }

    private void KeepLongest()
    {
        Longest.Clear();
        foreach (var step in _steps)
        {
            var state = step.Before;
            for (var i = 0; i <= step.Move.FreeCount; i++)
            {
                var operation = i < step.Move.FreeCount ? _moves.Free[step.Move.FirstFree + i] : step.Move.Operation;
                _ = _rules.TryApply(state, operation, out state);
                Longest.Add((operation, state));
            }
        }
    }
}
