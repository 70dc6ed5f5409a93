using System.Text.Json;
using Holdfast.Contracts;
using Holdfast.Domain.Owner;
using Holdfast.Journal;
using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Hosting;

/// <summary>
/// Hosts one owner: has it decide, one decision at a time against the newest state in memory, and lets no answer out before everything is
/// stored that its decision could see. Decisions that are made while an append is in flight are collected and go out as the next.
/// For the grain's own turns only: there is no await between reading the state and handing the events over.
/// </summary>
public sealed class OwnerHost<TState, TEvent>
    where TState : class, IOwnerState<TEvent>
    where TEvent : class
{
    private readonly OwnerServices _services;
    private readonly ILogger _logger;
    private readonly Owner<TState, TEvent> _owner;
    private readonly AppendPipeline<TState, TEvent> _pipeline;
    private readonly Action _onEnded;
    private readonly Action _onUnknown;
    private bool _isUnknown;
    private bool _refusedReader;

    /// <param name="load">What the stream says.</param>
    /// <param name="onStored">Called when an append is durable, and whoever waited for it is answered.</param>
    /// <param name="onEnded">Called when nothing is decided any more: the activation is to leave.</param>
    /// <param name="onUnknown">Called once, when somebody has asked and there is no event.</param>
    internal OwnerHost(
        StreamLoad<TState, TEvent> load,
        OwnerKind<TState, TEvent> kind,
        OwnerServices services,
        ILogger logger,
        Action onStored,
        Action onEnded,
        Action onUnknown)
    {
        (_services, _logger, _onEnded, _onUnknown) = (services, logger, onEnded, onUnknown);
        Stream = load.Stream;
        _owner = new(kind, load.State, load.Version, load.LastRecorded, RefuseWhenOverloaded);
        _pipeline = new(Stream, _owner, load.PublishedVersion, load.Snapshots, kind, services, logger, onStored, onEnded);
    }

    /// <summary>The stream's name, <c>kind/key</c>.</summary>
    public string Stream { get; }

    /// <summary>The state as decided, durable or not. For rules only: nothing of it may leave the grain unawaited.</summary>
    public TState State => _owner.State;

    /// <summary>Of the last event that was decided. May be read on any thread.</summary>
    public long Version => _owner.Version;

    /// <inheritdoc cref="AppendPipeline{TState, TEvent}.Changed" />
    public Task Changed => _pipeline.Changed;

    /// <inheritdoc cref="AppendPipeline{TState, TEvent}.SinceProvenCurrent" />
    public TimeSpan SinceProvenCurrent => _pipeline.SinceProvenCurrent;

    /// <summary>The stream's own time: one moment for all decisions of an append, and never before the last recorded one.</summary>
    public DateTimeOffset Now => _owner.Now(_services.Clock.GetUtcNow());

    /// <summary>Decides an operation once: when it comes again it gets its first answer, by the receipt that is here or in the table.</summary>
    /// <param name="again">Tells the first answer by its receipt; null when the operation's id was used for something else.</param>
    public ValueTask<TOutcome> Decide<TCommand, TOutcome>(
        Operation operation,
        TCommand command,
        Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TOutcome>> rule,
        Func<TState, TCommand, Receipt?, TOutcome> again)
    {
        if (_pipeline.Ended is not null) throw WhyEnded();
        return MayBeInTable(operation.Id)
            ? DecideAfterLookUp(operation, command, rule, again)
            : DecideNow(operation, command, rule, again);
    }

    /// <summary>Decides a command that is idempotent by the state itself.</summary>
    public ValueTask<TOutcome> Decide<TCommand, TOutcome>(
        TCommand command, Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TOutcome>> rule) =>
        DecideNow(default, command, rule, null);

    /// <summary>
    /// Decides a command on whose answer something irrevocable may rest that no append of this owner would undo: an outcome of that kind
    /// leaves only when the journal has said that it holds nothing newer, lease or not. An activation that another has overtaken ends instead.
    /// </summary>
    /// <param name="confirm">Whether the outcome is of that kind.</param>
    public ValueTask<TOutcome> DecideAndConfirm<TCommand, TOutcome>(
        TCommand command, Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TOutcome>> rule, Func<TOutcome, bool> confirm) =>
        DecideNow(default, command, rule, null, confirm);

    /// <summary>Answers from the state.</summary>
    public ValueTask<TAnswer> Read<TAnswer>(Func<TState, TAnswer> answer, ReadConsistency consistency) =>
        ReadNow(answer, static (state, answer, _) => answer(state), consistency);

    /// <summary>Answers from the state, and by the stream's time.</summary>
    public ValueTask<TAnswer> Read<TAnswer>(Func<TState, DateTimeOffset, TAnswer> answer, ReadConsistency consistency) =>
        ReadNow(answer, static (state, answer, now) => answer(state, now), consistency);

    /// <summary>Answers a question from the state, on whose answer something irrevocable may rest: see <see cref="DecideAndConfirm"/>.</summary>
    /// <param name="confirm">Whether the answer is of that kind.</param>
    public ValueTask<TAnswer> ReadAndConfirm<TQuestion, TAnswer>(
        TQuestion question, Func<TState, TQuestion, DateTimeOffset, TAnswer> answer, Func<TAnswer, bool> confirm) =>
        ReadNow(question, answer, ReadConsistency.Default, confirm);

    /// <summary>Makes a receipt that moved to the table known to the next decision.</summary>
    public async ValueTask LookUpReceipt(Guid operation)
    {
        if (MayBeInTable(operation)) await RecallReceipt(operation);
    }

    /// <summary>Nothing is decided from the start.</summary>
    /// <param name="readersOnly">Whoever comes to change something is told to come again.</param>
    public void Refuse(RetryableException reason, bool readersOnly)
    {
        _refusedReader = readersOnly;
        _pipeline.Refuse(reason);
    }

    /// <summary>The owner is loaded: what had moved is in the table.</summary>
    public void SettleReceipts() => _pipeline.SettleReceipts();

    /// <summary>The activation leaves. Waits for what is being stored.</summary>
    public async Task Stop(CancellationToken cancellationToken)
    {
        _pipeline.GiveBackReceipts();
        await _pipeline.Storing.WaitAsync(cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _pipeline.End(new(RetryReason.Stopping, "The grain is being deactivated; repeat the call."));
    }

    private ValueTask<TOutcome> DecideNow<TCommand, TOutcome>(
        Operation operation,
        TCommand command,
        Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TOutcome>> rule,
        Func<TState, TCommand, Receipt?, TOutcome>? again,
        Func<TOutcome, bool>? confirm = null)
    {
        if (_pipeline.Ended is not null) throw WhyEnded();
        try
        {
            var clock = _services.Clock.GetUtcNow();
            var reused = _owner.KeysReused;
            var outcome = again is null ? _owner.Decide(command, rule, clock) : _owner.DecideOnce(operation, command, rule, again, clock);
            if (_owner.KeysReused != reused) _services.Signs.Count(RaceSign.KeyReuse);
            return _pipeline.Answer(outcome, confirm is not null && confirm(outcome) ? ReadConsistency.Strong : ReadConsistency.Default);
        }
        catch (FencedException refusal)
        {
            if (!refusal.IsFull) _services.Signs.Count(RaceSign.RefusedFence);
            return Fenced<TOutcome>(_pipeline.Answer(refusal, ReadConsistency.Default));
        }
        catch (InvariantViolationException violation)
        {
            throw EndBroken(violation);
        }
        finally
        {
            Settle();
        }
    }

    /// <summary>It names a term that the owner has seen: so it leaves as any other answer, when all of that is durable.</summary>
    private static async ValueTask<TOutcome> Fenced<TOutcome>(ValueTask<FencedException> refusal) => throw await refusal;

    private ValueTask<TAnswer> ReadNow<TQuestion, TAnswer>(
        TQuestion question,
        Func<TState, TQuestion, DateTimeOffset, TAnswer> answer,
        ReadConsistency consistency,
        Func<TAnswer, bool>? confirm = null)
    {
        if (_pipeline.Ended is not null) throw WhyEnded();
        try
        {
            var read = _owner.Read(question, answer, _services.Clock.GetUtcNow());
            return _pipeline.Answer(read, confirm is not null && confirm(read) ? ReadConsistency.Strong : consistency);
        }
        catch (InvariantViolationException violation)
        {
            throw EndBroken(violation);
        }
        finally
        {
            Settle();
        }
    }

    /// <summary>After each decision, and after a rule that threw: what had elapsed is recorded all the same, and somebody may come to wait for it.</summary>
    private void Settle()
    {
        _pipeline.Start();
        if (_owner.Version > 0 || _isUnknown) return;
        _isUnknown = true;
        _onUnknown();
    }

    private async ValueTask<TOutcome> DecideAfterLookUp<TCommand, TOutcome>(
        Operation operation,
        TCommand command,
        Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TOutcome>> rule,
        Func<TState, TCommand, Receipt?, TOutcome> again)
    {
        await RecallReceipt(operation.Id);
        return await DecideNow(operation, command, rule, again);
    }

    private bool MayBeInTable(Guid operation) =>
        State.Receipts is { SpilledUntil: > 0 } receipts && receipts.MayBeInTable(operation, Now.ToUnixTimeMilliseconds());

    private async Task RecallReceipt(Guid operation)
    {
        var (receipts, moves) = (State.Receipts!, State.Receipts!.Moves);
        var stored = await _services.ReadStore(store => store.FindReceipt(Stream, operation, CancellationToken.None));
        if (receipts.Moves != moves)
        {
            // What was read may be older by now than what is in the table.
            await LookUpReceipt(operation);
            return;
        }

        // What was decided meanwhile is in memory, and newer.
        if (stored is null || receipts.TryGet(operation, out _)) return;
        var receipt = JsonSerializer.Deserialize(stored.Body.Span, ReceiptJson.Default.Receipt);

        // A row outlives its receipt: it leaves the table later than the owner, by its own time, would have forgotten it.
        if (receipt.At >= Now.ToUnixTimeMilliseconds() - ReceiptBook.KeepMilliseconds) receipts.Recall(operation, receipt);
    }

    /// <summary>The state in memory is wrong and the append that would store it has not been submitted: both are dropped.</summary>
    private RetryableException EndBroken(InvariantViolationException violation)
    {
        OwnerLog.InvariantViolation(_logger, violation, Stream, _owner.Version);
        _pipeline.End(new(
            RetryReason.Refused,
            $"A decision would have broken an invariant of {new StreamLabel(Stream)} and was dropped: {violation.Message}"));
        return _pipeline.Ended!;
    }

    private void RefuseWhenOverloaded()
    {
        if (_owner.Collected >= _services.Options.Value.MaxPendingEvents || _services.Appends.Overloaded)
        {
            throw new RetryableException(RetryReason.Overloaded, "The silo has more work queued than its bound; wait a moment and repeat.");
        }
    }

    /// <summary>What a call is told when nothing is decided, any more or at all. Whoever comes to change something meets the next activation.</summary>
    private RetryableException WhyEnded()
    {
        _onEnded();
        return _refusedReader && !CallPurpose.IsRead ? new(RetryReason.Stopping, "The grain is being deactivated; repeat the call.") : _pipeline.Ended!;
    }
}
