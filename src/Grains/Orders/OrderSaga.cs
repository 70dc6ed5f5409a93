using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Domain.Owner;
using Holdfast.Grains.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace Holdfast.Grains.Orders;

/// <summary>Hosts <see cref="OrderRules"/> for one order.</summary>
[Reentrant, CollectionAgeLimit(Minutes = 2)]
internal sealed class OrderSaga(
    IGrainContext context, OwnerServices services, OrderAdmission admission, EndedOrders ended, IOptions<OrderOptions> options)
    : OwnerGrain<OrderState, OrderEvent>(context, OrderKind.Instance, services), IOrderSaga, IOrderSteps
{
    /// <summary>Below Orleans' own response timeout, or a patient caller would see a failure. One with a shorter timeout asks for less.</summary>
    private static readonly TimeSpan MaxPatience = TimeSpan.FromSeconds(20);

    /// <summary>What a timer can wait.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    private readonly OrderRules _rules = new(options.Value);
    private readonly OrderVerbs _verbs = new(options.Value);
    private readonly OrderErasure _erasure = new(options.Value);
    private readonly ChargeWindow _charges = new(options.Value);
    private bool _leaves;

    private OrderState State => Host.State;

    public override async Task OnActivateAsync(CancellationToken token)
    {
        await base.OnActivateAsync(token);
        if (State.Payment == PaymentStatus.Pending) _charges.AssumeTheWorst();
        LeaveWhenEnded();
    }

    protected override void OnStored() => LeaveWhenEnded();

    public async ValueTask<PlaceOrderOutcome> Place(PlaceOrder command)
    {
        // One that has been placed before is only told so.
        if (!State.Exists && !admission.TryAdmit())
        {
            this.DeactivateOnIdle();
            throw new RetryableException(RetryReason.Overloaded, "The silo has as many orders under way as it can end in time; wait a moment and repeat.");
        }

        var decided = Host.Decide(command.Operation, command, _rules.Place, OrderRules.PlacedBefore);
        var order = State.View();
        var outcome = await decided;
        return outcome.Status == PlaceOrderStatus.Placed ? outcome with { Order = order } : outcome;
    }

    public ValueTask<Order?> Read(ReadConsistency consistency) => Host.Read(static state => state.Exists ? state.View() : null, consistency);

    public async ValueTask<OrderHistoryPage> ReadHistory(long after, int limit, ReadConsistency consistency, bool newestFirst)
    {
        // Waits for what was decided before, so that a caller finds there what was just answered.
        if (await Read(consistency) is null) return new(false, [], null);
        var pages = new StreamPages<OrderHistoryEntry>(
            Services,
            Host.Stream,
            static row => OrderLedger.EntriesOf(row.Events, row.FirstVersion, row.RecordedAt),
            static entry => entry.Version);
        var (entries, next) = newestFirst ? await pages.Newest(after, limit) : await pages.Oldest(after, limit);
        return new(true, entries, next);
    }

    public async ValueTask<Order?> WaitForEnd(TimeSpan patience)
    {
        var (started, limit) = (Services.Clock.GetTimestamp(), patience < MaxPatience ? patience : MaxPatience);
        while (true)
        {
            // Read before the first wait: for an activation that others have overtaken, the end comes elsewhere.
            var order = await Read(ReadConsistency.Default);
            if (order is null or { Ended: true } or { Status: OrderStatus.NeedsAttention } || Services.Clock.GetElapsedTime(started) >= limit) return order;
            await WaitWhileItGoesOn(started, limit);
        }
    }

    /// <summary>
    /// Waits until a new read can tell something new. The state in memory may be ahead of the disk, so nobody is answered from it here: it
    /// only says whether it is worth waiting. An activation that has ended will not change, and is not waited for.
    /// </summary>
    private async Task WaitWhileItGoesOn(long started, TimeSpan limit)
    {
        while (State is { Ended: false } and not { Status: OrderStatus.NeedsAttention }
            && !Host.Changed.IsCompleted
            && limit - Services.Clock.GetElapsedTime(started) is { Ticks: > 0 } left)
        {
            await Host.Changed.WaitAsync(left < ShortestWait ? ShortestWait : left, Services.Clock)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    public async ValueTask<DescribeOrderOutcome> Describe(DescribeOrder command)
    {
        var decided = Host.Decide(command.Operation, command, OrderVerbs.Describe, OrderVerbs.DescribedBefore);
        var order = State.Exists ? State.View() : null;
        return (await decided) with { Order = order };
    }

    public async ValueTask<EraseOrderOutcome> Erase(EraseOrder command)
    {
        // The time for the last look at the gateway may be over, and the look not made: it goes with the order's messages.
        var mayCome = State.NeverCharged && _erasure.IsSettled(State, Host.Now) && await HasMessages();
        var decided = Host.Decide(
            command.Operation, command, mayCome ? OrderErasure.ChargeMayCome : _erasure.Erase, OrderErasure.ErasedBefore);
        var order = State.Exists ? State.View() : null;
        return (await decided) with { Order = order };
    }

    private async Task<bool> HasMessages() =>
        (await Services.ReadStore(store => store.WithMessages([Host.Stream], "", CancellationToken.None))).Count > 0;

    public ValueTask<OrderVerbOutcome> Cancel(Operation operation, CancelReason reason, string? note) =>
        Ask(
            operation,
            new(new(AskedBy.Cancel, operation.Id, operation.Fingerprint, note), (state, now) => OrderVerbs.Cancel(state, reason, now)));

    public ValueTask<OrderVerbOutcome> Resolve(OperatorVerb verb, Operation operation, string? note) =>
        Ask(
            operation,
            new(new(AskedBy.NameOf(verb), operation.Id, operation.Fingerprint, note), (state, now) => _verbs.Resolve(state, verb, now)));

    public ValueTask<ReserveWork?> AskToReserve(int attempt) => Host.ReadAndConfirm(
        (attempt, options.Value), static (state, asked, now) => OrderWork.Reserve(state, asked.attempt, asked.Value, now), static work => work is null);

    public ValueTask<StepReport> Reserved(int attempt, ReserveOutcome?[] answers) => Report((attempt, answers), _rules.Reserved);

    public async ValueTask<ChargePermit> AskToCharge()
    {
        await RecallToken();
        var question = _charges.Ask(Services.Clock.GetUtcNow(), Host.SinceProvenCurrent);
        var permit = await Host.DecideAndConfirm(
            _charges.MayBeOut,
            (state, mayBeOut, time) =>
            {
                var decision = _rules.AskToCharge(state, mayBeOut, time);
                question.Note(decision.Outcome);
                return decision;
            },
            permit => question.NeedsConfirmation(permit.Kind));
        return question.Answer(permit, Services.Clock.GetUtcNow());
    }

    /// <summary>The activation that placed the order knows its payment token; another one reads it, when a charge may have to be sent.</summary>
    private async ValueTask RecallToken()
    {
        if (State is not { KeepsToken: true, PaymentToken: "", Status: OrderStatus.Charging }) return;
        if (await ReadToken() is { } token)
        {
            State.RecallToken(token);
            return;
        }

        // It is gone: because another activation has settled the charge, of which this one hears now.
        await Read(ReadConsistency.Strong);
        if (State is { KeepsToken: true, PaymentToken: "" })
        {
            throw new InvalidOperationException($"The payment token of {State.PublicId} is not there any more, so it cannot be charged.");
        }
    }

    private async Task<string?> ReadToken() =>
        await Services.ReadStore(store => store.ReadSecret(Host.Stream, OrderState.TokenName, CancellationToken.None)) is { } token ? System.Text.Encoding.UTF8.GetString(token.Span) : null;

    public ValueTask<StepReport> Captured(string chargeId, Money amount) => Report((chargeId, amount), OrderRules.Captured);

    public ValueTask<StepReport> Declined(string reason) => Report(reason, OrderRules.Declined);

    public ValueTask<StepReport> NeverCharged(int attempt) => Report(attempt, _rules.NeverCharged);

    public ValueTask<LateChargeWork?> AskToLookAgain(int attempt) => Host.ReadAndConfirm(
        (attempt, options.Value), static (state, asked, now) => OrderWork.LookAgain(state, asked.attempt, asked.Value, now), static _ => true);

    public ValueTask<LinesWork?> AskToCommit(int attempt) => Host.ReadAndConfirm(attempt, OrderWork.Commit, static work => work is null);

    public ValueTask<StepReport> Committed(int attempt, bool all) => Report((attempt, all), OrderRules.Committed);

    public ValueTask<LinesWork?> AskToUndo(int attempt) => Host.ReadAndConfirm(
        attempt, static (state, _, now) => OrderWork.Undo(state, now), static work => work is null);

    public ValueTask<StepReport> Undone(int attempt) => Report(attempt, OrderRules.Undone);

    public ValueTask<StepReport> UndoneExcept(int attempt, string[] skus) => Report((attempt, skus), OrderRules.UndoneExcept);

    public ValueTask<RefundWork?> AskToRefund() => Host.ReadAndConfirm(0, static (state, _, _) => OrderWork.Refund(state), static _ => true);

    public ValueTask<StepReport> Refunded() => Report(OrderRules.Refunded);

    public ValueTask<StepReport> RefundFails(string detail) => Report(detail, OrderRules.RefundFails);

    public ValueTask<StepReport> Park(string step, int attempt, string reason, string detail) =>
        Report((step, attempt, reason, detail), OrderRules.Park);

    public ValueTask<StepReport> Resume() => Report(OrderVerbs.ResumeUnasked);

    /// <summary>
    /// Decides a report of a step, and confirms the answer: what a step does upon it outside this stream cannot be called back, as its
    /// message is finished. An activation that others have overtaken must not cause that, and does not know it. So each answer that no
    /// append of its own stands behind is confirmed with the journal; of the questions, those whose consequences are harmless are not: work
    /// on products may be done twice, and ends in a report.
    /// </summary>
    private ValueTask<StepReport> Report<TReport>(TReport report, Func<OrderState, TReport, DateTimeOffset, Decision<OrderEvent, StepReport>> rule) =>
        Host.DecideAndConfirm(report, rule, static _ => true);

    private ValueTask<StepReport> Report(Func<OrderState, DateTimeOffset, Decision<OrderEvent, StepReport>> rule) =>
        Report(rule, static (state, rule, now) => rule(state, now));

    private async ValueTask<OrderVerbOutcome> Ask(Operation operation, AskedVerb asked)
    {
        var decided = Host.Decide(operation, asked, OrderVerbs.Decide, OrderVerbs.AcceptedBefore);

        // As it is right after the decision; what is decided later is not this answer's to tell.
        var order = State.Exists ? State.View() : null;
        return (await decided) with { Order = order };
    }

    /// <summary>An order that has ended does not stay in memory for as long as one that goes on.</summary>
    private void LeaveWhenEnded()
    {
        if (_leaves || !State.Ended) return;
        _leaves = true;
        ended.Add(GrainContext);
    }
}
