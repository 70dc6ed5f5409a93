using Holdfast.Contracts;
using Holdfast.Contracts.Counters;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;

namespace Holdfast.Simulation;

/// <summary>How callers in the simulation name an order.</summary>
internal sealed class OrderReference(Cluster cluster, string orderId, Func<Task>? before = null) : IOrderSaga, IOrderSteps
{
    private readonly GrainId _id = IdOf(orderId);

    public static GrainId IdOf(string orderId) => GrainId.Create("order", orderId);

    public ValueTask<PlaceOrderOutcome> Place(PlaceOrder command) => Ask(order => order.Place(command));

    public ValueTask<Order?> Read(ReadConsistency consistency) => Ask(order => order.Read(consistency));

    public ValueTask<Order?> WaitForEnd(TimeSpan patience) => Ask(order => order.WaitForEnd(patience));

    public ValueTask<OrderHistoryPage> ReadHistory(long after, int limit, ReadConsistency consistency, bool newestFirst) =>
        throw new NotSupportedException("The simulation does not read histories.");

    public ValueTask<DescribeOrderOutcome> Describe(DescribeOrder command) => Ask(order => order.Describe(command));

    public ValueTask<EraseOrderOutcome> Erase(EraseOrder command) => Ask(order => order.Erase(command));

    public ValueTask<OrderVerbOutcome> Cancel(Operation operation, CancelReason reason, string? note) =>
        Ask(order => order.Cancel(operation, reason, note));

    public ValueTask<OrderVerbOutcome> Resolve(OperatorVerb verb, Operation operation, string? note) =>
        Ask(order => order.Resolve(verb, operation, note));

    public ValueTask<ReserveWork?> AskToReserve(int attempt) => Step(order => order.AskToReserve(attempt));

    public ValueTask<StepReport> Reserved(int attempt, ReserveOutcome?[] answers) => Step(order => order.Reserved(attempt, answers));

    public ValueTask<ChargePermit> AskToCharge() => Step(order => order.AskToCharge());

    public ValueTask<StepReport> Captured(string chargeId, Money amount) => Step(order => order.Captured(chargeId, amount));

    public ValueTask<StepReport> Declined(string reason) => Step(order => order.Declined(reason));

    public ValueTask<StepReport> NeverCharged(int attempt) => Step(order => order.NeverCharged(attempt));

    public ValueTask<LateChargeWork?> AskToLookAgain(int attempt) => Step(order => order.AskToLookAgain(attempt));

    public ValueTask<LinesWork?> AskToCommit(int attempt) => Step(order => order.AskToCommit(attempt));

    public ValueTask<StepReport> Committed(int attempt, bool all) => Step(order => order.Committed(attempt, all));

    public ValueTask<LinesWork?> AskToUndo(int attempt) => Step(order => order.AskToUndo(attempt));

    public ValueTask<StepReport> Undone(int attempt) => Step(order => order.Undone(attempt));

    public ValueTask<StepReport> UndoneExcept(int attempt, string[] skus) => Step(order => order.UndoneExcept(attempt, skus));

    public ValueTask<RefundWork?> AskToRefund() => Step(order => order.AskToRefund());

    public ValueTask<StepReport> Refunded() => Step(order => order.Refunded());

    public ValueTask<StepReport> RefundFails(string detail) => Step(order => order.RefundFails(detail));

    public ValueTask<StepReport> Park(string step, int attempt, string reason, string detail) => Step(order => order.Park(step, attempt, reason, detail));

    public ValueTask<StepReport> Resume() => Step(order => order.Resume());

    private ValueTask<T> Ask<T>(Func<IOrderSaga, ValueTask<T>> call) => cluster.Call(_id, cluster.NewOrder, call, before);

    private ValueTask<T> Step<T>(Func<IOrderSteps, ValueTask<T>> call) => cluster.Call(_id, cluster.NewOrder, call, before);
}

/// <summary>How callers in the simulation name a product. What it answers is held against what is durable then.</summary>
internal sealed class ProductReference(Cluster cluster, string sku, Checks checks, Func<Task>? before = null) : IProductInventory
{
    private readonly GrainId _id = GrainId.Create("product", sku);

