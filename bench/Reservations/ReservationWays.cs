using Holdfast.Bench.Measuring;
using Holdfast.Bench.Plain;
using Holdfast.Bench.Sql;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Bench.Reservations;

/// <summary>One reservation of one unit, in every way that is compared. Nothing is released, and nothing expires during a run.</summary>
/// <param name="sql">Null where there is no SQL way: on SQLite, whose one writer has nobody to lock out.</param>
/// <param name="now">When the run begins.</param>
internal sealed class ReservationWays(IGrainFactory grains, SqlStock? sql, DateTimeOffset now)
{
    public const string Holdfast = "Holdfast";
    public const string PlainGrain = "plain grain, AdoNet storage";
    public const string InMemory = "grain in memory, stored nowhere";
    public const string Locked = "SQL, SELECT .. FOR UPDATE";
    public const string Optimistic = "SQL, optimistic version";
    public const string OneStatement = "SQL, one statement";

    // The longest that there is, so that what is measured is the holding, not the expiring.
    private static readonly TimeSpan Ttl = Limits.ReservationTtl;

    private readonly DateTimeOffset _deadline = now + Ttl;

    /// <summary>Makes what <see cref="Of"/> reserves.</summary>
    public async Task Create(int products, CancellationToken cancellationToken)
    {
        await Products.Create(grains, products, cancellationToken);
        await Products.CreatePlain<IStoredStock>(grains, products, cancellationToken);
        await Products.CreatePlain<IMemoryStock>(grains, products, cancellationToken);
    }

    /// <summary>Everybody wants the same product.</summary>
    public Way[] Hot() =>
    [
        HotHoldfast(Holdfast),
        HotPlain<IStoredStock>(PlainGrain),
        HotPlain<IMemoryStock>(InMemory),
        .. SqlWays(static _ => SqlStock.HotSku),
    ];

    public Way[] Of(Popularity popularity)
    {
        return
        [
            HoldfastOf(Holdfast, Sku),
            PlainOf<IStoredStock>(PlainGrain, Sku),
            PlainOf<IMemoryStock>(InMemory, Sku),
            .. SqlWays(Sku),
        ];

        string Sku(Client client) => Products.Sku(client.Pick(popularity));
    }

    public Way HoldfastOf(string name, Func<Client, string> sku) => new(name, client => Reserve(grains.GetGrain<IProductInventory>(sku(client)), client));

    /// <summary>Each round has a product of its own: none starts with what an earlier one left open.</summary>
    public Way HotHoldfast(string name)
    {
        var (round, product) = (0, (IProductInventory?)null);
        return new(name, client => Reserve(product!, client))
        {
            Prepare = async _ =>
            {
                var sku = $"{SqlStock.HotSku}-{++round}";
                await Products.Create(grains, sku);
                product = grains.GetGrain<IProductInventory>(sku);
            },
        };
    }

    private Way HotPlain<T>(string name)
        where T : IPlainStock
    {
        var product = grains.GetGrain<T>(SqlStock.HotSku);
        return new(name, client => Reserve(product, client)) { Prepare = _ => product.Open(Limits.Quantity).AsTask() };
    }

    private Way PlainOf<T>(string name, Func<Client, string> sku)
        where T : IPlainStock =>
        new(name, client => Reserve(grains.GetGrain<T>(sku(client)), client));

    private IEnumerable<Way> SqlWays(Func<Client, string> sku)
    {
        if (sql is null) return [];
        return
        [
            SqlWay(Locked, sql.ReserveLocked),
            SqlWay(Optimistic, sql.ReserveOptimistically),
            SqlWay(OneStatement, sql.ReserveInOneStatement),
        ];

        Way SqlWay(string name, Func<string, Guid, DateTimeOffset, ValueTask<bool>> reserve) => new(name, async client =>
        {
            if (!await reserve(sku(client), client.NextId(), _deadline)) throw new BenchException($"{name} refused a reservation: the figures would mean nothing.");
        });
    }

    private async ValueTask Reserve(IProductInventory product, Client client) => Check(await product.Reserve(new(client.NextOperation(), 1, Ttl, _deadline)));

    private async ValueTask Reserve(IPlainStock product, Client client) => Check(await product.Reserve(new(client.NextOperation(), 1, Ttl, _deadline)));

    private static void Check(ReserveOutcome outcome)
    {
        if (outcome is { Status: ReserveStatus.Reserved, Replayed: false }) return;
        throw new BenchException($"A reservation was answered {outcome}: the figures would mean nothing.");
    }
}
