using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Holdfast.Api.Http.OpenApi;

/// <summary>
/// What requests and their answers look like. One file has them, in the order in which a test sends them to a server and holds its answers
/// against them. Who deletes a resource leaves examples of operations that are none any more; they are not shown.
/// </summary>
internal static class Examples
{
    private static readonly Lazy<Exchange[]> All = new(static () =>
    {
        using var file = typeof(Examples).Assembly.GetManifestResourceStream("Holdfast.Api.examples.json")!;
        return [.. JsonNode.Parse(file)!.AsArray().Select(static example => new Exchange(
            example!["operation"]!.GetValue<string>(),
            example["name"]!.GetValue<string>(),
            example["body"],
            example["status"]!.ToJsonString(),
            example["answer"]))];
    });

    public static Task Show(
        Microsoft.OpenApi.OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        var operations = document.Paths.Values.SelectMany(static path => path.Operations ?? [])
            .ToDictionary(static pair => pair.Value.OperationId!, static pair => pair.Value, StringComparer.Ordinal);
        foreach (var example in All.Value)
        {
            if (!operations.TryGetValue(example.Operation, out var operation)) continue;
            Add(operation.RequestBody?.Content, example.Name, example.Body);
            Add(operation.Responses![example.Status].Content, example.Name, example.Answer);
        }

        return Task.CompletedTask;
    }

    private static void Add(IDictionary<string, OpenApiMediaType>? content, string name, JsonNode? value)
    {
        if (value is null) return;
        foreach (var media in (content ?? new Dictionary<string, OpenApiMediaType>()).Values)
            (media.Examples ??= new Dictionary<string, IOpenApiExample>())[name] = new OpenApiExample { Value = value.DeepClone() };
    }

    private sealed record Exchange(string Operation, string Name, JsonNode? Body, string Status, JsonNode? Answer);
}
