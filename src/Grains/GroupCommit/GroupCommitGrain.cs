using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Holdfast.Contracts;
using Holdfast.Journal;
using Holdfast.Journal.Outbox;
using Holdfast.Journal.Writing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Storage;

namespace Holdfast.Grains.GroupCommit;

/// <summary>What a silo gives to every owner.</summary>
public sealed record GroupCommitServices(
    IJournalStore Store,
    JournalWriter Writer,
    OutboxLanes Lanes,
    ISnapshots Snapshots,
    IReadLease Lease,
    StreamLoads Loads,
    ReceiptBudget Receipts,
    TimeProvider Clock,
    IOptions<JournalOptions> Options,
    UnknownOwners Unknown,
    MemoryPressure Memory,
    ReadLoads Reads,
    ILoggerFactory Loggers)
{
    /// <summary>Of loads for which the store could not be read: one store that is away keeps every owner from being loaded.</summary>
    public RepeatedFailures Unreadable { get; } = new(Clock);
}

/// <summary>
/// The host of an owner's rules. Decisions are made one at a time against the newest state in memory; while one append is in
/// flight, those that arrive meanwhile are collected and go out as the next. Every answer waits for all appends that its
/// decision could see. Whatever ends an append but success ends the activation: memory never stays ahead of storage.
/// </summary>
/// <remarks>A subclass must be <c>[Reentrant]</c>; there is no await between reading the state and handing the events over.</remarks>
public abstract partial class GroupCommitGrain<TState, TEvent>(
    StreamDefinition<TState, TEvent> definition, GroupCommitServices services) : Grain, IUnknownOwner
    where TState : class
    where TEvent : class
{
    private readonly Queue<PendingAppend<TEvent>> _waiting = [];
    private readonly ILogger _logger = services.Loggers.CreateLogger($"Holdfast.Grains.{definition.Kind}");
    private TaskCompletionSource _changed = new();
    private PendingAppend<TEvent>? _open;
    private PendingAppend<TEvent>? _inFlight;
    private Task _flushing = Task.CompletedTask;
    private RetryableException? _dead;
    private TState _state = null!;
    private string _stream = "";
    private long _version;
    private long _sealedVersion;
    private long _durableVersion;
    private long? _provenAt;
    private long _snapshotVersion;
    private string? _snapshotTag;
    private Task _snapshotting = Task.CompletedTask;
    private bool _isUnknown;
    private bool _refusedReader;
    private StoredReceipt[] _moving = [];
    private ReceiptShare? _share;
    private int _toSpill;
    private DateTimeOffset _lastRecorded;

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
            if (services.Unreadable.IsDue(nameof(Unreadable), out var others)) LogNotLoaded(_stream, exception.Message, others);
            throw Unreadable(exception);
        }
        catch (Exception exception) when (exception is not OperationCanceledException and not RetryableException)
        {
            LogCannotBeLoaded(exception, _stream);
            throw;
        }
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

    /// <summary>An activation that fails stays for seconds, which is what there is no room for: this one says no, and leaves.</summary>
    private void LeaveUnloaded(string key, string why)
    {
        _dead = new(RetryReason.Overloaded, why);
        _state = definition.NewState(key);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _share?.Dispose();
        await _flushing.WaitAsync(cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        Die(new(RetryReason.Stopping, "The grain is being deactivated; repeat the call."));
    }

    void IUnknownOwner.LeaveIfUnknown()
    {
        if (Volatile.Read(ref _version) == 0) GrainContext.Deactivate(new(DeactivationReasonCode.ApplicationRequested, "There is no such owner."));
    }

    /// <summary>The owner's state as decided, durable or not. For rules only: nothing of it may leave the grain unawaited.</summary>
    protected TState State => _state;

    protected TimeProvider Clock => services.Clock;

    protected string Stream => _stream;

    /// <summary>An append is durable, and whoever waited for it is answered. What is decided meanwhile may not be.</summary>
    protected virtual void OnStored()
    {
    }

    /// <summary>Completes at the next append that becomes durable, or when the activation ends.</summary>
    protected Task Changed => _changed.Task;

    /// <summary>Decides a command that has an operation id, or answers with the receipt that it was given before.</summary>
    protected ValueTask<TOutcome> Decide<TCommand, TOutcome>(
        Operation operation, TCommand command, Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TOutcome>> rule)
        where TOutcome : notnull
    {
        if (_dead is not null) throw End();
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

    /// <summary>
    /// How long ago nobody can have overtaken this activation yet: the last append of its own that committed was submitted then. What another
    /// one has stored meanwhile is younger than that.
    /// </summary>
    protected TimeSpan SinceProvenCurrent => _provenAt is { } at ? Clock.GetElapsedTime(at) : TimeSpan.MaxValue;

    /// <summary>Makes a receipt that moved to the table known to the next decision.</summary>
    protected async ValueTask LookUpReceipt(Guid operation)
    {
        if (MayBeInTable(operation)) await RecallReceipt(operation);
    }

    private async ValueTask<TOutcome> DecideAfterLookUp<TCommand, TOutcome>(
        Operation operation, TCommand command, Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TOutcome>> rule)
        where TOutcome : notnull
    {
        await RecallReceipt(operation.Id);
        return await DecideNow(command, rule);
    }

    private bool MayBeInTable(Guid operation) =>
        definition.Receipts(_state) is { SpilledUntil: > 0 } receipts && receipts.MayBeInTable(operation, Now().ToUnixTimeMilliseconds());

    private async Task RecallReceipt(Guid operation)
    {
        if (await Read(store => store.FindReceipt(_stream, operation, CancellationToken.None)) is { } stored)
        {
            var receipt = JsonSerializer.Deserialize(stored.Body.Span, GroupCommitJson.Default.Receipt);

            // A row outlives its receipt: it leaves the table later than the owner, by its own time, would have forgotten it.
            if (receipt.At >= Now().ToUnixTimeMilliseconds() - ReceiptBook.KeepMilliseconds) definition.Receipts(_state)!.Recall(operation, receipt);
        }
    }

    /// <summary>Reads the store on behalf of a caller, who is to repeat the call when the store does not answer.</summary>
    protected async Task<T> Read<T>(Func<IJournalStore, Task<T>> read)
    {
        try
        {
            return await read(services.Store);
        }
        catch (JournalStoreException exception)
        {
            throw Unreadable(exception);
        }
    }

    private static RetryableException Unreadable(JournalStoreException exception) =>
        new(RetryReason.Unreadable, $"The store cannot be read; repeat the call. {exception.Message}");

    private ValueTask<TOutcome> DecideNow<TCommand, TOutcome>(
        TCommand command,
        Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TOutcome>> rule,
        ReadConsistency consistency = ReadConsistency.Default,
        Func<TOutcome, bool>? confirm = null)
    {
        if (_dead is not null) throw End();
        try
        {
            var outcome = DecideAndRecord(command, rule);
            return Answer(outcome, confirm is not null && confirm(outcome) ? ReadConsistency.Strong : consistency);
        }
        finally
        {
            // Also when the rule threw: what had elapsed is recorded all the same, and somebody may come to wait for it.
            if ((_open is not null || _waiting.Count > 0) && _flushing.IsCompleted) _flushing = Flush();
            if (_version == 0 && !_isUnknown) NoteUnknown();
        }
    }

    private void NoteUnknown()
    {
        _isUnknown = true;
        services.Unknown.Add(this);
    }

    private TOutcome DecideAndRecord<TCommand, TOutcome>(
        TCommand command, Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TOutcome>> rule)
    {
        var now = Now();
        if (definition.Elapse(_state, now) is { } elapsed)
        {
            RefuseWhenOverloaded();
            Record(elapsed, now);
        }

        var decision = rule(_state, command, now);
        if (decision.Events.Length > 0)
        {
            RefuseWhenOverloaded();
            foreach (var @event in decision.Events) Record(@event, now);
            CheckInvariants();
        }

        return decision.Outcome;
    }

    private ValueTask<TOutcome> Answer<TOutcome>(TOutcome outcome, ReadConsistency consistency = ReadConsistency.Default)
    {
        // An append that is submitted after the decision, and commits, proves that nobody had overtaken this activation by then.
        var unsent = _open ?? (_waiting.Count > 0 ? _waiting.Last() : null);
        if (unsent is not null) return unsent.AnswerWhenDurable(outcome);

        // The one in flight proves nothing: it may long be stored, and overtaken, and only the store's word for it be late.
        if (!services.Lease.IsHeld || consistency != ReadConsistency.Default) return AnswerWhenConfirmed(outcome);
        return _inFlight is null ? new(outcome) : _inFlight.AnswerWhenDurable(outcome);
    }

    /// <summary>Answers once what was seen is durable and the store has said that it holds nothing newer.</summary>
    private async ValueTask<TOutcome> AnswerWhenConfirmed<TOutcome>(TOutcome outcome)
    {
        if (_inFlight is { } visible) outcome = await visible.AnswerWhenDurable(outcome);
        var stored = await Read(store => store.ReadVersion(_stream, CancellationToken.None));

        // What we have appended meanwhile ourselves overtakes nobody.
        while (stored > _durableVersion && _dead is null && _inFlight is not null) await Changed;
        if (stored > _durableVersion) Die(Failure(AppendStatus.Conflict));
        return _dead is null ? outcome : throw _dead;
    }

    /// <summary>The stream's own time: one moment for all decisions of an append, and never before the last recorded one.</summary>
    protected DateTimeOffset Now()
    {
        if (_open is not null) return _open.At;
        var clock = DateTimeOffset.FromUnixTimeMilliseconds(services.Clock.GetUtcNow().ToUnixTimeMilliseconds());
        return clock > _lastRecorded ? clock : _lastRecorded;
    }

    private void RefuseWhenOverloaded()
    {
        if (_open?.Events.Count >= services.Options.Value.MaxPendingEvents || services.Writer.Overloaded)
        {
            throw new RetryableException(RetryReason.Overloaded, "The silo has more work queued than its bound; wait a moment and repeat.");
        }
    }

    private void Record(TEvent @event, DateTimeOffset now)
    {
        var erases = definition.Erases(@event);
        if (erases && _open is not null) CloseOpen();
        _open ??= new(now) { Erases = erases };
        _lastRecorded = now;
        _open.Events.Add(@event);
        definition.Apply(_state, @event, ++_version, now);
        if (definition.MessageAfter(_state, @event) is { } message) _open.Messages.Add(message);
        if (definition.BesideAfter(_state, @event) is { } beside) _open.Add(beside);
        if (erases) CloseOpen();
    }

    private void CloseOpen()
    {
        _waiting.Enqueue(_open!);
        _open = null;
    }

    private void CheckInvariants()
    {
        try
        {
            definition.Check(_state);
        }
        catch (InvariantViolationException violation)
        {
            // The state in memory is wrong and the append that would store it has not been submitted: drop both.
            LogInvariantViolation(violation, _stream, _version);
            Die(new(RetryReason.Refused, $"A decision would have broken an invariant of {_stream} and was dropped: {violation.Message}"));
            throw _dead!;
        }
    }

    /// <summary>
    /// Stores what has been decided, one append after the other. Whoever waits for an append is answered when the next one is on its
    /// way: a hot owner has hundreds to answer, and the store would stand idle meanwhile.
    /// </summary>
    private async Task Flush()
    {
        PendingAppend<TEvent>? durable = null;
        while (_dead is null)
        {
            if (!TryTakeNext())
            {
                if (durable is null) return;

                // An answer can be what somebody waited for to decide more.
                AnswerAll(ref durable);
                continue;
            }

            if (!TrySeal(_inFlight, out var append, out var snapshot)) break;
            var submittedAt = Clock.GetTimestamp();
            var storing = services.Writer.Submit(append);
            AnswerAll(ref durable);
            var status = await storing;
            if (status != AppendStatus.Committed)
            {
                Drop(_inFlight, Failure(status));
                return;
            }

            _durableVersion = append.LastVersion;
            _provenAt = submittedAt;
            SettleReceipts();
            if (append.Beside?.Attention is { Reason: { } reason } attention) Notice(reason, attention.Detail);
            if (append.Erases) await EraseSnapshot();
            (durable, _inFlight) = (_inFlight, null);
            if (snapshot is not null) StartSnapshot(snapshot, append.LastVersion);
        }

        AnswerAll(ref durable);
    }

    /// <summary>The row that says so is durable, and can be listed.</summary>
    private void Notice(string reason, string detail)
    {
        LogNeedsAttention(_stream, reason, detail);
        JournalMetrics.RecordAttention(definition.Kind, reason);
    }

    /// <summary>Makes the oldest of what waits the append in flight; false when nothing waits.</summary>
    [MemberNotNullWhen(true, nameof(_inFlight))]
    private bool TryTakeNext()
    {
        if (_waiting.Count == 0)
        {
            if (_open is null && !TryOpenToSpill()) return false;
            CloseOpen();
        }

        _inFlight = _waiting.Dequeue();
        return true;
    }

    /// <summary>With nothing else to store, an append of its own moves the receipts that the silo has no memory for.</summary>
    private bool TryOpenToSpill()
    {
        if (_toSpill == 0 || definition.Receipts(_state) is not { Count: > 0 }) return false;
        _open = new(Now());
        _lastRecorded = _open.At;
        return true;
    }

    /// <summary>What has moved is in the table, and what is left takes that much memory.</summary>
    private void SettleReceipts()
    {
        if (definition.Receipts(_state) is not { } receipts) return;
        receipts.ForgetMoved();
        if (_share is null)
        {
            var scheduler = TaskScheduler.Current;
            _share = services.Receipts.Open(count => Spill(scheduler, count));
        }

        _share.Update(receipts, definition.ReceiptsKept);
    }

    /// <summary>Asked by the silo's budget, on a thread of its own; ends when the receipts are in the table.</summary>
    private Task Spill(TaskScheduler scheduler, int count) => Task.Factory.StartNew(
        () =>
        {
            if (_dead is not null) return Task.CompletedTask;
            _toSpill = count;
            if (_flushing.IsCompleted) _flushing = Flush();
            return _flushing;
        },
        CancellationToken.None,
        TaskCreationOptions.None,
        scheduler).Unwrap();

    private void AnswerAll(ref PendingAppend<TEvent>? durable)
    {
        if (durable is null) return;
        durable.Complete();
        durable = null;
        SignalChange();
        OnStored();
    }

    /// <summary>Past its own bound, or the silo's, the oldest receipts leave with this append, in its own transaction.</summary>
    private void MoveReceipts(PendingAppend<TEvent> pending)
    {
        // Only when nothing newer has been decided: the event takes the next version.
        if (pending.Erases || _sealedVersion + pending.Events.Count != _version) return;
        if (definition.Receipts(_state) is not { Count: > 0 } receipts) return;
        var count = receipts.OverBound ? ReceiptBook.SpillSize : _toSpill;
        _toSpill = 0;
        if (count == 0) return;
        _moving =
        [
            .. receipts.Oldest(count).Select(static kept => new StoredReceipt(
                kept.Key,
                DateTimeOffset.FromUnixTimeMilliseconds(kept.Value.At),
                JsonSerializer.SerializeToUtf8Bytes(kept.Value, GroupCommitJson.Default.Receipt))),
        ];
        pending.Events.Add(definition.ReceiptsMoved(_moving.Length));
        definition.Apply(_state, pending.Events[^1], ++_version, pending.At);
    }

    /// <summary>False when the events cannot be written, which is a bug: nothing was submitted, and nobody may wait for it.</summary>
    private bool TrySeal(PendingAppend<TEvent> pending, [NotNullWhen(true)] out Append? append, out Func<byte[]>? snapshot)
    {
        (append, snapshot) = (null, null);
        try
        {
            MoveReceipts(pending);
            snapshot = PrepareSnapshot(pending);
            append = Seal(pending);
            return true;
        }
#pragma warning disable CA1031 // Whatever it is, it must not leave callers waiting for an append that never goes out.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogInvariantViolation(exception, _stream, _version);
            Drop(pending, new(RetryReason.Refused, $"The events of {_stream} cannot be written: {exception.Message}"));
            return false;
        }
    }

    private void Drop(PendingAppend<TEvent> pending, RetryableException failure)
    {
        _inFlight = null;
        pending.Fail(failure);
        Die(failure);
    }

    private Append Seal(PendingAppend<TEvent> pending)
    {
        var events = JsonSerializer.SerializeToUtf8Bytes([.. pending.Events], definition.Events);
        var append = new Append(
            _stream,
            _sealedVersion,
            RowId.New(pending.At),
            pending.At,
            pending.Events.Count,
            events,
            Outgoing(pending),
            _moving,
            pending.Erases,
            pending.Beside);
        _moving = [];
        _sealedVersion = append.LastVersion;
        return append;
    }

    private OutboxMessage[] Outgoing(PendingAppend<TEvent> pending)
    {
        // Most appends, all of the products, send nothing.
        if (pending.Messages.Count == 0) return [];

        // The stream's time can be ahead of a clock that was set back; "at once" means by the clock that lanes read.
        var now = services.Clock.GetUtcNow();
        var soon = pending.At < now ? pending.At : now;
        return [.. pending.Messages.Select(message => new OutboxMessage(
            RowId.New(soon), services.Lanes.Choose(message.LaneClass, _stream), message.DueAt ?? soon, Attempts: 0, _stream, message.Type, message.Body))];
    }

    private static RetryableException Failure(AppendStatus status) => status switch
    {
        AppendStatus.Conflict => new(RetryReason.Conflict, "Another activation of this grain wrote first; repeat the call."),
        AppendStatus.Refused => new(RetryReason.Refused, "The store refused the change and nothing happened; repeat the call."),
        AppendStatus.Unwritable => new(RetryReason.Unwritable, "The store takes no changes now and nothing happened; repeat the call later."),
        _ => new(RetryReason.Unknown, "The store failed while committing; repeat the call with the same operation id to learn the outcome."),
    };

    /// <summary>
    /// Fails everything that was decided and is not submitted, at once: Orleans keeps the grain unreachable until every running
    /// call has ended. What is in flight still gets the store's own answer.
    /// </summary>
    private void Die(RetryableException reason)
    {
        if (_dead is not null) return;
        _dead = reason;
        // A store that refuses everything ends every activation that decides, and says so itself.
        if (reason.Reason is not (RetryReason.Stopping or RetryReason.Unwritable)) LogActivationEnded(_stream, reason.Reason, _durableVersion, _version);
        foreach (var pending in _waiting) pending.Fail(reason);
        _open?.Fail(reason);
        _waiting.Clear();
        _open = null;
        SignalChange();
        DeactivateOnIdle();
    }

    /// <summary>What a call of an activation is told that decides nothing, any more or at all.</summary>
    private RetryableException End()
    {
        DeactivateOnIdle();

        // Whoever comes to change something meets the next activation, which loads at once.
        return _refusedReader && !CallPurpose.IsRead ? new(RetryReason.Stopping, "The grain is being deactivated; repeat the call.") : _dead!;
    }

    private void SignalChange()
    {
        var changed = _changed;
        if (_dead is null) _changed = new();
        changed.TrySetResult();
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

        _state = load.State;
        (_version, _lastRecorded) = (load.Version, load.LastRecorded);
        (_snapshotVersion, _snapshotTag) = (load.SnapshotVersion, load.SnapshotTag);
        _sealedVersion = _durableVersion = _version;
        SettleReceipts();

        // The process may have ended between an erasure and the removal of the snapshot, which lives in a store of its own.
        if (load.Erased) await EraseSnapshot();
    }

    /// <summary>
    /// Copies the state when it is exactly that of the append about to be submitted, so that what is written later is durable.
    /// </summary>
    private Func<byte[]>? PrepareSnapshot(PendingAppend<TEvent> pending)
    {
        var last = _sealedVersion + pending.Events.Count;
        return definition.Snapshots is { } format
            && last == _version
            && !pending.Erases
            && _snapshotting.IsCompleted
            && last - _snapshotVersion >= Math.Max(services.Options.Value.MinSnapshotTail, definition.Size(_state) / 2)
                ? format.Capture(_state)
                : null;
    }

    private void StartSnapshot(Func<byte[]> write, long version)
    {
        _snapshotVersion = version;
        _snapshotting = WriteSnapshot(write, version);
    }

    private async Task WriteSnapshot(Func<byte[]> write, long version)
    {
        try
        {
            var (shape, tag) = (definition.Snapshots!.Shape, _snapshotTag);
            // Off the grain's scheduler: writing takes as long as the state is large, and the store behind it blocks.
            _snapshotTag = await Task.Run(async () =>
            {
                var bytes = write();
                tag ??= (await services.Snapshots.Read(_stream))?.ETag;
                return (await services.Snapshots.Write(_stream, new(version, shape, bytes, tag))).ETag;
            });
            JournalMetrics.RecordSnapshot("written");
        }
        catch (InconsistentStateException)
        {
            _snapshotTag = null;
            JournalMetrics.RecordSnapshot("skipped");
        }
#pragma warning disable CA1031 // A snapshot is never truth: its failure is counted and reaches no caller.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogSnapshotFailed(exception, _stream, version);
            JournalMetrics.RecordSnapshot("failed");
        }
    }

    private async Task EraseSnapshot()
    {
        if (definition.Snapshots is null) return;

        // A write that started before the erasure must not bring the person back.
        await _snapshotting;
        try
        {
            await Task.Run(() => services.Snapshots.Erase(_stream));
            _snapshotTag = null;
        }
#pragma warning disable CA1031 // The tombstone is durable; the next load of the stream tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogSnapshotFailed(exception, _stream, _durableVersion);
        }
    }
}
