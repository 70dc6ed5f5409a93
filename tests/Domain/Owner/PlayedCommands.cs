using Holdfast.Contracts.Counters;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Leases;
using Holdfast.Contracts.Orders;
using Holdfast.Contracts.Profiles;
using Holdfast.Domain.Counters;
using Holdfast.Domain.Inventory;
using Holdfast.Domain.Leases;
using Holdfast.Domain.Orders;
using Holdfast.Domain.Owner;
using Holdfast.Domain.Profiles;

namespace Holdfast.Tests.Domain.Owner;

/// <summary>The commands with an operation, each with its rule and with what tells its first answer again.</summary>
internal static class PlayedCommands
{
    public static PutProductOutcome Put(this PlayedStream<StockState, StockEvent> product, PutProduct command) =>
        product.Once(command.Operation, command, DetailsRules.Put, DetailsRules.PutBefore);

    public static PatchProductOutcome Patch(this PlayedStream<StockState, StockEvent> product, PatchProduct command) =>
        product.Once(command.Operation, command, DetailsRules.Patch, DetailsRules.PatchedBefore);

    public static PutPricesOutcome Put(this PlayedStream<StockState, StockEvent> product, PutPrices command) =>
        product.Once(command.Operation, command, PriceRules.Put, PriceRules.PutBefore);

    public static AdjustOutcome Adjust(this PlayedStream<StockState, StockEvent> product, AdjustStock command) =>
        product.Once(command.Operation, command, AdjustRules.Adjust, AdjustRules.AdjustedBefore);

    public static SetStockOutcome Count(this PlayedStream<StockState, StockEvent> product, SetStock command) =>
        product.Once(command.Operation, command, StockRules.SetOnHand, StockRules.SetBefore);

    public static ReserveOutcome Reserve(this PlayedStream<StockState, StockEvent> product, ReserveStock command) =>
        product.Once(command.Operation, (command, command.Deadline), StockRules.Reserve, StockRules.ReservedBefore);

    /// <summary>Under its key, if it has one.</summary>
    public static ReservationOutcome Ask(
        this PlayedStream<StockState, StockEvent> product,
        ReservationCommand command,
        Func<StockState, ReservationCommand, DateTimeOffset, Decision<StockEvent, ReservationOutcome>> rule) =>
        command.Operation.Id == Guid.Empty
            ? product.Decide(rule, command)
            : product.Once(
                command.Operation, command, rule, static (state, command, first) => StockRules.AskedBefore(state, command.Id, first));

    public static ReservationOutcome Extend(this PlayedStream<StockState, StockEvent> product, ExtendReservation command) => product.Once(
        command.Operation, command, StockRules.Extend, static (state, command, first) => StockRules.AskedBefore(state, command.Id, first));

    public static Reservation? Find(this PlayedStream<StockState, StockEvent> product, Guid id) => product.Read(state => StockRules.Find(state, id));

    public static IncrementOutcome Increment(this PlayedStream<CounterState, CounterEvent> counter, IncrementCounter command) =>
        counter.Once(command.Operation, command, CounterRules.Increment, CounterRules.IncrementedBefore);

    public static IncrementOutcome IncrementShard(this PlayedStream<CounterState, CounterEvent> shard, IncrementCounter command) =>
        shard.Once(command.Operation, command, CounterRules.IncrementShard, CounterRules.IncrementedBefore);

    public static ShardCounterOutcome Shard(this PlayedStream<CounterState, CounterEvent> counter, ShardCounter command) =>
        counter.Once(command.Operation, command, CounterRules.Shard, CounterRules.ShardedBefore);

    public static ProfileOutcome Put(this PlayedStream<ProfileState, ProfileEvent> profile, EditProfile command) =>
        profile.Once(command.Operation, command, ProfileRules.Put, ProfileRules.ChangedBefore);

    public static ProfileOutcome Patch(this PlayedStream<ProfileState, ProfileEvent> profile, EditProfile command) =>
        profile.Once(command.Operation, command, ProfileRules.Patch, ProfileRules.ChangedBefore);

    public static ProfileOutcome Erase(this PlayedStream<ProfileState, ProfileEvent> profile, EraseProfile command) =>
        profile.Once(command.Operation, command, ProfileRules.Erase, ProfileRules.ChangedBefore);

    public static PlaceOrderOutcome Place(this PlayedStream<OrderState, OrderEvent> order, OrderRules rules, PlaceOrder command) =>
        order.Once(command.Operation, command, rules.Place, OrderRules.PlacedBefore);

    public static LeaseOutcome Acquire(this PlayedStream<LeaseState, LeaseEvent> lease, AcquireLease command) =>
        lease.Once(command.Operation, command, LeaseRules.Acquire, LeaseRules.AcquiredBefore);

    public static LeaseOutcome Renew(this PlayedStream<LeaseState, LeaseEvent> lease, RenewLease command) =>
        lease.Once(command.Operation, command, LeaseRules.Renew, LeaseRules.RenewedBefore);

    public static LeaseOutcome Release(this PlayedStream<LeaseState, LeaseEvent> lease, ReleaseLease command) =>
        lease.Once(command.Operation, command, LeaseRules.Release, LeaseRules.ReleasedBefore);

    public static OrderVerbOutcome Ask(this PlayedStream<OrderState, OrderEvent> order, AskedVerb asked) =>
        order.Once(new(asked.By.Operation, asked.By.Fingerprint), asked, OrderVerbs.Decide, OrderVerbs.AcceptedBefore);
}
