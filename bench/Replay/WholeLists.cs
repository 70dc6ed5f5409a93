using System.Net;

namespace Holdfast.Bench.Replay;

/// <summary>Reads lists of everything to their ends, for checks.</summary>
internal static class WholeLists
{
    /// <summary>Every order that there is, by its id, as the list shows it past everything that is committed.</summary>
    /// <exception cref="RefusedException">One is listed twice.</exception>
    public static async Task<IReadOnlyDictionary<string, OrderAnswer>> ReadOrderList(
        this HoldfastClient client, CancellationToken cancellationToken)
    {
        var listed = new Dictionary<string, OrderAnswer>();
        var orders = await client.ReadPages(
            "v1/orders?order=asc&", WireJson.Default.OrderPage, page => (page.Items, page.Next), cancellationToken, newest: true);
        foreach (var order in orders)
        {
            if (!listed.TryAdd(order.Id, order))
                throw new RefusedException(HttpStatusCode.OK, "listed_twice", $"{order.Id} is listed twice");
        }

        return listed;
    }

    /// <summary>The sum of every product's movements in the list of all, past everything that is committed.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> ReadMovementList(
        this HoldfastClient client, CancellationToken cancellationToken)
    {
        var sums = new Dictionary<string, long>();
        var movements = await client.ReadPages(
            "v1/movements?order=asc&", WireJson.Default.SkuMovementPage, page => (page.Items, page.Next), cancellationToken, newest: true);
        foreach (var (sku, delta) in movements) sums[sku] = sums.GetValueOrDefault(sku) + delta;
        return sums;
    }
}
