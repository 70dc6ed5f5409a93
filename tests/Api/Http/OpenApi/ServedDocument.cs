using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Holdfast.Tests.Api.Http.OpenApi;

/// <summary>The OpenAPI document as a server serves it: which operation a request is, and what it may say and be answered.</summary>
public sealed class ServedDocument(string json)
{
    private static readonly BuildOptions Build = new() { Dialect = Dialect.Draft202012 };

    private static readonly EvaluationOptions Evaluation = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    private readonly JsonObject _root = JsonNode.Parse(json)!.AsObject();
    private readonly ConcurrentDictionary<string, JsonSchema> _schemas = new();

    /// <summary>The operation of a request; null when there is none. HEAD is answered as GET is.</summary>
    /// <param name="path">As it is sent, without the query.</param>
    public DescribedOperation? Find(HttpMethod method, string path)
    {
        var key = (method == HttpMethod.Head ? HttpMethod.Get : method).Method.ToLowerInvariant();
        return PathOf(path) is { } there && _root["paths"]![there]![key] is JsonObject described ? new(this, described) : null;
    }

    public bool HasPath(string path) => PathOf(path) is not null;

    /// <summary>What is wrong with the JSON by the schema, each with its place; nothing when all is right.</summary>
    public IEnumerable<string> Check(JsonObject schema, string body)
    {
        using var value = JsonDocument.Parse(body);
        var results = Compiled(schema).Evaluate(value.RootElement, Evaluation);
        if (results.IsValid) return [];
        return [.. (results.Details ?? []).Prepend(results)
            .SelectMany(static result => (result.Errors ?? new Dictionary<string, string>())
                .Select(error => $"'{result.InstanceLocation}' ({result.EvaluationPath}): {error.Value}"))];
    }

    /// <summary>What a reference means.</summary>
    public JsonObject Resolve(JsonObject node)
    {
        if (node["$ref"]?.GetValue<string>() is not { } reference) return node;
        return reference[2..].Split('/').Aggregate((JsonNode)_root, static (at, name) => at[name]!).AsObject();
    }

    private string? PathOf(string path)
    {
        var segments = path.Split('/');
        return _root["paths"]!.AsObject().Select(static entry => entry.Key).FirstOrDefault(template =>
        {
            var parts = template.Split('/');
            return parts.Length == segments.Length
                && parts.Zip(segments).All(static pair => pair.First.StartsWith('{') ? pair.Second.Length > 0 : pair.First == pair.Second);
        });
    }

    /// <summary>A schema that stands for itself: what it refers to goes with it.</summary>
    private JsonSchema Compiled(JsonObject schema) => _schemas.GetOrAdd(schema.GetPath(), _ =>
    {
        var whole = schema.DeepClone().AsObject();
        whole["$defs"] = _root["components"]!["schemas"]!.DeepClone();
        return JsonSchema.FromText(whole.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal), Build);
    });
}

/// <summary>One operation of the document.</summary>
public sealed class DescribedOperation(ServedDocument document, JsonObject described)
{
    /// <summary>What is wrong with a request that was not refused.</summary>
    /// <param name="headers">The names of all that were sent.</param>
    public IEnumerable<string> CheckRequest(string? mediaType, string body, IReadOnlySet<string> headers)
    {
        foreach (var parameter in (described["parameters"]?.AsArray() ?? []).Select(node => document.Resolve(node!.AsObject())))
        {
            var header = parameter["name"]!.GetValue<string>();
            var required = parameter["in"]!.GetValue<string>() == "header" && parameter["required"]?.GetValue<bool>() == true;
            if (required && !headers.Contains(header)) yield return $"it was taken without its required header {header}";
        }

        if (described["requestBody"] is not JsonObject takes) yield break;
        if (body.Length == 0 && takes["required"]?.GetValue<bool>() != true) yield break;
        if (takes["content"]?[mediaType ?? ""] is not JsonObject content)
        {
            yield return $"its body was taken as '{mediaType}', which is not documented";
            yield break;
        }

        foreach (var error in document.Check(content["schema"]!.AsObject(), body)) yield return "request " + error;
    }

    /// <summary>What is wrong with an answer.</summary>
    /// <param name="isHead">The body was left out.</param>
    public IEnumerable<string> CheckAnswer(int status, string? mediaType, string body, IReadOnlySet<string> headers, bool isHead)
    {
        if (described["responses"]?[status.ToString(CultureInfo.InvariantCulture)] is not JsonObject answer)
        {
            yield return "the status is not documented";
            yield break;
        }

        var documented = answer["headers"]?.AsObject() ?? [];
        foreach (var header in headers.Where(header => !documented.ContainsKey(header)))
            yield return $"its header {header} is not documented";
        foreach (var (header, node) in documented)
        {
            if (document.Resolve(node!.AsObject())["required"]?.GetValue<bool>() == true && !headers.Contains(header))
                yield return $"it has no header {header}";
        }

        if (answer["content"] is not JsonObject contents)
        {
            if (body.Length > 0) yield return "it has a body, and none is documented";
            yield break;
        }

        if (contents[mediaType ?? ""] is not JsonObject content)
        {
            yield return $"it is '{mediaType}', which is not documented";
            yield break;
        }

        if (isHead) yield break;
        foreach (var error in document.Check(content["schema"]!.AsObject(), body)) yield return "answer " + error;
    }
}
