using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Api.Shop;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Api.Products;

/// <summary>What the shop shows of a product. A PUT replaces all of it.</summary>
/// <param name="Name">1 to 200 characters.</param>
/// <param name="UnitPrice">What one unit costs.</param>
/// <param name="Reference">The shop's own number or name for it; need not be unique.</param>
/// <param name="Metadata">Up to 50 texts of up to 500 characters that the shop keeps with it, with names of up to 40.</param>
/// <param name="Archived">It is not for sale any more: nobody can reserve or order it. What is held already may still be sold.</param>
public sealed record ProductRequest(
    [property: StringLength(Limits.NameLength, MinimumLength = 1)] string Name,
    PriceRequest UnitPrice,
    [property: StringLength(Limits.ReferenceLength, MinimumLength = 1)] string? Reference = null,
    IReadOnlyDictionary<string, string>? Metadata = null,
    bool Archived = false)
{
    /// <summary>What is there says the same already.</summary>
    /// <param name="metadata">Its own, as it was checked.</param>
    internal bool Says(ProductDetails there, MetadataEntry[] metadata) =>
        there.Name == Name
        && there.UnitPrice == UnitPrice.ToMoney()
        && there.Reference == Reference
        && there.Archived == Archived
        && there.Metadata.AsSpan().SequenceEqual(metadata);

    internal ulong Fingerprint(MetadataEntry[] metadata)
    {
        var fingerprint = new Fingerprint().Add(Name).Add(UnitPrice.Amount).Add(UnitPrice.Currency);
        if (Reference is not null || metadata.Length > 0 || Archived)
            MetadataBody.Add(metadata, fingerprint.Add(Reference).Add(Archived ? 1 : 0));
        return fingerprint.Value;
    }

    /// <returns>The metadata, in order.</returns>
    /// <exception cref="RefusedRequestException">422: out of bounds.</exception>
    internal MetadataEntry[] Check()
    {
        var checks = new Checks();
        checks.Text(Name, Limits.NameLength, "/name");
        UnitPrice.Check(ref checks, "/unitPrice");
        if (Reference is not null) checks.Text(Reference, Limits.ReferenceLength, "/reference");
        var metadata = MetadataBody.Check(Metadata, ref checks, "/metadata");
        checks.Refuse();
        return metadata;
    }
}

/// <summary>A product as the shop shows it.</summary>
/// <param name="Reference">The shop's own number or name for it.</param>
/// <param name="Metadata">What the shop keeps with it.</param>
/// <param name="Archived">It is not for sale any more.</param>
/// <param name="CreatedAt">Null when it was stored by a release that did not keep it.</param>
/// <param name="UpdatedAt">When what is said here was last changed. Null as above.</param>
/// <param name="Version">Also the ETag; sales and stock changes do not move it.</param>
public sealed record ProductResponse(
    string Sku,
    string Name,
    MoneyBody UnitPrice,
    string? Reference,
    IReadOnlyDictionary<string, string> Metadata,
    bool Archived,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? UpdatedAt,
    long Version)
{
    /// <summary>With expand=stock.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StockResponse? Stock { get; init; }

    internal static ProductResponse From(ProductDetails details) => new(
        details.Sku,
        details.Name,
        MoneyBody.From(details.UnitPrice),
        details.Reference,
        MetadataBody.From(details.Metadata),
        details.Archived,
        details.CreatedAt,
        details.UpdatedAt,
        details.Version);
}
