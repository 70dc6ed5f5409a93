using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Holdfast.Tests.Tidy;

namespace Holdfast.Tests.Api.Http.OpenApi;

/// <summary>
/// The examples of the OpenAPI document are what a fresh server answers, one after the other, but for times and random ids.
/// HOLDFAST_RECORD_EXAMPLES=1 writes the answers anew: read what that changes, and build.
/// </summary>
public sealed class ExampleTests : IAsyncLifetime
{
    private const string File = "src/Api/examples.json";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new(Plain) { WriteIndented = true };

    // An id is made of who asked, too: with a key it would be another one each time.
    private readonly HttpHost _http = new() { IsOpen = true };

    public Task InitializeAsync() => _http.InitializeAsync();

    public Task DisposeAsync() => _http.DisposeAsync();

    [Fact]
    public async Task Every_example_is_answered_as_it_is_shown_and_is_in_the_document()
    {
        var examples = JsonDocument.Parse(Repository.Read(File)).RootElement.EnumerateArray().ToArray();
        Assert.InRange(examples.Length, 20, 100);
        var answers = new List<Answer>();
        foreach (var example in examples) answers.Add(await Send(example));
        if (Environment.GetEnvironmentVariable("HOLDFAST_RECORD_EXAMPLES") is not null)
        {
            Record(examples, answers);
            return;
        }

        foreach (var (example, answer) in examples.Zip(answers)) AssertAnswered(example, answer);

        var paths = (await _http.Get("/openapi/v1.json")).Is(200).Json.GetProperty("paths");
        var operations = paths.EnumerateObject()
            .SelectMany(static path => path.Value.EnumerateObject())
            .ToDictionary(static operation => Text(operation.Value, "operationId"), static operation => operation.Value);
        foreach (var example in examples) AssertShown(operations[Text(example, "operation")], example);
    }

    private static void Record(JsonElement[] examples, List<Answer> answers)
    {
        var anew = examples.Zip(answers, static (example, answer) =>
        {
            var recorded = JsonObject.Create(example)!;
            recorded["status"] = answer.Status;
            recorded.Remove("answer");
            if (answer.Body.Length > 0) recorded["answer"] = JsonNode.Parse(answer.Body);
            return (JsonNode)recorded;
        });
        System.IO.File.WriteAllText(Path.Combine(Repository.Root, File), new JsonArray([.. anew]).ToJsonString(Indented) + "\n");
    }

    private Task<Answer> Send(JsonElement example)
    {
        var method = new HttpMethod(Text(example, "method"));
        var headers = example.TryGetProperty("headers", out var sent) ? sent.EnumerateObject().ToArray() : [];
        var body = example.TryGetProperty("body", out var said) ? said.GetRawText() : null;
        var mediaType = method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json";
        return _http.Send(
            method, Text(example, "path"), body, [.. headers.Select(static header => (header.Name, header.Value.GetString()!))], mediaType);
    }

    private static void AssertAnswered(JsonElement example, Answer answer)
    {
        answer.Is(example.GetProperty("status").GetInt32());
        var shown = example.TryGetProperty("answer", out var told) ? JsonSerializer.Serialize(told, Plain) : "";
        Assert.Equal(ReadmeTests.WithoutTimes(shown), ReadmeTests.WithoutTimes(answer.Body));
    }

    private static void AssertShown(JsonElement operation, JsonElement example)
    {
        if (example.TryGetProperty("body", out var body)) AssertShown(operation.GetProperty("requestBody"), example, body);
        var response = operation.GetProperty("responses").GetProperty(example.GetProperty("status").GetRawText());
        if (example.TryGetProperty("answer", out var answer)) AssertShown(response, example, answer);
    }

    private static void AssertShown(JsonElement part, JsonElement example, JsonElement value)
    {
        var media = part.GetProperty("content").EnumerateObject().Single().Value;
        Assert.True(JsonElement.DeepEquals(value, media.GetProperty("examples").GetProperty(Text(example, "name")).GetProperty("value")));
    }

    private static string Text(JsonElement element, string member) => element.GetProperty(member).GetString()!;
}
