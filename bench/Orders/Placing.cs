using Holdfast.Bench.Measuring;
using Holdfast.Bench.Plain;
using Holdfast.Contracts;
using Holdfast.Contracts.Orders;

namespace Holdfast.Bench.Orders;

/// <summary>Places orders of so many lines over so many products, and waits for their end.</summary>
internal sealed class Placing(IGrainFactory grains, int products, int lines)
{
    private const string PaymentToken = "tok_ok";
    private const int SampleSize = 1_024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string[] _sample = new string[SampleSize];
    private int _placed = -1;

    /// <summary>The latest completed orders.</summary>
    public IReadOnlyList<string> Sample => [.. _sample.Where(static id => id is not null)];

    public async ValueTask PlaceAndWait(Client client)
    {
        var id = client.NextId();
        var publicId = PublicId.Format(PublicId.Order, id);
        var order = grains.GetGrain<IOrderSaga>(publicId);
        if ((await order.Place(Command(id, client))).Replayed) throw new BenchException($"{publicId} was placed before: the figures would mean nothing.");
        var end = await order.WaitForEnd(Patience);
        Check(end?.Status ?? OrderStatus.Placed);
        _sample[(uint)Interlocked.Increment(ref _placed) % SampleSize] = publicId;
    }

    public async ValueTask PlacePlain(Client client)
    {
        var id = client.NextId();
        Check(await grains.GetGrain<IPlainOrder>(PublicId.Format(PublicId.Order, id)).Place(Command(id, client)));
    }

    private PlaceOrder Command(Guid id, Client client)
    {
        // A prime apart: no SKU comes twice, unless there are as many products as the prime.
        var first = client.Pick(products);
        var order = new OrderLine[Math.Min(lines, products)];
        for (var i = 0; i < order.Length; i++) order[i] = new(Products.Sku((first + (i * 7919)) % products), 1);
        return new(new(id, 1), "customer-1", order, PaymentToken);
    }

    private static void Check(OrderStatus status)
    {
        if (status != OrderStatus.Completed) throw new BenchException($"An order ended {status}: the figures would mean nothing.");
    }
}
