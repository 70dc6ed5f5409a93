using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Api.Shop;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Api.Products;

/// <summary>What a merge patch (RFC 7396) of a product may say. A null removes what can be missing, and what is left out stays.</summary>
/// <remarks>Only describes the JSON, since a patch tells null from absent.</remarks>
/// <param name="Reference">The shop's own number or name for it.</param>
/// <param name="Metadata">Entries that come, change or go.</param>
/// <param name="Archived">It is not for sale any more.</param>
public sealed record ProductPatchBody(
    [property: StringLength(Limits.NameLength, MinimumLength = 1)] string? Name = null,
    PricePatchBody? UnitPrice = null,
    [property: StringLength(Limits.ReferenceLength, MinimumLength = 1)] string? Reference = null,
    IReadOnlyDictionary<string, string?>? Metadata = null,
    bool? Archived = null);

/// <param name="Amount">In minor units: cents, pence, whole yen.</param>
/// <param name="Currency">ISO 4217, three capital letters.</param>
public sealed record PricePatchBody(
    [property: Range(0, Limits.UnitPrice)] long? Amount = null,
    [property: RegularExpression("^[A-Z]{3}$")] string? Currency = null);

/// <summary>A merge patch that has been read.</summary>
internal sealed record ProductPatch(PatchProduct Said)
{
    private static readonly ProductPatch Nothing = new(new PatchProduct(default, null, null, null, null, null, false, null, false, []));

    /// <exception cref="RefusedRequestException">400 or 422: it is no patch of a product.</exception>
    public static ProductPatch Read(JsonElement body)
    {
        var (said, checks) = (Nothing.Said, new Checks());
        foreach (var (name, value, place) in PatchBody.Members(body, ""))
        {
            said = name switch
            {
                "name" => said with { Name = PatchBody.RequiredText(value, place) },
                "unitPrice" => ReadPrice(said, value, place),
                "reference" => said with { SetsReference = true, Reference = PatchBody.Text(value, place) },
                "metadata" when value.ValueKind == JsonValueKind.Null => said with { ClearsMetadata = true },
                "metadata" => said with { Metadata = MetadataBody.Check(MetadataBody.Entries(value, place), ref checks, place) },
                "archived" => said with { Archived = PatchBody.Flag(value, place) },
                _ => throw PatchBody.Unknown(place),
            };
        }

        if (said.Name is { } text) checks.Text(text, Limits.NameLength, "/name");
        if (said.Reference is { } reference) checks.Text(reference, Limits.ReferenceLength, "/reference");
        PriceRequest.Check(said.Amount ?? 0, said.Currency ?? "EUR", ref checks, "/unitPrice");
        checks.Refuse();
        return new ProductPatch(said);
    }

    public ulong Fingerprint => MetadataBody.Add(
        Said.Metadata,
        new Fingerprint().Add(Said.Name).Add(Said.Amount ?? -1).Add(Said.Currency)
            .Add(Said.Archived switch { null => -1, true => 1, false => 0 })
            .Add(Said.SetsReference ? 1 : 0).Add(Said.Reference).Add(Said.ClearsMetadata ? 1 : 0)).Value;

    public PatchProduct On(Operation operation, long? ifVersion) => Said with { Operation = operation, IfVersion = ifVersion };

    private static PatchProduct ReadPrice(PatchProduct said, JsonElement price, string pointer)
    {
        PatchBody.RefuseNull(price, pointer);
        foreach (var (name, value, place) in PatchBody.Members(price, pointer))
        {
            said = name switch
            {
                "amount" => said with { Amount = PatchBody.WholeNumber(value, place) },
                "currency" => said with { Currency = PatchBody.RequiredText(value, place) },
                _ => throw PatchBody.Unknown(place),
            };
        }

        return said;
    }
}
