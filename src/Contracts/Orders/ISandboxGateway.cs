using Holdfast.Contracts.Inventory;

namespace Holdfast.Contracts.Orders;

/// <summary>Reads the ledger of the built-in payment gateway. Key: 0; any silo answers.</summary>
[Alias("holdfast.ISandboxGateway")]
public interface ISandboxGateway : IGrainWithIntegerKey
{
    /// <summary>Answered charges of one order, or of all, with a number above <paramref name="after"/>, oldest first.</summary>
    /// <param name="orderId">A public id, <c>ord_…</c>, or null.</param>
    /// <param name="after">Only charges with a number above this one.</param>
    [Alias("ReadCharges")]
    ValueTask<SandboxCharge[]> ReadCharges(string? orderId, long after, int limit);
}

/// <summary>One line of the gateway's ledger: an answered charge.</summary>
/// <param name="Number">Ascending in the order in which the gateway answered.</param>
/// <param name="Status">captured or declined.</param>
/// <param name="Refunded">Minor units given back so far.</param>
[GenerateSerializer, Immutable, Alias("holdfast.SandboxCharge")]
public sealed record SandboxCharge(
    [property: Id(0)] long Number,
    [property: Id(1)] string Id,
    [property: Id(2)] string OrderId,
    [property: Id(3)] Money Amount,
    [property: Id(4)] string Status,
    [property: Id(5)] long Refunded,
    [property: Id(6)] DateTimeOffset At);
