using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Holdfast.Checker.Models;

/// <summary>JSON values as texts that can be compared. Numbers are compared as they are written: 1 is not 1.0.</summary>
internal static class Json
{
    public static string Canonical(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object or JsonValueKind.Array => Composite(value),
        JsonValueKind.String => JsonSerializer.Serialize(value.GetString()),
        _ => value.GetRawText(),
    };

    /// <summary>The document after a merge patch (RFC 7396); both canonical.</summary>
    public static string Merge(string? document, string patch)
    {
        var merged = Merge(document is null ? null : JsonNode.Parse(document), JsonNode.Parse(patch));
        return Canonical(JsonSerializer.SerializeToElement(merged));
    }

    private static JsonNode? Merge(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
            return patch?.DeepClone();
        var result = target as JsonObject ?? [];
        foreach (var (name, change) in changes)
        {
            if (change is null)
            {
                result.Remove(name);
                continue;
            }

            var old = result[name];
            result.Remove(name);
            result[name] = Merge(old, change);
        }

        return result;
    }

    private static string Composite(JsonElement value)
    {
        var text = new StringBuilder();
        if (value.ValueKind == JsonValueKind.Array)
        {
            text.Append('[').AppendJoin(',', value.EnumerateArray().Select(Canonical)).Append(']');
            return text.ToString();
        }

        var members = value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal);
        text.Append('{').AppendJoin(',', members.Select(member => $"{JsonSerializer.Serialize(member.Name)}:{Canonical(member.Value)}")).Append('}');
        return text.ToString();
    }
}
