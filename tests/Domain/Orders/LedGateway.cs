using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Orders;
using Holdfast.Domain.Orders.Payments;

namespace Holdfast.Tests.Domain.Orders;

/// <summary>
/// A payment gateway that is led by hand: a charge travels until it is let arrive, and whoever has sent it hears of it only while waiting.
/// One key makes every repeat harmless: what it has answered once is the answer.
/// </summary>
internal sealed class LedGateway(TimeProvider clock, bool declines)
{
    private static readonly OrderOptions Options = new();

    /// <summary>How long a charge that was sent may still arrive.</summary>
    private static readonly TimeSpan Travel = Options.GatewayTimeout + Options.ChargeTravelTime;

    private readonly List<(DateTimeOffset ArrivesBefore, ChargeRequest Request, TaskCompletionSource<ChargeResult> Answer)> _travelling = [];
    private ChargeRequest? _first;

    public ChargeResult? Answered { get; private set; }

    public long Captured => Answered?.Status == ChargeStatus.Captured ? Answered.Amount.Amount : 0;

    public long Refunded { get; private set; }

    /// <param name="pause">Waited for before each call.</param>
    public IPaymentGateway Of(Func<Task> pause) => new Line(this, pause);

    public void Arrive(int which)
    {
        if (_travelling.Count == 0) return;
        var (_, request, answer) = _travelling[which % _travelling.Count];
        _travelling.RemoveAt(which % _travelling.Count);
        Answer(request);
        answer.TrySetResult(Answered!.Amount == request.Amount ? Answered : new(ChargeStatus.KeyReused));
    }

    /// <summary>The first charge that was sent arrives after all. False when there is none, or it has an answer already.</summary>
    public bool ShowUp()
    {
        if (_first is null || Answered is not null) return false;
        Answer(_first);
        return true;
    }

    /// <summary>What has travelled for longer than it may is lost.</summary>
    public void LoseLate() => _travelling.RemoveAll(charge => charge.ArrivesBefore <= clock.GetUtcNow());

    private void Answer(ChargeRequest request) => Answered ??= declines
        ? new(ChargeStatus.Declined, "ch_1", request.Amount, "no funds")
        : new(ChargeStatus.Captured, "ch_1", request.Amount);

    private sealed class Line(LedGateway gateway, Func<Task> pause) : IPaymentGateway
    {
        public async Task<ChargeResult> Charge(ChargeRequest request, CancellationToken cancellationToken)
        {
            await pause();
            gateway._first ??= request;
            var answer = new TaskCompletionSource<ChargeResult>();
            gateway._travelling.Add((gateway.Clock.GetUtcNow() + Travel, request, answer));
            using var givenUp = cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
            return await answer.Task;
        }

        public async Task<RefundResult> Refund(RefundRequest request, CancellationToken cancellationToken)
        {
            await pause();
            Assert.True(request.Amount <= gateway.Captured, $"a refund of {request.Amount} of {gateway.Captured}");
            gateway.Refunded = request.Amount;
            return new(RefundStatus.Refunded, "re_1", request.Amount);
        }

        public async Task<ChargeResult?> Find(string orderId, CancellationToken cancellationToken)
        {
            await pause();
            return gateway.Answered;
        }

    }

    private TimeProvider Clock => clock;
}

/// <summary>A product that does not hear a reserve, or is not heard.</summary>
internal sealed class UnreliableProduct(IProductInventory product, Func<bool> losesRequests, Func<bool> losesAnswers) : IProductInventory
{
    public async ValueTask<ReserveOutcome> Reserve(ReserveStock command)
    {
        if (losesRequests()) throw new TimeoutException("The product did not hear it.");
        var outcome = await product.Reserve(command);
        return losesAnswers() ? throw new TimeoutException("The product was not heard.") : outcome;
    }

    public ValueTask<ReservationOutcome> Commit(ReservationCommand command) => product.Commit(command);

    public ValueTask<ReservationOutcome> Release(ReservationCommand command) => product.Release(command);

    public ValueTask<ReservationOutcome> Undo(ReservationCommand command) => product.Undo(command);

    public ValueTask<Reservation?> ReadReservation(Guid id, Holdfast.Contracts.ReadConsistency consistency) => throw NotAStep();

    public ValueTask<PutProductOutcome> PutDetails(PutProduct command) => throw NotAStep();

    public ValueTask<ReservationOutcome> Extend(ExtendReservation command) => throw NotAStep();

    public ValueTask<ReservationPage> ReadReservations(
        ReservationPlace? after, int limit, Holdfast.Contracts.ReadConsistency consistency, bool newestFirst) => throw NotAStep();

    public ValueTask<PatchProductOutcome> PatchDetails(PatchProduct command) => throw NotAStep();

    public ValueTask<PutPricesOutcome> PutPrices(PutPrices command) => throw NotAStep();

    public ValueTask<ProductPrices?> ReadPrices(Holdfast.Contracts.ReadConsistency consistency) => throw NotAStep();

    public ValueTask<ProductDetails?> ReadDetails(Holdfast.Contracts.ReadConsistency consistency) => throw NotAStep();

    public ValueTask<StockLevel?> ReadStock(Holdfast.Contracts.ReadConsistency consistency) => throw NotAStep();

    public ValueTask<long?> ReadOnHandAt(long mark, DateTimeOffset at) => throw NotAStep();

    public ValueTask<AdjustOutcome> Adjust(AdjustStock command) => throw NotAStep();

    public ValueTask<SetStockOutcome> SetOnHand(SetStock command) => throw NotAStep();

    public ValueTask<MovementPage> ReadMovements(
        long after, int limit, Holdfast.Contracts.ReadConsistency consistency, bool newestFirst, MovementFilter? filter) =>
        throw NotAStep();

    private static NotSupportedException NotAStep() => new("No step asks for this.");
}
