using Holdfast.Domain.Inventory;

namespace Holdfast.Tests.Domain.Owner;

/// <summary>How it is stored what a source numbers, and since when a correction holds.</summary>
internal static class StoredSources
{
    private const string One = "00000001-0000-0000-0000-000000000000";

    private static readonly Guid Id = new(One);

    public static readonly (StockEvent Event, string Json)[] Events =
    [
        (new StockEvent.Adjusted(Id, 1, 3, 4, "found", null) { EffectiveAt = 1772366400000 },
            Head("stock.adjusted") + """ "delta":3,"onHand":4,"reason":"found","effectiveAt":1772366400000}""".TrimStart()),
        (new StockEvent.Adjusted(Id, 1, 3, 4, "received", "doc-1") { Source = "warehouse-1", Sequence = 7 },
            Head("stock.adjusted")
            + """ "delta":3,"onHand":4,"reason":"received","reference":"doc-1","source":"warehouse-1","sequence":7}""".TrimStart()),
        (new StockEvent.Counted(Id, 1, -6, 4, "inventory", null) { Source = "warehouse-1", Sequence = 8, Count = 5 },
            Head("stock.set")
            + """ "delta":-6,"onHand":4,"reason":"inventory","source":"warehouse-1","sequence":8,"count":5}""".TrimStart()),
        (new StockEvent.Superseded(Id, 1, "warehouse-1", 6, 2, null, 4, "received", null) { EffectiveAt = 1772366400000 },
            Head("stock.superseded") + """ "source":"warehouse-1","sequence":6,"delta":2,"onHand":4,""".TrimStart()
            + """ "reason":"received","effectiveAt":1772366400000}""".TrimStart()),
        (new StockEvent.DetailsPut(Id, 1, "Tea", 2, "EUR") { OnHand = 0 },
            Head("product.put") + """ "name":"Tea","amount":2,"currency":"EUR","onHand":0}""".TrimStart()),
        (new StockEvent.PricesPut(Id, 1, "EUR", []) { OnHand = 7 },
            Head("prices.put") + """ "currency":"EUR","prices":[],"onHand":7}""".TrimStart()),
        (new StockEvent.Superseded(Id, 1, "warehouse-1", 5, null, 9, 4, "inventory", "doc-2"),
            Head("stock.superseded")
            + """ "source":"warehouse-1","sequence":5,"count":9,"onHand":4,"reason":"inventory","reference":"doc-2"}""".TrimStart()),
    ];

    private static string Head(string type) => $$"""{"type":"{{type}}","operation":"{{One}}","fingerprint":1,""";
}
