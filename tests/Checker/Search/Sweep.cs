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
    private const int BareState = -1;

    private readonly Timeline _time;
    private readonly IRules<TState> _rules;
    private readonly int _slots;
    private readonly int _unknowns;
    private readonly List<int> _running = [];
    private readonly int[] _classStamp;
    private readonly ulong[] _record;
    private ConfigurationSet _here;
    private ConfigurationSet _beyond;

    // For each configuration here that was reached by an operation of unknown outcome: the state before it.
    private readonly List<TState> _beforeUnknown = [];
    private readonly List<bool> _afterUnknown = [];
    private int _called;
    private int _stamp;
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
        _classStamp = new int[time.ClassCount];
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
                return new(Verdict.Violation, barrier, _looked);
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
        if (_rules.IsLost(state, barrier) || TakeUnchanging(index, state, barrier))
            return;
        _stamp++;
        var until = _time.Returns[barrier];
        foreach (var i in _running)
        {
            if (IsTaken(_here[index], i) || _classStamp[_time.Classes[i]] == _stamp)
                continue;
            _classStamp[_time.Classes[i]] = _stamp;
            if (_rules.TryApply(state, i, out var next) && !IsRedundant(index, i, next))
                Take(index, i, state, next, barrier);
        }

        for (var u = 0; u < _time.UnknownClasses.Length; u++)
        {
            var used = UsedUnknown(_here[index], u);
            if (used == _time.UnknownMembers[u].Length || _classStamp[_time.UnknownClasses[u]] == _stamp)
                continue;
            var i = _time.UnknownMembers[u][used];
            if (_time.Calls[i] <= until && _rules.TryApply(state, i, out var next) && !next.Equals(state) && !IsRedundant(index, i, next))
                TakeUnknown(index, u, state, next);
        }
    }

    /// <summary>An operation that changes nothing goes first, without an alternative; see the depth-first search.</summary>
    private bool TakeUnchanging(int index, in TState state, int barrier)
    {
        _stamp++;
        foreach (var i in _running)
        {
            if (IsTaken(_here[index], i) || _classStamp[_time.Classes[i]] == _stamp)
                continue;
            _classStamp[_time.Classes[i]] = _stamp;
            if (!_rules.TryApply(state, i, out var next) || !next.Equals(state))
                continue;
            Take(index, i, state, next, barrier);
            return true;
        }

        return false;
    }

    private void Take(int index, int operation, in TState before, in TState next, int barrier)
    {
        _here[index].CopyTo(_record);
        WriteState(_record, next);
        if (operation == barrier)
        {
            _beyond.Add(_record);
            return;
        }

        FlipSlot(_record, operation);
        AddHere(before, BareState);
    }

    private void TakeUnknown(int index, int u, in TState before, in TState next)
    {
        _here[index].CopyTo(_record);
        WriteState(_record, next);
        _record[_slots + (_time.UnknownShift[u] >> 6)] += 1UL << (_time.UnknownShift[u] & 63);
        AddHere(before, u);
    }

    private void AddHere(in TState before, int unknown)
    {
        if (!_here.Add(_record))
            return;
        _beforeUnknown.Add(before);
        _afterUnknown.Add(unknown != BareState);
    }

    private bool IsRedundant(int index, int operation, in TState next) =>
        _afterUnknown[index] && _rules.TryApply(_beforeUnknown[index], operation, out var without) && without.Equals(next);

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
