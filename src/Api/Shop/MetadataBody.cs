using System.Text.Json;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;

namespace Holdfast.Api.Shop;

/// <summary>What a shop keeps of its own beside something of ours: 50 texts of 500 characters, with names of 40, at the most.</summary>
internal static class MetadataBody
{
    /// <summary>What a patch would leave there.</summary>
    public static readonly ProblemKind TooMuch = new("too_much_metadata", 422, "There would be too much metadata");

    public static IReadOnlyDictionary<string, string> From(MetadataEntry[] entries) =>
        entries.ToDictionary(static entry => entry.Name, static entry => entry.Value!, StringComparer.Ordinal);

    /// <summary>Of metadata that was not sent: none.</summary>
    /// <exception cref="RefusedRequestException">400: a null, which the reader takes for a text.</exception>
    public static MetadataEntry[] Check(IReadOnlyDictionary<string, string>? metadata, ref Checks checks, string pointer)
    {
        if (metadata is null) return [];
        foreach (var (name, value) in metadata)
        {
            if (value is not null) continue;
            throw Checks.Unreadable(RequestError.InBody(RequestError.Member(pointer, name), ErrorCodes.Null, "must not be null"));
        }

        return Check(metadata.Select(static entry => KeyValuePair.Create(entry.Key, (string?)entry.Value)), ref checks, pointer);
    }

    public static Fingerprint Add(MetadataEntry[] entries, Fingerprint fingerprint)
    {
        fingerprint.Add(entries.Length);
        foreach (var (name, value) in entries) fingerprint.Add(name).Add(value);
        return fingerprint;
    }

    /// <summary>Those of a patch: a null removes one.</summary>
    /// <exception cref="RefusedRequestException">400: it is no object, or an entry no text.</exception>
    public static IEnumerable<KeyValuePair<string, string?>> Entries(JsonElement metadata, string pointer) =>
    [
        .. PatchBody.Members(metadata, pointer)
            .Select(static entry => KeyValuePair.Create(entry.Name, PatchBody.Text(entry.Value, entry.Place))),
    ];

    public static Problem TooMany => TooMuch.With($"There can be {Limits.MetadataEntries} entries of metadata; remove some of them.");

    /// <summary>Checks the bounds, and puts it in order.</summary>
    /// <param name="metadata">In a patch a null removes the entry.</param>
    public static MetadataEntry[] Check(IEnumerable<KeyValuePair<string, string?>> metadata, ref Checks checks, string pointer)
    {
        var entries = metadata.Select(static entry => new MetadataEntry(entry.Key, entry.Value))
            .OrderBy(static entry => entry.Name, StringComparer.Ordinal)
            .ToArray();
        checks.Require(
            entries.Count(static entry => entry.Value is not null) <= Limits.MetadataEntries,
            pointer,
            ErrorCodes.WrongCount,
            $"must have at most {Limits.MetadataEntries} texts");
        foreach (var (name, value) in entries)
        {
            var member = RequestError.Member(pointer, name);
            checks.Require(
                name.Length <= Limits.MetadataNameLength && !string.IsNullOrWhiteSpace(name) && Checks.IsOneLine(name),
                member,
                ErrorCodes.InvalidName,
                $"must have a name of 1 to {Limits.MetadataNameLength} characters");
            checks.Require(
                value is null || (value.Length <= Limits.MetadataValueLength && Checks.IsOneLine(value)),
                member,
                ErrorCodes.InvalidText,
                $"must have at most {Limits.MetadataValueLength} characters, and no control characters");
        }

        return entries;
    }
}
