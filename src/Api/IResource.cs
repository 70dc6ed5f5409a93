using System.Collections.Frozen;
using System.Text.Json.Serialization.Metadata;

namespace Holdfast.Api;

/// <summary>
/// One resource of the front door. Everything about it lies in its folder, and nothing lists it: <see cref="Resources"/> finds it, and
/// whoever deletes the folder has deleted the feature. It has a constructor without parameters.
/// </summary>
public interface IResource
{
    /// <summary>Its bodies. How strictly they are read is the same for all: see <see cref="Http.Requests.StrictJson"/>.</summary>
    IJsonTypeInfoResolver Json { get; }

    /// <summary>The kinds of owners whose versions it sends, as their streams begin; and the scope with which those may be known.</summary>
    IReadOnlyDictionary<string, string> Versions => FrozenDictionary<string, string>.Empty;

    void Map(IEndpointRouteBuilder door);
}
