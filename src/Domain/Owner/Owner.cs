using Holdfast.Contracts;

namespace Holdfast.Domain.Owner;

/// <summary>
/// The engine of one owner: its state as decided, ahead of what is stored, and the decisions that are not submitted yet. Each decision
/// is made against the newest state and at the stream's own time; those that are made while an append is in flight leave as the next one.
/// It knows no store, no clock and no Orleans: a silo hosts it, and so does a simulation.
/// </summary>
/// <param name="kind">What it is.</param>
/// <param name="state">What its history says, up to <paramref name="version"/>; changed in place from now on.</param>
/// <param name="version">Of the last event; 0 when there is none.</param>
/// <param name="lastRecorded">When that was decided.</param>
/// <param name="admit">Asked before anything is recorded; it throws when there is no room for more.</param>
public sealed class Owner<TState, TEvent>(
    OwnerKind<TState, TEvent> kind, TState state, long version, DateTimeOffset lastRecorded, Action? admit = null)
    where TState : class, IOwnerState<TEvent>
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

    /// <summary>How often an operation's id has come again with other content.</summary>
    public int KeysReused { get; private set; }

    public bool HasUnsent => _open is not null || _waiting.Count > 0;

    /// <summary>The last append that is not submitted, and whose success says that nobody had overtaken this owner by then; or null.</summary>
    public PendingAppend<TEvent>? LastUnsent => _open ?? (_waiting.Count > 0 ? _waiting.Last() : null);

    /// <summary>One moment for all decisions of an append, and never before the last recorded one.</summary>
    public DateTimeOffset Now(DateTimeOffset clock)
    {
        if (_open is not null) return _open.At;
        var time = DateTimeOffset.FromUnixTimeMilliseconds(clock.ToUnixTimeMilliseconds());
        return time > _lastRecorded ? time : _lastRecorded;
    }

    /// <summary>Records what the rule decides, on the state as time has made it.</summary>
    /// <exception cref="InvariantViolationException">The state breaks an invariant now: the owner must not be used any more.</exception>
    public TOutcome Decide<TCommand, TOutcome>(
        TCommand command, Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TOutcome>> rule, DateTimeOffset clock)
    {
        var now = Elapse(clock);
        return Record(rule(state, command, now), now);
    }

    /// <summary>Decides an operation once: when it comes again, it gets its first answer and nothing is decided.</summary>
    /// <param name="operation">Under whose id the state keeps its receipt.</param>
    /// <param name="again">Tells the first answer by its receipt; null when the id was used for something else.</param>
    /// <exception cref="FencedException">A later holder of the lease has been here, or there is no room for one more.</exception>
    /// <exception cref="InvariantViolationException">The state breaks an invariant now: the owner must not be used any more.</exception>
    public TOutcome DecideOnce<TCommand, TOutcome>(
        Operation operation,
        TCommand command,
        Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TOutcome>> rule,
        Func<TState, TCommand, Receipt?, TOutcome> again,
        DateTimeOffset clock)
    {
        var now = Elapse(clock);
        if (state.TryGetReceipt(operation.Id, out var receipt))
        {
            if (receipt.Answers(operation.Fingerprint)) return again(state, command, receipt);
            KeysReused++;
            return again(state, command, null);
        }

        // Behind the receipt: what was accepted once is told again, whoever holds the lease by now.
        if (operation.Fence is { } fence) Pass(fence, now);

        return Record(rule(state, command, now), now);
    }

    /// <summary>An answer from the state as time has made it; it changes nothing itself.</summary>
    /// <exception cref="InvariantViolationException">The state breaks an invariant now: the owner must not be used any more.</exception>
    public TAnswer Read<TQuestion, TAnswer>(
        TQuestion question, Func<TState, TQuestion, DateTimeOffset, TAnswer> answer, DateTimeOffset clock)
    {
        var now = Elapse(clock);
        return answer(state, question, now);
    }

    /// <summary>The oldest append that is not submitted; null when there is none.</summary>
    public PendingAppend<TEvent>? TakeNext()
    {
        if (_waiting.Count == 0)
        {
            if (_open is null) return null;
            CloseOpen();
        }

        return _waiting.Dequeue();
    }

    /// <summary>An append of no decision, for what is added while it is sealed.</summary>
    public PendingAppend<TEvent> OpenEmpty(DateTimeOffset clock)
    {
        var append = new PendingAppend<TEvent>(Now(clock));
        _lastRecorded = append.At;
        return append;
    }

    /// <summary>The event of an append that was taken already. It takes the next version: nothing newer may have been decided.</summary>
    public void AddTo(PendingAppend<TEvent> taken, TEvent @event)
    {
        taken.Events.Add(@event);
        taken.Published |= kind.Publishes(@event);
        state.Apply(@event, ++_version, taken.At);
    }

    /// <summary>Whoever waits for what is not submitted is told.</summary>
    public void FailUnsent(RetryableException reason)
    {
        foreach (var pending in _waiting) pending.Fail(reason);
        _open?.Fail(reason);
        _waiting.Clear();
        _open = null;
    }

    /// <summary>Records what has come due by time alone; it goes before every decision. Returns the stream's time.</summary>
    private DateTimeOffset Elapse(DateTimeOffset clock)
    {
        var now = Now(clock);
        if (state.Elapse(now) is { } elapsed)
        {
            admit?.Invoke();
            Record(elapsed, now);
        }

        return now;
    }

    /// <summary>
    /// Refuses a term of a lease when a later one has been here. One that is later itself is remembered whatever the rule then says: from
    /// the moment at which its holder was answered, all earlier ones are over.
    /// </summary>
    private void Pass(Fence fence, DateTimeOffset now)
    {
        var newest = state.Fences.NewestOf(fence.Name);
        if (fence.Number < newest) throw new FencedException(fence, newest);
        if (fence.Number == newest) return;
        if (newest == 0 && state.Fences?.Length >= Limits.FenceNames) throw new FencedException(fence, newest);
        admit?.Invoke();
        Record(kind.FenceSeen(fence.Name, fence.Number), now);
    }

    private TOutcome Record<TOutcome>(in Decision<TEvent, TOutcome> decision, DateTimeOffset now)
    {
        if (decision.Events.Length == 0) return decision.Outcome;
        admit?.Invoke();
        foreach (var @event in decision.Events) Record(@event, now);
        state.Check();
        return decision.Outcome;
    }

    /// <exception cref="InvariantViolationException">The state takes no such event, and may have taken a part of it.</exception>
    private void Record(TEvent @event, DateTimeOffset now)
    {
        try
        {
            RecordNow(@event, now);
        }
        catch (Exception failure) when (failure is not InvariantViolationException)
        {
            // It would be stored with the next decision, and fail each time that the owner is loaded.
            throw new InvariantViolationException($"{@event.GetType().Name} cannot be applied: {failure.Message}", failure);
        }
    }

    private void RecordNow(TEvent @event, DateTimeOffset now)
    {
        var erases = kind.Erases(@event);
        if (erases && _open is not null) CloseOpen();
        _open ??= new(now) { Erases = erases };
        _lastRecorded = now;
        _open.Events.Add(@event);
        _open.Published |= kind.Publishes(@event);
        state.Apply(@event, ++_version, now);
        if (kind.MessageAfter(state, @event) is { } message) _open.Messages.Add(message);
        if (state.Beside is { } beside) _open.Add(beside);
        if (erases) CloseOpen();
    }

    private void CloseOpen()
    {
        _waiting.Enqueue(_open!);
        _open = null;
    }
}
