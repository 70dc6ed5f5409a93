using System.ComponentModel.DataAnnotations;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.Requests;
using Holdfast.Api.Shop;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Api.Products;

/// <summary>What the shop shows of a product.</summary>
/// <param name="Name">1 to 200 characters.</param>
/// <param name="UnitPrice">What one unit costs.</param>
public sealed record ProductRequest([property: StringLength(Limits.NameLength, MinimumLength = 1)] string Name, PriceRequest UnitPrice)
{
    /// <summary>What is there says the same already.</summary>
    internal bool Says(ProductDetails there) => there.Name == Name && there.UnitPrice == UnitPrice.ToMoney();

    internal ulong Fingerprint => new Fingerprint().Add(Name).Add(UnitPrice.Amount).Add(UnitPrice.Currency).Value;

    internal void Check()
    {
        var checks = new Checks();
        checks.Text(Name, Limits.NameLength, "/name");
        UnitPrice.Check(ref checks, "/unitPrice");
        checks.Refuse();
    }
}

/// <summary>A product as the shop shows it.</summary>
/// <param name="Version">Also the ETag; sales and stock changes do not move it.</param>
public sealed record ProductResponse(string Sku, string Name, MoneyBody UnitPrice, long Version)
{
    internal static ProductResponse From(ProductDetails details) =>
        new(details.Sku, details.Name, MoneyBody.From(details.UnitPrice), details.Version);
}
