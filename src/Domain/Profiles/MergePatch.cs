using System.Text.Json.Nodes;

namespace Holdfast.Domain.Profiles;

/// <summary>JSON merge patch, RFC 7396 §2.</summary>
public static class MergePatch
{
    /// <summary>The target with the patch applied; neither argument is changed.</summary>
    public static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        var merged = (JsonObject)target.DeepClone();
        foreach (var (name, value) in patch)
        {
            switch (value)
            {
                case null:
                    merged.Remove(name);
                    break;
                case JsonObject inner:
                    merged[name] = Apply(merged[name] as JsonObject ?? [], inner);
                    break;
                default:
                    merged[name] = value.DeepClone();
                    break;
            }
        }

        return merged;
    }
}
