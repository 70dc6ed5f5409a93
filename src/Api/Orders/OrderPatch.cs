using System.Text.Json;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Api.Shop;
using Holdfast.Contracts;
using Holdfast.Contracts.Orders;

namespace Holdfast.Api.Orders;

/// <summary>What a merge patch (RFC 7396) of an order may say. A null removes, and what is left out stays.</summary>
/// <remarks>Only describes the JSON, since a patch tells null from absent.</remarks>
/// <param name="Reference">The shop's own number or name for it.</param>
/// <param name="Metadata">Entries that come, change or go.</param>
public sealed record OrderPatchBody(string? Reference = null, IReadOnlyDictionary<string, string?>? Metadata = null);

/// <summary>A merge patch that has been read.</summary>
internal sealed record OrderPatch(bool SetsReference, string? Reference, bool ClearsMetadata, MetadataEntry[] Metadata)
{
    /// <exception cref="RefusedRequestException">400 or 422: it is no patch of an order.</exception>
    public static OrderPatch Read(JsonElement body)
    {
        var (patch, checks) = (new OrderPatch(false, null, false, []), new Checks());
        foreach (var (name, value, place) in PatchBody.Members(body, ""))
        {
            patch = name switch
            {
                "reference" => patch with { SetsReference = true, Reference = PatchBody.Text(value, place) },
                "metadata" when value.ValueKind == JsonValueKind.Null => patch with { ClearsMetadata = true },
                "metadata" => patch with { Metadata = MetadataBody.Check(MetadataBody.Entries(value, place), ref checks, place) },
                _ => throw PatchBody.Unknown(place),
            };
        }

        if (patch.Reference is { } reference) checks.Text(reference, Limits.ReferenceLength, "/reference");
        checks.Refuse();
        return patch;
    }

    public ulong Fingerprint => MetadataBody.Add(
        Metadata, new Fingerprint().Add(SetsReference ? 1 : 0).Add(Reference).Add(ClearsMetadata ? 1 : 0)).Value;

    public DescribeOrder On(Operation operation, long? ifVersion) =>
        new(operation, ifVersion, SetsReference, Reference, ClearsMetadata, Metadata);
}
