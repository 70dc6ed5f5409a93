using System.Text.Json;
using Holdfast.Contracts;
using Holdfast.Journal;
using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.GroupCommit;

/// <summary>
/// The host of an owner in a silo: loads it, has it decide, and lets no answer out before everything is stored that its decision could
/// see. Decisions are made one at a time against the newest state in memory; those that arrive while an append is in flight are
/// collected and go out as the next.
/// </summary>
/// <remarks>A subclass must be <c>[Reentrant]</c>; there is no await between reading the state and handing the events over.</remarks>
public abstract class GroupCommitGrain<TState, TEvent>(
    StreamDefinition<TState, TEvent> definition, GroupCommitServices services) : Grain, IUnknownOwner
    where TState : class
    where TEvent : class
{
    private readonly ILogger _logger = services.Loggers.CreateLogger($"Holdfast.Grains.{definition.Kind}");
    private Owner<TState, TEvent> _owner = null!;
    private AppendPipeline<TState, TEvent> _pipeline = null!;
    private string _stream = "";
    private bool _isUnknown;
    private bool _refusedReader;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        _stream = $"{definition.Kind}/{key}";
        if (services.Memory.IsShort)
        {
            LeaveUnloaded(key, "The silo is short of memory and loads nobody until there is room; wait a moment and repeat.");
            return;
        }

        try
        {
            if (CallPurpose.IsRead) await LoadInTurn(key, cancellationToken);
            else await Load(key, cancellationToken);
        }
        catch (JournalStoreException exception)
        {
            // Whoever called is to repeat; it is not the command's fault.
            if (services.Unreadable.IsDue(nameof(OnActivateAsync), out var others)) GroupCommitLog.NotLoaded(_logger, _stream, exception.Message, others);
            throw GroupCommitServices.CannotRead(exception);
        }
        catch (Exception exception) when (exception is not OperationCanceledException and not RetryableException)
        {
            GroupCommitLog.CannotBeLoaded(_logger, exception, _stream);
            throw;
        }
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // One that could not be loaded has none.
        if (_pipeline is null) return;
        _pipeline.GiveBackReceipts();
        await _pipeline.Storing.WaitAsync(cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _pipeline.End(new(RetryReason.Stopping, "The grain is being deactivated; repeat the call."));
    }

    void IUnknownOwner.LeaveIfUnknown()
    {
        if (_owner.Version == 0) GrainContext.Deactivate(new(DeactivationReasonCode.ApplicationRequested, "There is no such owner."));
    }

    /// <summary>The owner's state as decided, durable or not. For rules only: nothing of it may leave the grain unawaited.</summary>
    protected TState State => _owner.State;

    protected TimeProvider Clock => services.Clock;

    protected string Stream => _stream;

    /// <inheritdoc cref="AppendPipeline{TState, TEvent}.Changed" />
    protected Task Changed => _pipeline.Changed;

    /// <inheritdoc cref="AppendPipeline{TState, TEvent}.SinceProvenCurrent" />
    protected TimeSpan SinceProvenCurrent => _pipeline.SinceProvenCurrent;

    /// <summary>An append is durable, and whoever waited for it is answered. What is decided meanwhile may not be.</summary>
    protected virtual void OnStored()
    {
    }

    /// <summary>Decides a command that has an operation id, or answers with the receipt that it was given before.</summary>
    protected ValueTask<TOutcome> Decide<TCommand, TOutcome>(
        Operation operation, TCommand command, Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TOutcome>> rule)
        where TOutcome : notnull
    {
        if (_pipeline.Ended is not null) throw End();
        return MayBeInTable(operation.Id)
            ? DecideAfterLookUp(operation, command, rule)
            : DecideNow(command, rule);
    }

    /// <summary>Decides a command that is idempotent by the state itself, or a read.</summary>
    protected ValueTask<TOutcome> Decide<TCommand, TOutcome>(
        TCommand command,
        Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TOutcome>> rule,
        ReadConsistency consistency = ReadConsistency.Default) => DecideNow(command, rule, consistency);

    /// <summary>
    /// Decides a command on whose answer something irrevocable may rest that no append of this owner would undo: an outcome of that kind
    /// leaves only when the journal has said that it holds nothing newer, lease or not. An activation that another has overtaken ends instead.
    /// </summary>
    /// <param name="confirm">Whether the outcome is of that kind.</param>
    protected ValueTask<TOutcome> DecideAndConfirm<TCommand, TOutcome>(
        TCommand command, Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TOutcome>> rule, Func<TOutcome, bool> confirm) =>
        DecideNow(command, rule, ReadConsistency.Default, confirm);

    /// <summary>Makes a receipt that moved to the table known to the next decision.</summary>
    protected async ValueTask LookUpReceipt(Guid operation)
    {
        if (MayBeInTable(operation)) await RecallReceipt(operation);
    }

    /// <inheritdoc cref="GroupCommitServices.ReadStore" />
    protected Task<T> Read<T>(Func<IJournalStore, Task<T>> read) => services.ReadStore(read);

    private async ValueTask<TOutcome> DecideAfterLookUp<TCommand, TOutcome>(
        Operation operation, TCommand command, Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TOutcome>> rule)
        where TOutcome : notnull
    {
        await RecallReceipt(operation.Id);
        return await DecideNow(command, rule);
    }

    private bool MayBeInTable(Guid operation) =>
        definition.Receipts(State) is { SpilledUntil: > 0 } receipts && receipts.MayBeInTable(operation, Now().ToUnixTimeMilliseconds());

    private async Task RecallReceipt(Guid operation)
    {
        if (await Read(store => store.FindReceipt(_stream, operation, CancellationToken.None)) is { } stored)
        {
            var receipt = JsonSerializer.Deserialize(stored.Body.Span, GroupCommitJson.Default.Receipt);

            // A row outlives its receipt: it leaves the table later than the owner, by its own time, would have forgotten it.
            if (receipt.At >= Now().ToUnixTimeMilliseconds() - ReceiptBook.KeepMilliseconds) definition.Receipts(State)!.Recall(operation, receipt);
        }
    }

    private ValueTask<TOutcome> DecideNow<TCommand, TOutcome>(
        TCommand command,
        Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TOutcome>> rule,
        ReadConsistency consistency = ReadConsistency.Default,
        Func<TOutcome, bool>? confirm = null)
    {
        if (_pipeline.Ended is not null) throw End();
        try
        {
            var outcome = _owner.Decide(command, rule, services.Clock.GetUtcNow());
            return _pipeline.Answer(outcome, confirm is not null && confirm(outcome) ? ReadConsistency.Strong : consistency);
        }
        catch (InvariantViolationException violation)
        {
            throw EndBroken(violation);
        }
        finally
        {
            // Also when the rule threw: what had elapsed is recorded all the same, and somebody may come to wait for it.
            _pipeline.Start();
            if (_owner.Version == 0 && !_isUnknown) NoteUnknown();
        }
    }

    /// <summary>The state in memory is wrong and the append that would store it has not been submitted: both are dropped.</summary>
    private RetryableException EndBroken(InvariantViolationException violation)
    {
        GroupCommitLog.InvariantViolation(_logger, violation, _stream, _owner.Version);
        _pipeline.End(new(RetryReason.Refused, $"A decision would have broken an invariant of {_stream} and was dropped: {violation.Message}"));
        return _pipeline.Ended!;
    }

    private void NoteUnknown()
    {
        _isUnknown = true;
        services.Unknown.Add(this);
    }

    /// <summary>The stream's own time: one moment for all decisions of an append, and never before the last recorded one.</summary>
    protected DateTimeOffset Now() => _owner.Now(services.Clock.GetUtcNow());

    private void RefuseWhenOverloaded()
    {
        if (_owner.Collected >= services.Options.Value.MaxPendingEvents || services.Writer.Overloaded)
        {
            throw new RetryableException(RetryReason.Overloaded, "The silo has more work queued than its bound; wait a moment and repeat.");
        }
    }

    /// <summary>What a call of an activation is told that decides nothing, any more or at all.</summary>
    private RetryableException End()
    {
        DeactivateOnIdle();

        // Whoever comes to change something meets the next activation, which loads at once.
        return _refusedReader && !CallPurpose.IsRead ? new(RetryReason.Stopping, "The grain is being deactivated; repeat the call.") : _pipeline.Ended!;
    }

    /// <summary>For a caller who only reads.</summary>
    private async Task LoadInTurn(string key, CancellationToken cancellationToken)
    {
        using var turn = await services.Reads.TakeTurn(cancellationToken);
        if (turn is not null)
        {
            await Load(key, cancellationToken);
            return;
        }

        _refusedReader = true;
        LeaveUnloaded(key, "Too many reads of what is not in memory wait already; wait a moment and repeat.");
    }

    private async Task Load(string key, CancellationToken cancellationToken)
    {
        if (services.Loads.Take(_stream) is StreamLoad<TState, TEvent> load)
        {
            // To the end that it saw then, and to the one that there is now.
            await services.Loads.Finish(load, cancellationToken);
            await services.Loads.Finish(load, cancellationToken);
        }
        else
        {
            load = new(definition, key, services, _logger);
            if (!await load.ReadNewest(cancellationToken)) await services.Loads.Finish(load, cancellationToken);
        }

        var snapshots = Host(load);
        _pipeline.SettleReceipts();

        // The process may have ended between an erasure and the removal of the snapshot, which lives in a store of its own.
        if (load.Erased) await snapshots.Erase();
    }

    /// <summary>An activation that fails stays for seconds, which is what there is no room for: this one says no, and leaves.</summary>
    private void LeaveUnloaded(string key, string why)
    {
        Host(new(definition, key, services, _logger));
        _pipeline.Refuse(new(RetryReason.Overloaded, why));
    }

    private SnapshotKeeper<TState, TEvent> Host(StreamLoad<TState, TEvent> load)
    {
        var snapshots = new SnapshotKeeper<TState, TEvent>(load, definition, services, _logger);
        _owner = new(definition, load.State, load.Version, load.LastRecorded, RefuseWhenOverloaded);
        _pipeline = new(_stream, _owner, snapshots, definition, services, _logger, OnStored, DeactivateOnIdle);
        return snapshots;
    }
}
