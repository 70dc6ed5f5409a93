using System.Text.Json;
using System.Text.Json.Nodes;
using Holdfast.Bench.Measuring;

namespace Holdfast.Lab.Races.Profile;

/// <summary>Keeps profiles: JSON objects that several people edit, one field an edit.</summary>
internal interface IProfiles : IStrategy
{
    /// <param name="json">The first version.</param>
    Task Put(string user, string json);

    /// <summary>Sets one field and leaves the others as they are.</summary>
    ValueTask<Answer> Edit(string user, FieldEdit edit, Client editor);

    /// <summary>The truth: the profile as it is stored.</summary>
    Task<string> Read(string user);
}

/// <summary>One field, and what it becomes.</summary>
internal sealed record FieldEdit(string Field, string Value)
{
    public string ApplyTo(string json)
    {
        var profile = JsonNode.Parse(json)!.AsObject();
        profile[Field] = Value;
        return profile.ToJsonString();
    }

    /// <summary>As a merge patch: an object with this field alone.</summary>
    public string ToPatch() => JsonSerializer.Serialize(new Dictionary<string, string> { [Field] = Value });
}
