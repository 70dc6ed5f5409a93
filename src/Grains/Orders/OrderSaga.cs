using System.Text;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Grains.GroupCommit;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace Holdfast.Grains.Orders;

/// <summary>Hosts <see cref="OrderRules"/> for one order.</summary>
[Reentrant, CollectionAgeLimit(Minutes = 2)]
internal sealed class OrderSaga(
    GroupCommitServices services, OrderAdmission admission, EndedOrders ended, IOptions<OrderOptions> options)
    : GroupCommitGrain<OrderState, OrderEvent>(OrderStream.Definition, services), IOrderSaga, IOrderSteps
{
    /// <summary>Below Orleans' own response timeout, or a patient caller would see a failure. One with a shorter timeout asks for less.</summary>
    private static readonly TimeSpan MaxPatience = TimeSpan.FromSeconds(20);

    /// <summary>What a timer can wait.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    /// <summary>A little less than receipts are kept.</summary>
    private static readonly TimeSpan ReceiptsSurelyKept = TimeSpan.FromHours(23);

    private readonly OrderRules _rules = new(options.Value);

    private readonly ChargeWindow _charges = new(options.Value);
    private bool _leaves;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        if (State.Payment == PaymentStatus.Pending) _charges.AssumeTheWorst();
        LeaveWhenEnded();
    }

    protected override void OnStored() => LeaveWhenEnded();

    public async ValueTask<PlaceOrderOutcome> Place(PlaceOrder command)
    {
        // One that has been placed before is only told so.
        if (!State.Exists && !admission.TryAdmit())
        {
            DeactivateOnIdle();
            throw new RetryableException(RetryReason.Overloaded, "The silo has as many orders under way as it can end in time; wait a moment and repeat.");
        }

        var decided = Decide(command, _rules.Place);
        var order = State.View();
        var outcome = await decided;
        return outcome.Status == PlaceOrderStatus.Placed ? outcome with { Order = order } : outcome;
    }

    public ValueTask<Order?> Read(ReadConsistency consistency) => Decide(
        false, static (state, _, _) => Decide<OrderEvent>.Answer(state.Exists ? state.View() : null), consistency);

    public async ValueTask<Order?> WaitForEnd(TimeSpan patience)
    {
        var (started, limit) = (Clock.GetTimestamp(), patience < MaxPatience ? patience : MaxPatience);
        while (true)
        {
            // Read before the first wait: for an activation that others have overtaken, the end comes elsewhere.
            var order = await Read(ReadConsistency.Default);
            if (order is null or { Ended: true } or { Status: OrderStatus.NeedsAttention } || Clock.GetElapsedTime(started) >= limit) return order;
            await WaitWhileItGoesOn(started, limit);
        }
    }

    /// <summary>What is decided is no answer, but says whether there is anything to read yet. An activation that has ended changes no more.</summary>
    private async Task WaitWhileItGoesOn(long started, TimeSpan limit)
    {
        while (State is { Ended: false } and not { Status: OrderStatus.NeedsAttention }
            && !Changed.IsCompleted
            && limit - Clock.GetElapsedTime(started) is { Ticks: > 0 } left)
        {
            await Changed.WaitAsync(left < ShortestWait ? ShortestWait : left, Clock)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    public ValueTask<OrderVerbOutcome> Cancel(Operation operation) =>
        Ask(AskedBy.Cancel, operation, static (state, now) => OrderRules.Cancel(state, false, now));

    public ValueTask<OrderVerbOutcome> Resolve(OperatorVerb verb, Operation operation) =>
        Ask(AskedBy.NameOf(verb), operation, (state, now) => _rules.Resolve(state, verb, now));

    public ValueTask<ReserveWork?> AskToReserve(int attempt) => DecideStep(
        attempt,
        (state, attempt, now) => Decide<OrderEvent>.Answer(state.Status == OrderStatus.Reserving && state.Attempt == attempt
            ? new ReserveWork(LinesOf(state, attempt), FormerOf(state, attempt), options.Value.HoldTtl, state.ReserveDeadline) { Left = state.ReserveDeadline - now }
            : null));

    public ValueTask<bool> Reserved(int attempt, ReserveOutcome?[] answers) => DecideStep((attempt, answers), _rules.Reserved);

    public async ValueTask<ChargePermit> AskToCharge()
    {
        await RecallToken();
        var question = _charges.Ask(Clock.GetUtcNow(), SinceProvenCurrent);
        var permit = await DecideAndConfirm(
            _charges.MayBeOut,
            (state, mayBeOut, time) =>
            {
                var decision = _rules.AskToCharge(state, mayBeOut, time);
                question.Note(decision.Outcome);
                return decision;
            },
            permit => question.NeedsConfirmation(permit.Kind));
        return question.Answer(permit, Clock.GetUtcNow());
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
        await Read(store => store.ReadSecret(Stream, OrderState.TokenName, CancellationToken.None)) is { } token ? Encoding.UTF8.GetString(token.Span) : null;

    public ValueTask<bool> Captured(string chargeId, Money amount) => DecideStep((chargeId, amount), OrderRules.Captured);

    public ValueTask<bool> Declined(string reason) => DecideStep(reason, OrderRules.Declined);

    public ValueTask<bool> NeverCharged(int attempt) => DecideStep(attempt, _rules.NeverCharged);

    public ValueTask<LateChargeWork?> AskToLookAgain(int attempt) => DecideStep(attempt, _rules.AskToLookAgain);

    public ValueTask<LinesWork?> AskToCommit(int attempt) => DecideStep(
        attempt,
        static (state, attempt, now) => Decide<OrderEvent>.Answer(
            state.Status == OrderStatus.Completing && state.Attempt == attempt
                ? WorkOn(state, LinesOf(state, state.ReserveAttempts[^1]), now)
                : null));

    public ValueTask<bool> Committed(int attempt, bool all) => DecideStep((attempt, all), OrderRules.Committed);

    public ValueTask<LinesWork?> AskToUndo(int attempt) => DecideStep(
        attempt,
        static (state, _, now) => Decide<OrderEvent>.Answer(
            state is { Status: OrderStatus.Cancelling, LinesUndone: false }
                ? WorkOn(state, LinesOf(state, state.ReserveAttempts), now) with { LeaveWhatFails = state.LeavesWhatFails }
                : null));

    public ValueTask<bool> Undone(int attempt) => DecideStep(attempt, OrderRules.Undone);

    public ValueTask<bool> UndoneExcept(int attempt, string[] skus) => DecideStep((attempt, skus), OrderRules.UndoneExcept);

    public ValueTask<RefundWork?> AskToRefund() => DecideStep(false, OrderRules.AskToRefund);

    public ValueTask<bool> Refunded() => DecideStep(false, OrderRules.Refunded);

    public ValueTask<bool> RefundFails(string detail) => DecideStep(detail, OrderRules.RefundFails);

    public ValueTask<bool> Park(string step, int attempt, string reason, string detail) =>
        DecideStep((step, attempt, reason, detail), OrderRules.Park);

    public async ValueTask<bool> Resume() =>
        await DecideStep(false, static (state, _, _) => OrderRules.Resume(state)) == OrderVerbStatus.Accepted;

    /// <summary>
    /// Decides every question and report of a step. What a step does upon the answer outside this stream cannot be called back: its message
    /// is finished, money is sent or returned. An activation that others have overtaken must not cause that, and does not know it. So
    /// each answer that no append of its own stands behind is confirmed with the journal, but those whose consequences are harmless: work
    /// on products may be done twice, and ends in a report.
    /// </summary>
    private ValueTask<TAnswer> DecideStep<TQuestion, TAnswer>(
        TQuestion question, Func<OrderState, TQuestion, DateTimeOffset, Decision<OrderEvent, TAnswer>> rule) =>
        DecideAndConfirm(question, rule, static answer => answer is not (ReserveWork or LinesWork));

    private async ValueTask<OrderVerbOutcome> Ask(
        string verb, Operation operation, Func<OrderState, DateTimeOffset, Decision<OrderEvent, OrderVerbStatus>> rule)
    {
        var decided = Decide((new AskedBy(verb, operation.Id, operation.Fingerprint), rule), OrderRules.Once);

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

    private LinesWork? FormerOf(OrderState state, int attempt)
    {
        var former = LinesOf(state, state.ReserveAttempts.Where(earlier => earlier != attempt));
        return former.Length > 0 ? WorkOn(state, former, Clock.GetUtcNow()) : null;
    }

    private static LinesWork WorkOn(OrderState state, StepLine[] lines, DateTimeOffset now)
    {
        var lasting = now - state.PlacedAt > ReceiptsSurelyKept;
        return new(lines, lasting, lasting ? state.Worked(now) : null);
    }

    private static StepLine[] LinesOf(OrderState state, IEnumerable<int> attempts) => [.. attempts.SelectMany(attempt => LinesOf(state, attempt))];

    private static StepLine[] LinesOf(OrderState state, int attempt) =>
        Array.ConvertAll(state.Lines, line => new StepLine(line.Sku, line.Quantity, state.ReservationOf(line, attempt)));
}
