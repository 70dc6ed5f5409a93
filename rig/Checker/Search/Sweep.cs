using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Holdfast.Checker.Models;

namespace Holdfast.Checker.Search;

/// <summary>
/// Walks the returns in order and carries every configuration that is possible at each: those where the returning operation has been
/// taken go on. Where nothing is running, that is the set of possible states. Slower than a lucky search, but it holds only one
/// return's configurations at a time, so it can prove that a long history has no order.
/// </summary>
internal sealed class Sweep<TState> where TState : unmanaged, IEquatable<TState>
{
    private readonly Timeline _time;
    private readonly IRules<TState> _rules;
    private readonly int _slots;
    private readonly int _unknowns;
    private readonly List<int> _running = [];
    private readonly List<int> _open = [];
    private readonly int[] _used;
    private readonly Moves<TState> _moves;
    private readonly List<Move<TState>> _found = [];
    private readonly ulong[] _record;
    private ConfigurationSet _here;
    private ConfigurationSet _beyond;

    // For each configuration here that was reached by an operation of unknown outcome: the state before it.
    private readonly List<TState> _beforeUnknown = [];
    private readonly List<bool> _afterUnknown = [];
    private int _called;
    private long _looked;

    public Sweep(Timeline time, IRules<TState> rules)
    {
        _time = time;
        _rules = rules;
        _slots = time.SlotWords;
        _unknowns = time.UnknownWords;
        var words = _slots + _unknowns + Unsafe.SizeOf<TState>() / sizeof(ulong);
        _record = new ulong[words];
        _here = new ConfigurationSet(words);
        _beyond = new ConfigurationSet(words);
        _used = new int[time.UnknownClasses.Length];
        _moves = new Moves<TState>(time, rules);
    }

    public SearchResult Run(long configurations, int held)
    {
        WriteState(_record, _rules.Initial);
        _here.Add(_record);
        for (var rank = 0; rank < _time.ByReturn.Length; rank++)
        {
            var barrier = _time.ByReturn[rank];
            AdmitCalls(_time.Returns[barrier]);
            Forget();
            for (var i = 0; i < _here.Count; i++)
            {
                _looked++;
                if (_looked > configurations
                    || _here.Count + _beyond.Count > held
                    || _here.Words + _beyond.Words + _rules.HeldWords > CheckLimits.HeldWords)
                    return new(Verdict.Undecided, -1, _looked);
                Expand(i, barrier);
            }

            if (_beyond.Count == 0)
                return _moves.IsIncomplete ? new(Verdict.Undecided, -1, _looked) : new(Verdict.Violation, barrier, _looked);
            _running.Remove(barrier);
            (_here, _beyond) = (_beyond, _here);
            _beyond.Clear();
        }

        return new(Verdict.Linearizable, -1, _looked);
    }

    private void AdmitCalls(long until)
    {
        for (; _called < _time.Calls.Length && _time.Calls[_called] <= until; _called++)
        {
            var rank = _time.Ranks[_called];
            if (rank < 0)
                continue;
            var place = _running.Count;
            while (place > 0 && _time.Ranks[_running[place - 1]] > rank)
                place--;
            _running.Insert(place, _called);
        }
    }

    private void Forget()
    {
        _beforeUnknown.Clear();
        _afterUnknown.Clear();
        for (var i = 0; i < _here.Count; i++)
        {
            _beforeUnknown.Add(default);
            _afterUnknown.Add(false);
        }
    }

    private void Expand(int index, int barrier)
    {
        var from = _here[index];
        if (IsTaken(from, barrier))
        {
            from.CopyTo(_record);
            FlipSlot(_record, barrier);
            _beyond.Add(_record);
            return;
        }

        var state = ReadState(from);
        _open.Clear();
        foreach (var i in _running)
        {
            if (!IsTaken(from, i))
                _open.Add(i);
        }

        for (var u = 0; u < _used.Length; u++)
            _used[u] = UsedUnknown(from, u);
        _found.Clear();
        _moves.Free.Clear();
        _moves.Find(state, _open, _used, _afterUnknown[index], _beforeUnknown[index], _found);
        for (var goal = 0; goal < _moves.Goals.Count; goal++)
            _moves.AddWaysTo(_moves.Goals[goal], _found);
        foreach (var move in _found)
            Take(index, state, move, barrier);
    }

    private void Take(int index, in TState before, in Move<TState> move, int barrier)
    {
        _here[index].CopyTo(_record);
        WriteState(_record, move.Next);
        for (var i = 0; i < move.FreeCount; i++)
            Mark(_moves.Free[move.FirstFree + i]);
        if (move.Operation == barrier)
        {
            _beyond.Add(_record);
            return;
        }

        Mark(move.Operation);
        if (!_here.Add(_record))
            return;
        _beforeUnknown.Add(before);
        _afterUnknown.Add(move.FreeCount == 0 && _time.Ranks[move.Operation] < 0);
    }

    private void Mark(int operation)
    {
        if (_time.Ranks[operation] >= 0)
        {
            FlipSlot(_record, operation);
            return;
        }

        var shift = _time.UnknownShift[_time.UnknownIndex[_time.Classes[operation]]];
        _record[_slots + (shift >> 6)] += 1UL << (shift & 63);
    }

    private bool IsTaken(ReadOnlySpan<ulong> record, int operation) =>
        (record[_time.Slots[operation] >> 6] >> (_time.Slots[operation] & 63) & 1) != 0;

    private void FlipSlot(Span<ulong> record, int operation) =>
        record[_time.Slots[operation] >> 6] ^= 1UL << (_time.Slots[operation] & 63);

    private int UsedUnknown(ReadOnlySpan<ulong> record, int u)
    {
        var shift = _time.UnknownShift[u];
        var bits = 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)_time.UnknownMembers[u].Length);
        return (int)(record[_slots + (shift >> 6)] >> (shift & 63) & ((1UL << bits) - 1));
    }

    private TState ReadState(ReadOnlySpan<ulong> record) => MemoryMarshal.Read<TState>(MemoryMarshal.AsBytes(record[(_slots + _unknowns)..]));

    private void WriteState(Span<ulong> record, in TState state) => MemoryMarshal.Write(MemoryMarshal.AsBytes(record[(_slots + _unknowns)..]), state);
}
