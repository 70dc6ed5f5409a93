using Holdfast.Bench.Plain;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Bench.Measuring;

/// <summary>The products that a measurement sells.</summary>
internal static class Products
{
    /// <summary>How many calls go out at a time while something is made that is not measured.</summary>
    private const int CallsAtATime = 512;

    public static string Sku(int number) => $"SKU-{number:D6}";

    /// <summary>Makes products with all the stock that there can be.</summary>
    public static Task Create(IGrainFactory grains, int count, CancellationToken cancellationToken) =>
        ForEach(count, number => Create(grains, Sku(number)), cancellationToken);

    /// <inheritdoc cref="Create(IGrainFactory, int, CancellationToken)"/>
    public static Task CreatePlain<T>(IGrainFactory grains, int count, CancellationToken cancellationToken)
        where T : IPlainStock =>
        ForEach(count, number => grains.GetGrain<T>(Sku(number)).Open(Limits.Quantity), cancellationToken);

    public static async ValueTask Create(IGrainFactory grains, string sku)
    {
        var product = grains.GetGrain<IProductInventory>(sku);
        await product.PutDetails(new(new(Guid.NewGuid(), 1), $"Product {sku}", new(1_250, "EUR"), null, IfAbsent: false));
        await product.Adjust(new(new(Guid.NewGuid(), 1), Limits.Quantity, "received", null));
    }

    /// <summary>Makes so many of something, many at a time.</summary>
    public static Task ForEach(int count, Func<int, ValueTask> make, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        Enumerable.Range(0, count),
        new ParallelOptions { MaxDegreeOfParallelism = CallsAtATime, CancellationToken = cancellationToken },
        (number, _) => make(number));
}
