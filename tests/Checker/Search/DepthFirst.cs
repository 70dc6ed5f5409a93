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
    private struct Candidate
    {
        public int Operation;
        public TState Next;
        public int Unpinned;
        public long Distance;
        public int Rank;
    }

    private struct Step
    {
        public TState Before;
        public int Taken;
        public int FrontierBefore;
        public int FirstCandidate;
        public int NextCandidate;
    }

    private readonly Timeline _time;
    private readonly IRules<TState> _rules;
    private readonly ConfigurationSet _seen;
    private readonly ulong[] _record;
    private readonly int[] _usedUnknown;
    private readonly bool[] _taken;

    // Answered operations that are not taken yet, linked in order of their calls; the last place is the ring's head.
    private readonly int[] _after;
    private readonly int[] _before;

    private readonly int[] _classStamp;
    private readonly int[] _classCandidate;
    private readonly List<Candidate> _candidates = [];
    private readonly List<Step> _steps = [];
    private TState _state;
    private int _frontier;
    private int _answered;
    private int _stamp;

    // The candidates of the step that is open: those before _openNext have been tried.
    private int _openFirst;
    private int _openNext;

    public DepthFirst(Timeline time, IRules<TState> rules)
    {
        _time = time;
        _rules = rules;
        var words = 1 + time.SlotWords + time.UnknownWords + Unsafe.SizeOf<TState>() / sizeof(ulong);
        _seen = new ConfigurationSet(words);
        _record = new ulong[words];
        _usedUnknown = new int[time.UnknownClasses.Length];
        _taken = new bool[time.Calls.Length];
        _classStamp = new int[time.ClassCount];
        _classCandidate = new int[time.ClassCount];
        _state = rules.Initial;
        var head = time.Calls.Length;
        _after = new int[head + 1];
        _before = new int[head + 1];
        var last = head;
        for (var i = 0; i < head; i++)
        {
            if (time.Ranks[i] < 0)
                continue;
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
        FindCandidates(-1, default);
        while (true)
        {
            if (_frontier == _time.ByReturn.Length)
            {
                if (keepLongest)
                    KeepLongest();
                return new(Verdict.Linearizable, -1, _seen.Count);
            }

            if (keepLongest && (_frontier > furthest || (_frontier == furthest && _answered > longest)))
            {
                longest = _answered;
                KeepLongest();
            }

            furthest = Math.Max(furthest, _frontier);
            if (_seen.Count >= configurations || _seen.Words + _rules.HeldWords > CheckLimits.HeldWords)
                return new(Verdict.Undecided, -1, _seen.Count);
            if (!Forward() && !Back())
                return new(Verdict.Violation, _time.ByReturn[furthest], _seen.Count);
        }
    }

    /// <summary>Takes the next candidate that leads to a new configuration; false when there is none.</summary>
    private bool Forward()
    {
        while (_openNext < _candidates.Count)
        {
            var candidate = _candidates[_openNext++];
            var step = new Step
            {
                Before = _state,
                Taken = candidate.Operation,
                FrontierBefore = _frontier,
                FirstCandidate = _openFirst,
                NextCandidate = _openNext,
            };
            Take(candidate.Operation, candidate.Next);
            if (_seen.Add(Record()))
            {
                _steps.Add(step);
                FindCandidates(_time.Ranks[candidate.Operation] < 0 ? candidate.Operation : -1, step.Before);
                return true;
            }

            Undo(step);
        }

        return false;
    }

    private bool Back()
    {
        if (_steps.Count == 0)
            return false;
        _candidates.RemoveRange(_openFirst, _candidates.Count - _openFirst);
        var step = _steps[^1];
        _steps.RemoveAt(_steps.Count - 1);
        Undo(step);
        _openFirst = step.FirstCandidate;
        _openNext = step.NextCandidate;
        return true;
    }

    /// <param name="unknown">The operation just taken, if its outcome is unknown, else −1.</param>
    /// <param name="beforeUnknown">The state before it.</param>
    private void FindCandidates(int unknown, in TState beforeUnknown)
    {
        _openFirst = _openNext = _candidates.Count;
        if (_frontier == _time.ByReturn.Length)
            return;
        var barrier = _time.ByReturn[_frontier];
        if (_rules.IsLost(_state, barrier))
            return;
        var last = _time.Returns[barrier];
        var target = -1;
        _stamp++;
        for (var i = _after[_time.Calls.Length]; i < _time.Calls.Length && _time.Calls[i] <= last; i = _after[i])
        {
            var kind = _time.Classes[i];
            if (_classStamp[kind] == _stamp)
            {
                PreferEarlierReturn(_classCandidate[kind], i, ref target);
                continue;
            }

            _classStamp[kind] = _stamp;
            _classCandidate[kind] = -1;
            if (!_rules.TryApply(_state, i, out var next))
            {
                _classCandidate[kind] = -2;
                if (_rules.IsPinned(i) && (target < 0 || _time.Ranks[i] < _time.Ranks[target]))
                    target = i;
                continue;
            }

            if (next.Equals(_state))
            {
                // An operation that changes nothing can move to here from wherever an order has it: no other choice is needed.
                _candidates.RemoveRange(_openFirst, _candidates.Count - _openFirst);
                _candidates.Add(new Candidate { Operation = i, Next = next });
                return;
            }

            if (unknown >= 0 && IsRedundant(beforeUnknown, i, next))
                continue;
            _classCandidate[kind] = _candidates.Count;
            _candidates.Add(new Candidate { Operation = i, Next = next, Rank = _time.Ranks[i], Unpinned = _rules.IsPinned(i) ? 0 : 1 });
        }

        AddUnknowns(last, unknown, beforeUnknown);
        Sort(target);
    }

    /// <summary>Of two operations that may swap places, the one that must return first goes first.</summary>
    private void PreferEarlierReturn(int candidate, int other, ref int target)
    {
        if (candidate >= 0)
        {
            ref var kept = ref CollectionsMarshal.AsSpan(_candidates)[candidate];
            if (_time.Ranks[other] < kept.Rank)
                (kept.Operation, kept.Rank) = (other, _time.Ranks[other]);
        }
        else if (candidate == -2 && _rules.IsPinned(other) && _time.Ranks[other] < _time.Ranks[target])
        {
            target = other;
        }
    }

    private void AddUnknowns(long last, int unknown, in TState beforeUnknown)
    {
        for (var u = 0; u < _usedUnknown.Length; u++)
        {
            // An answered operation of the same class is running: it has to go somewhere anyway, so it goes first.
            if (_classStamp[_time.UnknownClasses[u]] == _stamp || _usedUnknown[u] == _time.UnknownMembers[u].Length)
                continue;
            var i = _time.UnknownMembers[u][_usedUnknown[u]];
            if (_time.Calls[i] > last || !_rules.TryApply(_state, i, out var next) || next.Equals(_state))
                continue;
            if (unknown >= 0 && IsRedundant(beforeUnknown, i, next))
                continue;
            _candidates.Add(new Candidate { Operation = i, Next = next, Rank = int.MaxValue, Unpinned = 2 });
        }
    }

    /// <summary>
    /// The operation of unknown outcome before this one left no trace: the same state is reached without it, where it can still
    /// happen later or never. That way is searched too, so this one need not be.
    /// </summary>
    private bool IsRedundant(in TState beforeUnknown, int operation, in TState next) =>
        _rules.TryApply(beforeUnknown, operation, out var without) && without.Equals(next);

    /// <summary>Answers that fit only here first, then towards the next answer that must fit, then what must return first.</summary>
    private void Sort(int target)
    {
        var open = CollectionsMarshal.AsSpan(_candidates)[_openFirst..];
        if (target >= 0)
        {
            foreach (ref var candidate in open)
                candidate.Distance = _rules.Distance(candidate.Next, target);
        }

        open.Sort(static (a, b) =>
            a.Unpinned != b.Unpinned ? a.Unpinned.CompareTo(b.Unpinned)
            : a.Distance != b.Distance ? a.Distance.CompareTo(b.Distance)
            : a.Rank.CompareTo(b.Rank));
    }

    private void Take(int operation, in TState next)
    {
        _state = next;
        var rank = _time.Ranks[operation];
        if (rank < 0)
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
        if (_time.Ranks[step.Taken] < 0)
        {
            CountUnknown(step.Taken, -1);
            return;
        }

        while (_frontier > step.FrontierBefore)
            FlipSlot(_time.ByReturn[--_frontier]);
        FlipSlot(step.Taken);
        _taken[step.Taken] = false;
        _answered--;
        _after[_before[step.Taken]] = step.Taken;
        _before[_after[step.Taken]] = step.Taken;
    }

    private void FlipSlot(int operation) => _record[1 + (_time.Slots[operation] >> 6)] ^= 1UL << (_time.Slots[operation] & 63);

    private void CountUnknown(int operation, int by)
    {
        var u = Array.IndexOf(_time.UnknownClasses, _time.Classes[operation]);
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
        for (var i = 0; i < _steps.Count; i++)
            Longest.Add((_steps[i].Taken, i + 1 < _steps.Count ? _steps[i + 1].Before : _state));
    }
}
