using Akka.Actor;
using Akka.Persistence;
using Holdfast.Domain.Orders.Payments;

namespace Holdfast.Lab.Sagas.Akka;

/// <summary>One order: each step's outcome is an event, and the step that follows the last event is what it is at.</summary>
internal sealed class OrderActor : ReceivePersistentActor
{
    /// <summary>An answer that has not come by then is asked for again.</summary>
    private static readonly TimeSpan Redelivery = TimeSpan.FromSeconds(5);

    private readonly IActorRef _stock;
    private readonly IPaymentGateway _gateway;
    private readonly HashSet<string> _awaited = [];
    private readonly List<IActorRef> _waiters = [];
    private ISagaEvent? _last;
    private SagaOrder? _order;
    private long _total;
    private bool _short;

    public OrderActor(string id, IActorRef stock, IPaymentGateway gateway)
    {
        (PersistenceId, _stock, _gateway) = (id, stock, gateway);
        Recover<ISagaEvent>(Apply);
        Command<Wake>(_ => GoOn());
        Command<Place>(place =>
        {
            _waiters.Add(Sender);
            if (_last is null) Store(new OrderPlaced(place.Order));
            else GoOn();
        });
        Command<StockActor.Reserved>(reserved => _last is OrderPlaced && _awaited.Remove(reserved.Sku), Reserved);
        Command<StockActor.Done>(done => _last is OrderCharged or OrderRefused && _awaited.Remove(done.Sku), _ => Done());
        Command<ChargeResult>(_ => _last is LinesReserved, charge =>
            Store(charge.Status == ChargeStatus.Captured ? new OrderCharged() : new OrderRefused()));
        Command<ReceiveTimeout>(_ => GoOn());
        CommandAny(static _ => { });
    }

    public override string PersistenceId { get; }

    public static Props Props(string id, IActorRef stock, IPaymentGateway gateway) =>
        global::Akka.Actor.Props.Create(() => new OrderActor(id, stock, gateway));

    private void Store(ISagaEvent stored) => Persist(stored, persisted =>
    {
        Apply(persisted);
        GoOn();
    });

    private void Apply(ISagaEvent stored)
    {
        _last = stored;
        if (stored is OrderPlaced placed) _order = placed.Order;
        else if (stored is LinesReserved reserved) _total = reserved.Total;
    }

    private void GoOn()
    {
        SetReceiveTimeout(Redelivery);
        switch (_last)
        {
            case OrderPlaced:
                (_total, _short) = (0, false);
                AskEach(sku => new StockActor.Reserve(sku, PersistenceId));
                break;
            case LinesReserved:
                _gateway.Charge(SagaOrder.Charge(PersistenceId, _total, _order!.PaymentToken), CancellationToken.None).PipeTo(Self);
                break;
            case OrderCharged:
                AskEach(sku => new StockActor.Sell(sku, PersistenceId));
                break;
            case OrderRefused:
                AskEach(sku => new StockActor.Release(sku, PersistenceId));
                break;
            case OrderCompleted:
                End(OrderEnd.Completed);
                break;
            case OrderCancelled:
                End(OrderEnd.Cancelled);
                break;
        }
    }

    private void AskEach(Func<string, object> command)
    {
        _awaited.UnionWith(_order!.Skus);
        foreach (var sku in _order.Skus) _stock.Tell(command(sku));
    }

    private void Reserved(StockActor.Reserved reserved)
    {
        _total += reserved.Price ?? 0;
        _short |= reserved.Price is null;
        if (_awaited.Count == 0) Store(_short ? new OrderRefused() : new LinesReserved(_total));
    }

    private void Done()
    {
        if (_awaited.Count == 0) Store(_last is OrderCharged ? new OrderCompleted() : new OrderCancelled());
    }

    private void End(OrderEnd end)
    {
        foreach (var waiter in _waiters) waiter.Tell(new Ended(end));
        Context.Stop(Self);
    }

    public sealed record Place(SagaOrder Order) : IForEntity
    {
        public string EntityId => Order.Id;
    }

    /// <summary>Goes on from its last event.</summary>
    public sealed record Wake(string EntityId) : IForEntity;

    public sealed record Ended(OrderEnd End);
}
