namespace Holdfast.Bench.Replay;

/// <summary>What to replay, where, and how hard.</summary>
/// <param name="Run">Part of every idempotency key: the same name again continues the run instead of repeating its effects.</param>
/// <param name="Concurrency">Invoices in flight at a time.</param>
/// <param name="Wait">How long the server may hold an order's answer back until the order has ended.</param>
/// <param name="Patience">How long to go on retrying while the server answers nothing.</param>
/// <param name="AllMovements">Read the ledger of every SKU, not only of a sample.</param>
public sealed record ReplaySettings(
    string Run, InitialStock Stock, int Concurrency, TimeSpan Wait, TimeSpan Patience, bool AllMovements)
{
    /// <summary>
    /// An order may end because its goods could not be held in time. A server that is killed again and again may say so; one that is
    /// left in peace, with stock for all, may not.
    /// </summary>
    public bool LateIsFine { get; init; }
}
