using System.Text.RegularExpressions;
using Holdfast.Contracts.Callers;

namespace Holdfast.Tests.Api.Hostile;

/// <summary>One method of one route, with a request that it would take.</summary>
internal sealed partial record Target(string Method, string Pattern)
{
    /// <summary>Fills in what is known of it; what is left in braces is somebody else's.</summary>
    public required Func<string, string> Fill { get; init; }

    /// <summary>Of all methods of the pattern.</summary>
    public required IReadOnlyList<string> Methods { get; init; }

    /// <summary>Null where being a caller is enough.</summary>
    public required string? Scope { get; init; }

    /// <summary>The document describes it; the others are pages, health and the dashboard.</summary>
    public bool IsDescribed { get; init; }

    /// <summary>Null for one that takes none.</summary>
    public string? Body { get; init; }

    public bool BodyIsRequired { get; init; }

    public string MediaType { get; init; } = "application/json";

    /// <summary>Headers that it looks at, and parameters of the query.</summary>
    public IReadOnlyList<string> Takes { get; init; } = [];

    public IReadOnlyList<string> QueryParameters { get; init; } = [];

    /// <summary>A cursor that its list has given; null when the list has one page, or there is no list.</summary>
    public string? Cursor { get; init; }

    public bool IsRead => Method is "GET" or "HEAD";

    public bool NeedsKey => Method == "POST" && Takes.Contains("Idempotency-Key");

    /// <summary>What nobody who may only read events may do.</summary>
    public bool NeedsMoreThanEvents => Scope is not (null or Scopes.EventsRead);

    /// <summary>Parameters that are names of the caller's own.</summary>
    public string[] Names => [.. Parameters.Where(IsName)];

    /// <summary>Parameters that only what is there already can be called by.</summary>
    public string[] Ids => [.. Parameters.Where(parameter => !IsName(parameter))];

    /// <summary>Its answer goes on for as long as somebody listens.</summary>
    public bool IsEndless => Pattern.EndsWith("/Trace", StringComparison.Ordinal);

    public string Path => Fill(Pattern);

    private IEnumerable<string> Parameters => Parameter().Matches(Pattern).Select(static match => match.Value);

    private bool IsName(string parameter) =>
        parameter is "{sku}" or "{name}" || (parameter == "{id}" && Pattern.StartsWith("/v1/customers/", StringComparison.Ordinal));

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
