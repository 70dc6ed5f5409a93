using Holdfast.Contracts;

namespace Holdfast.Grains.GroupCommit;

/// <summary>
/// The engine of one owner: its state as decided, ahead of what is stored, and the decisions that are not submitted yet. Each decision
/// is made against the newest state and at the stream's own time; those that are made while an append is in flight leave as the next one.
/// It knows no store, no clock and no Orleans: a silo hosts it, and so does a simulation.
/// </summary>
/// <param name="definition">Of its kind.</param>
/// <param name="state">What its history says, up to <paramref name="version"/>; changed in place from now on.</param>
/// <param name="version">Of the last event; 0 when there is none.</param>
/// <param name="lastRecorded">When that was decided.</param>
/// <param name="admit">Asked before anything is recorded; it throws when there is no room for more.</param>
public sealed class Owner<TState, TEvent>(
    StreamDefinition<TState, TEvent> definition, TState state, long version, DateTimeOffset lastRecorded, Action? admit = null)
    where TState : class
    where TEvent : class
{
    private readonly Queue<PendingAppend<TEvent>> _waiting = [];
    private PendingAppend<TEvent>? _open;
    private DateTimeOffset _lastRecorded = lastRecorded;
    private long _version = version;

    public TState State => state;

    /// <summary>Of the last event that was decided. May be read on any thread.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Events that the next decision would join.</summary>
    public int Collected => _open?.Events.Count ?? 0;

    public bool HasUnsent => _open is not null || _waiting.Count > 0;

    /// <summary>The last append that is not submitted, and whose success says that nobody had overtaken this owner by then; or null.</summary>
    internal PendingAppend<TEvent>? LastUnsent => _open ?? (_waiting.Count > 0 ? _waiting.Last() : null);

    /// <summary>One moment for all decisions of an append, and never before the last recorded one.</summary>
    public DateTimeOffset Now(DateTimeOffset clock)
    {
        if (_open is not null) return _open.At;
        var time = DateTimeOffset.FromUnixTimeMilliseconds(clock.ToUnixTimeMilliseconds());
        return time > _lastRecorded ? time : _lastRecorded;
    }

    /// <summary>What has come due is recorded first, then what the rule decides.</summary>
    /// <exception cref="InvariantViolationException">The state breaks an invariant now: the owner must not be used any more.</exception>
    public TOutcome Decide<TCommand, TOutcome>(
        TCommand command, Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TOutcome>> rule, DateTimeOffset clock)
    {
        var now = Now(clock);
        if (definition.Elapse(state, now) is { } elapsed)
        {
            admit?.Invoke();
            Record(elapsed, now);
        }

        var decision = rule(state, command, now);
        if (decision.Events.Length > 0)
        {
            admit?.Invoke();
            foreach (var @event in decision.Events) Record(@event, now);
            definition.Check(state);
        }

        return decision.Outcome;
    }

    /// <summary>The oldest append that is not submitted; null when there is none.</summary>
    internal PendingAppend<TEvent>? TakeNext()
    {
        if (_waiting.Count == 0)
        {
            if (_open is null) return null;
            CloseOpen();
        }

        return _waiting.Dequeue();
    }

    /// <summary>An append of no decision, for what is added while it is sealed.</summary>
    internal PendingAppend<TEvent> OpenEmpty(DateTimeOffset clock)
    {
        var append = new PendingAppend<TEvent>(Now(clock));
        _lastRecorded = append.At;
        return append;
    }

    /// <summary>The event of an append that was taken already. It takes the next version: nothing newer may have been decided.</summary>
    internal void AddTo(PendingAppend<TEvent> taken, TEvent @event)
    {
        taken.Events.Add(@event);
        definition.Apply(state, @event, ++_version, taken.At);
    }

    /// <summary>Whoever waits for what is not submitted is told.</summary>
    internal void FailUnsent(RetryableException reason)
    {
        foreach (var pending in _waiting) pending.Fail(reason);
        _open?.Fail(reason);
        _waiting.Clear();
        _open = null;
    }

    private void Record(TEvent @event, DateTimeOffset now)
    {
        var erases = definition.Erases(@event);
        if (erases && _open is not null) CloseOpen();
        _open ??= new(now) { Erases = erases };
        _lastRecorded = now;
        _open.Events.Add(@event);
        definition.Apply(state, @event, ++_version, now);
        if (definition.MessageAfter(state, @event) is { } message) _open.Messages.Add(message);
        if (definition.BesideAfter(state, @event) is { } beside) _open.Add(beside);
        if (erases) CloseOpen();
    }

    private void CloseOpen()
    {
        _waiting.Enqueue(_open!);
        _open = null;
    }
}
