using System.Diagnostics.CodeAnalysis;
using Holdfast.Contracts;
using Holdfast.Domain.Owner;
using Holdfast.Journal;
using Holdfast.Journal.Writing;
using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Hosting;

/// <summary>
/// Stores what an owner has decided, one append after the other, and answers those who wait for it. Every answer waits for all appends
/// that its decision could see. Whatever ends an append but success ends the pipeline and with it the activation: memory never stays
/// ahead of storage. For the grain's own turns only.
/// </summary>
/// <param name="publishedVersion">The last version of the newest append that is published; 0 when there is none.</param>
/// <param name="onStored">Called when an append is durable, and whoever waited for it is answered. What is decided meanwhile may not be.</param>
/// <param name="onEnded">Called once: the activation is to leave.</param>
internal sealed class AppendPipeline<TState, TEvent>(
    string stream,
    Owner<TState, TEvent> owner,
    long publishedVersion,
    SnapshotKeeper<TState, TEvent> snapshots,
    OwnerKind<TState, TEvent> kind,
    OwnerServices services,
    ILogger logger,
    Action onStored,
    Action onEnded)
    where TState : class, IOwnerState<TEvent>
    where TEvent : class
{
    private TaskCompletionSource _changed = new();
    private PendingAppend<TEvent>? _inFlight;
    private readonly AppendSealer<TState, TEvent> _sealer = new(stream, owner, publishedVersion, kind, services);
    private long _durableVersion = owner.Version;
    private long? _provenAt;
    private StoredAppend? _stored;
    private ReceiptShare? _share;

    /// <summary>Why nothing is decided or stored any more; null while it is.</summary>
    public RetryableException? Ended { get; private set; }

    /// <summary>Completes at the next append that becomes durable, or when the pipeline ends.</summary>
    public Task Changed => _changed.Task;

    /// <summary>The storing that is under way; completed when there is none. It never fails.</summary>
    public Task Storing { get; private set; } = Task.CompletedTask;

    /// <summary>
    /// How long ago nobody can have overtaken this activation yet: the last append of its own that committed was submitted then. What another
    /// one has stored meanwhile is younger than that.
    /// </summary>
    public TimeSpan SinceProvenCurrent => _provenAt is { } at ? services.Clock.GetElapsedTime(at) : TimeSpan.MaxValue;

    /// <summary>Stores what is decided, unless that is under way.</summary>
    public void Start()
    {
        if (owner.HasUnsent && Storing.IsCompleted) Storing = Flush();
    }

    /// <summary>The outcome when everything is durable that its decision could see.</summary>
    public ValueTask<TOutcome> Answer<TOutcome>(TOutcome outcome, ReadConsistency consistency)
    {
        // An append that is submitted after the decision, and commits, proves that nobody had overtaken this activation by then.
        if (owner.LastUnsent is { } unsent) return unsent.AnswerWhenDurable(outcome);

        // The append in flight proves nothing: it may have been stored long ago, and another activation may have written since, while only
        // the store's answer to it is late.
        if (!services.Lease.IsHeld || consistency != ReadConsistency.Default) return AnswerWhenConfirmed(outcome);
        return _inFlight is null ? new(outcome) : _inFlight.AnswerWhenDurable(outcome);
    }

    /// <summary>What has moved is in the table, and what is left takes that much memory.</summary>
    public void SettleReceipts()
    {
        if (owner.State.Receipts is not { } receipts) return;
        receipts.ForgetMoved();
        if (_share is null)
        {
            var scheduler = TaskScheduler.Current;
            _share = services.Receipts.Open(count => Spill(scheduler, count));
        }

        _share.Update(receipts, kind.ReceiptsKept);
    }

    /// <summary>The activation leaves: its receipts take no memory any more.</summary>
    public void GiveBackReceipts() => _share?.Dispose();

    /// <summary>Nothing is decided or stored from the start, and nobody has to be told.</summary>
    public void Refuse(RetryableException reason) => Ended = reason;

    /// <summary>
    /// Fails everything that was decided and is not submitted, at once: Orleans keeps the grain unreachable until every running
    /// call has ended. What is in flight still gets the store's own answer.
    /// </summary>
    public void End(RetryableException reason)
    {
        if (Ended is not null) return;
        Ended = reason;

        // A store that refuses everything ends every activation that decides, and says so itself.
        if (reason.Reason is not (RetryReason.Stopping or RetryReason.Unwritable))
        {
            OwnerLog.ActivationEnded(logger, stream, reason.Reason, _durableVersion, owner.Version);
        }

        owner.FailUnsent(reason);
        SignalChange();
        onEnded();
    }

    /// <summary>Answers once what was seen is durable and the store has said that it holds nothing newer.</summary>
    private async ValueTask<TOutcome> AnswerWhenConfirmed<TOutcome>(TOutcome outcome)
    {
        if (_inFlight is { } visible) outcome = await visible.AnswerWhenDurable(outcome);
        var stored = await services.ReadStore(store => store.ReadVersion(stream, CancellationToken.None));

        // What we have appended meanwhile ourselves overtakes nobody.
        while (stored > _durableVersion && Ended is null && _inFlight is not null) await Changed;
        if (stored > _durableVersion && Ended is null) services.Signs.Count(RaceSign.Overtaken);
        if (stored > _durableVersion) End(Failure(AppendStatus.Conflict));
        return Ended is null ? outcome : throw Ended;
    }

    /// <summary>
    /// Stores what has been decided, one append after the other. Whoever waits for an append is answered when the next one is on its
    /// way: a hot owner has hundreds to answer, and the store would stand idle meanwhile.
    /// </summary>
    private async Task Flush()
    {
        PendingAppend<TEvent>? durable = null;
        while (Ended is null)
        {
            if (!TryTakeNext())
            {
                if (durable is null) return;

                // An answer can be what somebody waited for to decide more.
                AnswerAll(ref durable);
                continue;
            }

            if (!TrySeal(_inFlight, out var append, out var snapshot)) break;
            var submittedAt = services.Clock.GetTimestamp();
            if (_stored is { } last && services.Looks.TakeTurn(submittedAt))
            {
                AnswerAll(ref durable);
                var wrong = await services.Looks.FindWrong(services.Store, stream, last);
                if (wrong is { } sign) services.Signs.Count(sign);
                if (wrong is RaceSign.Lost or RaceSign.Overwritten)
                    OwnerLog.NotThereAnyMore(logger, stream, last.FirstVersion, last.LastVersion);
                if (wrong is not null || Ended is not null)
                {
                    Drop(_inFlight, Ended ?? Failure(AppendStatus.Conflict));
                    return;
                }
            }

            services.Signs.CountAppend();
            if (append.RecordedAt - services.Clock.GetUtcNow() > RaceSigns.ClockTolerance) services.Signs.Count(RaceSign.ClockBack);
            var storing = services.Appends.Submit(append);
            AnswerAll(ref durable);
            var status = await storing;
            if (status != AppendStatus.Committed)
            {
                if (SignOf(status) is { } sign) services.Signs.Count(sign);
                Drop(_inFlight, Failure(status));
                return;
            }

            _durableVersion = append.LastVersion;
            _provenAt = submittedAt;
            _stored = StoredAppend.Of(append);
            SettleReceipts();
            if (append.Beside?.Attention is { Reason: { } reason } attention) Notice(reason, attention.Detail);
            if (append.Erases) await snapshots.Erase();
            (durable, _inFlight) = (_inFlight, null);
            if (snapshot is not null) snapshots.Start(snapshot, append.LastVersion, _sealer.PublishedVersion);
        }

        AnswerAll(ref durable);
    }

    private static RaceSign? SignOf(AppendStatus status) => status switch
    {
        AppendStatus.Conflict => RaceSign.Conflict,
        AppendStatus.Unknown => RaceSign.Unknown,
        _ => null,
    };

    /// <summary>The row that says so is durable, and can be listed.</summary>
    private void Notice(string reason, string detail)
    {
        OwnerLog.NeedsAttention(logger, stream, reason, detail);
        JournalMetrics.RecordAttention(kind.Name, reason);
    }

    /// <summary>Makes the oldest of what waits the append in flight; false when nothing waits.</summary>
    [MemberNotNullWhen(true, nameof(_inFlight))]
    private bool TryTakeNext()
    {
        if (owner.TakeNext() is not { } next)
        {
            // With nothing else to store, an append of its own moves the receipts that the silo has no memory for.
            if (_sealer.ToSpill == 0 || owner.State.Receipts is not { Count: > 0 }) return false;
            next = owner.OpenEmpty(services.Clock.GetUtcNow());
        }

        _inFlight = next;
        return true;
    }

    /// <summary>Asked by the silo's budget, on a thread of its own; ends when the receipts are in the table.</summary>
    private Task Spill(TaskScheduler scheduler, int count) => Task.Factory.StartNew(
        () =>
        {
            if (Ended is not null) return Task.CompletedTask;
            _sealer.ToSpill = count;
            if (Storing.IsCompleted) Storing = Flush();
            return Storing;
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
        onStored();
    }

    /// <summary>False when the events cannot be written, which is a bug: nothing was submitted, and nobody may wait for it.</summary>
    private bool TrySeal(PendingAppend<TEvent> pending, [NotNullWhen(true)] out Append? append, out Func<byte[]>? snapshot)
    {
        (append, snapshot) = (null, null);
        try
        {
            _sealer.MoveReceipts(pending);

            // Only of a state that is exactly the append's, so that what is written later is durable.
            var last = _sealer.LastVersionOf(pending);
            if (last == owner.Version && !pending.Erases) snapshot = snapshots.Prepare(owner.State, last);
            append = _sealer.Seal(pending);
            return true;
        }
#pragma warning disable CA1031 // Whatever it is, it must not leave callers waiting for an append that never goes out.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            OwnerLog.InvariantViolation(logger, exception, stream, owner.Version);
            Drop(pending, new(RetryReason.Refused, $"The events of {new StreamLabel(stream)} cannot be written: {exception.Message}"));
            return false;
        }
    }

    private void Drop(PendingAppend<TEvent> pending, RetryableException failure)
    {
        _inFlight = null;
        pending.Fail(failure);
        End(failure);
    }

    private static RetryableException Failure(AppendStatus status) => status switch
    {
        AppendStatus.Conflict => new(RetryReason.Conflict, "Another activation of this grain wrote first; repeat the call."),
        AppendStatus.Refused => new(RetryReason.Refused, "The store refused the change and nothing happened; repeat the call."),
        AppendStatus.Unwritable => new(RetryReason.Unwritable, "The store takes no changes now and nothing happened; repeat the call later."),
        _ => new(RetryReason.Unknown, "The store failed while committing; repeat the call with the same operation id to learn the outcome."),
    };

    private void SignalChange()
    {
        var changed = _changed;
        if (Ended is null) _changed = new();
        changed.TrySetResult();
    }
}
