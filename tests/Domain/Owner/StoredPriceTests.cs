using System.Text;
using Holdfast.Domain.Inventory;

namespace Holdfast.Tests.Domain.Owner;

/// <summary>How prices that begin and end are stored for ever; see <see cref="StoredShapeTests"/>.</summary>
public sealed class StoredPriceTests
{
    private const string One = "00000001-0000-0000-0000-000000000000";

    private static readonly Guid Id = new(One);

    internal static readonly (StockEvent Event, string Json)[] Events =
    [
        (new StockEvent.PricesPut(Id, ulong.MaxValue, "EUR", [new(1772366400000, 250, 1772366400001), new(1772366400001, 0)]),
            $$"""{"type":"prices.put","operation":"{{One}}","fingerprint":18446744073709551615,"currency":"EUR","""
            + """ "prices":[{"from":1772366400000,"amount":250,"to":1772366400001},{"from":1772366400001,"amount":0}]}""".TrimStart()),
        (new StockEvent.PricesPut(Id, 1, "EUR", []),
            $$"""{"type":"prices.put","operation":"{{One}}","fingerprint":1,"currency":"EUR","prices":[]}"""),
    ];

    [Fact]
    public void A_snapshot_has_the_prices_of_a_product_that_has_some()
    {
        const string json = """
            {"name":"Tea","amount":250,"currency":"EUR","detailsVersion":1,"onHand":0,"stockVersion":0,"version":4,"holds":[],
            "receipts":{"spilledUntil":0,"kept":[]},"prices":[{"from":1772366400000,"amount":200,"to":1772366400001}],"pricesVersion":4}
            """;
        var format = StockKind.Instance.Snapshots;
        var state = StockState.Restore("sku-1", new("Tea", 250, "EUR", 1, 0, 0, 4, [], new(0, []))
        {
            Prices = [new(1772366400000, 200, 1772366400001)],
            PricesVersion = 4,
        });

        Assert.Equal(json.ReplaceLineEndings(""), Encoding.UTF8.GetString(format.Capture(state)()));
        Assert.Equal(StateText.Of(state), StateText.Of(format.Restore("sku-1", Encoding.UTF8.GetBytes(json))));
        Assert.Equal((4L, 200L), (state.PricesVersion, Assert.Single(state.Prices!).Amount));
    }
}
