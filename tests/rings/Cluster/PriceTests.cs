using System.Text.Json;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Inventory;
using Holdfast.Tests.Journal;

namespace Holdfast.Rings.Cluster;

/// <summary>An order pays what was valid at the recorded time of its holds, through kills and clock steps.</summary>
public sealed class PriceTests : IDisposable
{
    private const int Normal = 250;
    private const int Early = 200;
    private const int Late = 150;

    /// <summary>Shorter than a hold lasts.</summary>
    private static readonly TimeSpan Change = TimeSpan.FromMinutes(5);

    private readonly TempDirectory _directory = new();
    private readonly JumpingClock _clock = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task An_order_pays_the_price_of_its_holds_though_silos_die_and_the_clock_steps_over_the_change_and_back()
    {
        var before = HoldfastCluster.NewOrderId();
        await using (var first = await Start())
        {
            await first.CreateProduct("tea", 100, Normal);
            await Pays(first, Normal);
            var now = (await first.Product("tea").ReadPrices())!.Now.At;
            var put = await first.Product("tea").PutPrices(new(
                HoldfastCluster.NewOperation(),
                [new(Pounds(Early), null, now + Change), new(Pounds(Late), now + Change, null)],
                null,
                IfAbsent: true));
            Assert.Equal((PutPricesStatus.Put, Pounds(Early)), (put.Status, put.Prices!.Now.UnitPrice));
            await Pays(first, Early);

            // Held at the early price, and not charged when its silo dies.
            first.Doors.Close($"order/{before} order.charge");
            await first.PlaceAs(before, "tok_ok", new OrderLine("tea", 1));
            await first.Doors.Reached($"order/{before} order.charge");
            await first.Kill();
        }

        _clock.Jump(Change);
        await using (var second = await Start())
        {
            await Pays(second, Early, before);
            await Pays(second, Late);

            // Back to before the change: what is recorded has begun.
            _clock.Jump(-Change);
            await Pays(second, Late);
            await second.Kill();
        }

        await using var third = await Start();
        await Pays(third, Late);
        Assert.Equal(Pounds(Late), (await third.Product("tea").ReadPrices())!.Now.UnitPrice);

        // So say the rows.
        var scheduled = DateTimeOffset.MaxValue;
        foreach (var row in await third.Store.ReadForward("product/tea", 0, 1_000, CancellationToken.None))
        {
            foreach (var @event in JsonSerializer.Deserialize(row.Events.Span, StockKind.Instance.Events)!)
            {
                if (@event is StockEvent.PricesPut) scheduled = row.RecordedAt;
                if (@event is not StockEvent.Reserved hold) continue;
                var expected = row.RecordedAt < scheduled ? Normal : row.RecordedAt < scheduled + Change ? Early : Late;
                Assert.Equal((row.RecordedAt, expected), (row.RecordedAt, hold.Amount));
            }
        }
    }

    private static Money Pounds(long amount) => new(amount, "GBP");

    private Task<HoldfastCluster> Start() => HoldfastCluster.Start(_directory.Path, _clock.Install);

    /// <param name="id">Of an order that was placed before; null for a new one.</param>
    private static async Task Pays(HoldfastCluster cluster, long price, string? id = null)
    {
        var saga = id is null ? await cluster.Place("tok_ok", new OrderLine("tea", 1)) : cluster.Order(id);
        var order = await HoldfastCluster.Terminal(saga);
        Assert.Equal((OrderStatus.Completed, Pounds(price)), (order.Status, order.Total));
        Assert.Equal((price, 1), await cluster.Money(saga.GetPrimaryKeyString()));
    }
}
