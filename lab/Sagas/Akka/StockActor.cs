using Akka.Actor;
using Akka.Persistence;

namespace Holdfast.Lab.Sagas.Akka;

/// <summary>One product. Open holds are known by their orders, so that a repeated command does nothing.</summary>
internal sealed class StockActor : ReceivePersistentActor
{
    private readonly HashSet<string> _holds = [];
    private long _onHand;

    public StockActor(string sku)
    {
        PersistenceId = sku;
        Recover<ISagaEvent>(Apply);
        Command<Open>(_ => _onHand == 0, open => Store(new StockOpened(open.OnHand), new Done(sku)));
        Command<Open>(_ => Sender.Tell(new Done(sku)));
        Command<Reserve>(reserve => _holds.Contains(reserve.Order), _ => Sender.Tell(new Reserved(sku, SagaOrder.UnitPrice)));
        Command<Reserve>(_ => _holds.Count < _onHand, reserve => Store(new StockHeld(reserve.Order), new Reserved(sku, SagaOrder.UnitPrice)));
        Command<Reserve>(_ => Sender.Tell(new Reserved(sku, null)));
        Command<Sell>(sell => _holds.Contains(sell.Order), sell => Store(new StockSold(sell.Order), new Done(sku)));
        Command<Sell>(_ => Sender.Tell(new Done(sku)));
        Command<Release>(release => _holds.Contains(release.Order), release => Store(new StockReleased(release.Order), new Done(sku)));
        Command<Release>(_ => Sender.Tell(new Done(sku)));
    }

    public override string PersistenceId { get; }

    public static Props Props(string sku) => global::Akka.Actor.Props.Create(() => new StockActor(sku));

    private void Store(ISagaEvent stored, object answer)
    {
        var asker = Sender;
        Persist(stored, persisted =>
        {
            Apply(persisted);
            asker.Tell(answer);
        });
    }

    private void Apply(ISagaEvent stored)
    {
        switch (stored)
        {
            case StockOpened opened:
                _onHand = opened.OnHand;
                break;
            case StockHeld held:
                _holds.Add(held.Order);
                break;
            case StockSold sold:
                _holds.Remove(sold.Order);
                _onHand--;
                break;
            case StockReleased released:
                _holds.Remove(released.Order);
                break;
        }
    }

    public sealed record Open(string EntityId, long OnHand) : IForEntity;

    public sealed record Reserve(string EntityId, string Order) : IForEntity;

    public sealed record Sell(string EntityId, string Order) : IForEntity;

    public sealed record Release(string EntityId, string Order) : IForEntity;

    /// <param name="Price">Null when there was not enough.</param>
    public sealed record Reserved(string Sku, long? Price);

    public sealed record Done(string Sku);
}
