using System.Globalization;
using Holdfast.Domain.Orders.Payments;

namespace Holdfast.Lab.Sagas;

/// <summary>The order that every system is asked for: one unit of each of its products.</summary>
/// <param name="Id">A public id, <c>ord_…</c>; the gateway knows the order by it.</param>
/// <param name="Skus">Different ones, in their ordinal order: whoever locks rows locks them in this order and meets no deadlock.</param>
[GenerateSerializer, Immutable, Alias("bench.SagaOrder")]
public sealed record SagaOrder([property: Id(0)] string Id, [property: Id(1)] string[] Skus, [property: Id(2)] string PaymentToken)
{
    /// <summary>Minor units, of every product.</summary>
    public const long UnitPrice = 1_250;

    public const string Currency = "EUR";

    /// <summary>No system has an order that takes longer and ends all the same.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The charge of an order, with the same key in every system for the gateway to recognise a repeat by.</summary>
    /// <param name="total">Minor units.</param>
    public static ChargeRequest Charge(string id, long total, string paymentToken) => new($"{id}/charge", id, new(total, Currency), paymentToken);

    public static string Sku(int number) => string.Create(CultureInfo.InvariantCulture, $"SKU-{number:D6}");
}

/// <summary>How far an order has come.</summary>
public enum OrderEnd
{
    /// <summary>Not ended: under way, or stuck.</summary>
    Open,
    Completed,
    Cancelled,
}
