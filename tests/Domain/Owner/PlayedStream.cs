using System.Text.Json;
using Holdfast.Contracts;
using Holdfast.Domain.Inventory;
using Holdfast.Domain.Owner;

namespace Holdfast.Tests.Domain.Owner;

/// <summary>
/// One owner in memory, hosted without a silo: each decision is stored at once, as the JSON that the journal would hold, so that it
/// can be replayed.
/// </summary>
internal sealed class PlayedStream<TState, TEvent>(OwnerKind<TState, TEvent> kind, string key)
    where TState : class, IOwnerState<TEvent>
    where TEvent : class
{
    private readonly Owner<TState, TEvent> _owner = new(kind, kind.NewState(key), 0, default);
    private readonly List<(byte[] Events, long FirstVersion, DateTimeOffset At)> _rows = [];
    private long _stored;

    public TState State => _owner.State;

    /// <summary>The clock; the stream's own time never goes back.</summary>
    public DateTimeOffset Now { get; set; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Of the last decision, without what came due before it.</summary>
    public TEvent[] Events { get; private set; } = [];

    public List<OutgoingMessage> Messages { get; } = [];

    /// <summary>The rule was asked, and nothing changes.</summary>
    public bool Refused { get; private set; }

    public int Rows => _rows.Count;

    /// <summary>What the journal would hold, and when it was recorded.</summary>
    public IEnumerable<(byte[] Events, DateTimeOffset At)> Stored => _rows.Select(static row => (row.Events, row.At));

    public TOutcome Decide<TCommand, TOutcome>(Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TOutcome>> rule, TCommand command)
    {
        Begin();
        return Store(_owner.Decide(command, Watched(rule), Now));
    }

    public TOutcome Decide<TOutcome>(Func<TState, DateTimeOffset, Decision<TEvent, TOutcome>> rule) =>
        Decide((state, _, now) => rule(state, now), 0);

    public TOutcome Once<TCommand, TOutcome>(
        Operation operation,
        TCommand command,
        Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TOutcome>> rule,
        Func<TState, TCommand, Receipt?, TOutcome> again)
    {
        Begin();
        return Store(_owner.DecideOnce(operation, command, Watched(rule), again, Now));
    }

    public TAnswer Read<TAnswer>(Func<TState, TAnswer> answer) => Read((state, _) => answer(state));

    public TAnswer Read<TAnswer>(Func<TState, DateTimeOffset, TAnswer> answer)
    {
        Begin();
        return Store(_owner.Read(answer, static (state, answer, now) => answer(state, now), Now));
    }

    public void Record(params TEvent[] events) => Decide(static (_, recorded, _) => new Decision<TEvent, bool>(true, recorded), events);

    /// <summary>A fresh state, after everything that the journal would hold.</summary>
    public TState Replay() => ReplayFrom(kind.NewState(key), 0);

    /// <summary>What a snapshot of the state comes back as.</summary>
    public TState Restore() => kind.Snapshots!.Restore(key, kind.Snapshots.Capture(State)());

    /// <param name="state">Changed in place; it knows the first rows already.</param>
    /// <param name="skip">How many.</param>
    public TState ReplayFrom(TState state, int skip)
    {
        foreach (var (json, first, at) in _rows.Skip(skip))
        {
            kind.Replay(state, json, first, at);
        }

        return state;
    }

    private void Begin() => (Events, Refused) = ([], false);

    private Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TOutcome>> Watched<TCommand, TOutcome>(
        Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TOutcome>> rule) => (state, command, now) =>
        {
            var decision = rule(state, command, now);
            (Events, Refused) = (decision.Events, decision.Events.Length == 0);
            return decision;
        };

    private TOutcome Store<TOutcome>(TOutcome outcome)
    {
        while (_owner.TakeNext() is { } append)
        {
            _rows.Add((JsonSerializer.SerializeToUtf8Bytes([.. append.Events], kind.Events), _stored + 1, append.At));
            _stored += append.Events.Count;
            Messages.AddRange(append.Messages);
        }

        return outcome;
    }
}

/// <summary>Texts for comparing what two states know; the order in which holds are kept means nothing, that of receipts does.</summary>
internal static class StateText
{
    public static string Of(StockState state)
    {
        var copy = state.Capture();
        return JsonSerializer.Serialize(copy with { Holds = [.. copy.Holds.OrderBy(static hold => hold.Id)] })
            + $" reserved {state.Reserved}, next expiry {state.NextExpiry}";
    }

    public static string Of(ReceiptBook book) => JsonSerializer.Serialize(book.Capture());
}