    public ValueTask<PutProductOutcome> PutDetails(PutProduct command) => Ask(product => product.PutDetails(command));

    public ValueTask<PatchProductOutcome> PatchDetails(PatchProduct command) => Ask(product => product.PatchDetails(command));

    public ValueTask<PutPricesOutcome> PutPrices(PutPrices command) => Ask(product => product.PutPrices(command));

    public ValueTask<ProductPrices?> ReadPrices(ReadConsistency consistency) => Ask(product => product.ReadPrices(consistency));

    public ValueTask<ProductDetails?> ReadDetails(ReadConsistency consistency) => Ask(product => product.ReadDetails(consistency));

    public ValueTask<StockLevel?> ReadStock(ReadConsistency consistency) => Ask(product => product.ReadStock(consistency));

    public ValueTask<long?> ReadOnHandAt(long mark, DateTimeOffset at) => Ask(product => product.ReadOnHandAt(mark, at));

    public ValueTask<AdjustOutcome> Adjust(AdjustStock command) => Ask(product => product.Adjust(command));

    public ValueTask<SetStockOutcome> SetOnHand(SetStock command) => Ask(product => product.SetOnHand(command));

    public ValueTask<ReserveOutcome> Reserve(ReserveStock command) => Ask(async product =>
    {
        var outcome = await product.Reserve(command);
        if (outcome.Status == ReserveStatus.Reserved) checks.IsStored($"product/{sku}", "stock.reserved", command.Operation.Id);
        return outcome;
    });

    public ValueTask<ReservationOutcome> Extend(ExtendReservation command) => Ask(async product =>
    {
        var outcome = await product.Extend(command);
        if (outcome.Status == ReservationOutcomeStatus.Done) checks.IsStored($"product/{sku}", "stock.extended", command.Id);
        return outcome;
    });

    public ValueTask<ReservationOutcome> Commit(ReservationCommand command) => Ask(async product =>
    {
        var outcome = await product.Commit(command);
        if (outcome.Status == ReservationOutcomeStatus.Done) checks.IsStored($"product/{sku}", "stock.committed", command.Id);
        return outcome;
    });

    public ValueTask<ReservationOutcome> Release(ReservationCommand command) => Ask(product => product.Release(command));

    public ValueTask<ReservationOutcome> Undo(ReservationCommand command) => Ask(product => product.Undo(command));

    public ValueTask<Reservation?> ReadReservation(Guid id, ReadConsistency consistency) => Ask(product => product.ReadReservation(id, consistency));

    public ValueTask<ReservationPage> ReadReservations(
        ReservationPlace? after, int limit, ReadConsistency consistency, bool newestFirst) =>
        Ask(product => product.ReadReservations(after, limit, consistency, newestFirst));

    public ValueTask<MovementPage> ReadMovements(
        long after, int limit, ReadConsistency consistency, bool newestFirst, MovementFilter? filter) =>
        throw new NotSupportedException("The simulation does not read movements.");

    private ValueTask<T> Ask<T>(Func<IProductInventory, ValueTask<T>> call) => cluster.Call(_id, Cluster.NewProduct, call, before);
}

/// <summary>How callers in the simulation name a counter.</summary>
internal sealed class CounterReference(Cluster cluster, string name) : ICounter
{
    private readonly GrainId _id = GrainId.Create("counter", name);

    public ValueTask<IncrementOutcome> Increment(IncrementCounter command) => Ask(counter => counter.Increment(command));

    public ValueTask<ShardCounterOutcome> Shard(ShardCounter command) => Ask(counter => counter.Shard(command));

    public ValueTask<long> ReadValue(ReadConsistency consistency) => Ask(counter => counter.ReadValue(consistency));

    public ValueTask<CounterReading> Read(ReadConsistency consistency) => Ask(counter => counter.Read(consistency));

    private ValueTask<T> Ask<T>(Func<ICounter, ValueTask<T>> call) => cluster.Call(_id, Cluster.NewCounter, call);
}
