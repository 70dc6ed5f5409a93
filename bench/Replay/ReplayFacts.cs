namespace Holdfast.Bench.Replay;

/// <summary>Everything that a replay asked for and read back: what the checks judge.</summary>
/// <param name="CoversAll">The initial stock covers the whole demand.</param>
/// <param name="Charges">The whole ledger of the sandbox gateway, other runs included.</param>
/// <param name="OtherOrders">Ids in <paramref name="Charges"/> that are orders of the server, but not of this run.</param>
public sealed record ReplayFacts(
    bool CoversAll,
    IReadOnlyList<OrderFacts> Orders,
    IReadOnlyList<ReturnFacts> Returns,
    IReadOnlyList<SkuFacts> Skus,
    IReadOnlyList<ChargeAnswer> Charges,
    IReadOnlySet<string> OtherOrders)
{
    /// <summary>
    /// Every order of the server by its id, as the list of all orders shows it, read past everything; null when it was not read.
    /// </summary>
    public IReadOnlyDictionary<string, OrderAnswer>? Listed { get; init; }

    /// <summary>What the list of all movements sums to, for each SKU; null when it was not read.</summary>
    public IReadOnlyDictionary<string, long>? Moved { get; init; }

    /// <summary>An order may have been cancelled because its goods could not be held in time.</summary>
    public bool LateIsFine { get; init; }
}

/// <summary>One invoice placed as an order.</summary>
/// <param name="Answer">The last answer of the run itself; null when the server refused the order.</param>
/// <param name="Final">Read again after all invoices were done; null when the server does not know it.</param>
/// <param name="Refusal">What the server said instead of accepting.</param>
/// <param name="Latency">From the first attempt to the final answer, retries included; null when there was none.</param>
public sealed record OrderFacts(Invoice Invoice, OrderAnswer? Answer, OrderAnswer? Final, string? Refusal, TimeSpan? Latency);

/// <summary>One cancellation, given back to stock.</summary>
/// <param name="Refusal">What the server said instead of accepting; <paramref name="Accepted"/> has the lines before it.</param>
public sealed record ReturnFacts(Invoice Invoice, IReadOnlyList<InvoiceLine> Accepted, string? Refusal);

/// <summary>One product after the run.</summary>
/// <param name="Before">On hand before the run put anything there.</param>
/// <param name="Initial">What the run put there before its first order.</param>
/// <param name="Movements">Its ledger; null when it is not in the sample.</param>
public sealed record SkuFacts(string Sku, long Before, long Initial, StockAnswer Stock, IReadOnlyList<MovementAnswer>? Movements);
