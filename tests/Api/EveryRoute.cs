using System.Text;
using System.Text.Json;

namespace Holdfast.Tests.Api;

/// <summary>Every operation that the document lists, those included that are added later, with a body and names that it takes.</summary>
public abstract class EveryRoute(HttpHost http) : IAsyncLifetime
{
    private string _user = "";
    private string _reservation = "";
    private string _order = "";
    private string _key = "";
    private string _lease = "";
    private string _leaseToken = "";

    public async Task InitializeAsync()
    {
        (Sku, _user) = (await Http.Product(9), HttpHost.Name("user"));
        (await Http.Put($"/v1/customers/{_user}/profile", "{}")).Is(201);
        _reservation = (await Http.Post($"/v1/products/{Sku}/reservations", """{"quantity":1}""")).Is(201).Text("id")!;
        _order = (await Http.Order("tok_ok", (Sku, 1))).Is(200).Text("id")!;
        _lease = HttpHost.Name("lease");
        _leaseToken = (await Http.Post($"/v1/leases/{_lease}/acquire", """{"holder":"x","ttlSeconds":3600}""")).Is(200).Text("token")!;
        _key = (await Http.Post("/v1/keys", KeyBody)).Is(201).Text("id")!;
        var paths = (await Http.Get("/openapi/v1.json")).Is(200).Json.GetProperty("paths");
        Operations = [.. paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(
            operation => new Operation(new HttpMethod(operation.Name.ToUpperInvariant()), path.Name, operation.Value)))];
        Assert.InRange(Operations.Length, 23, 100);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    protected HttpHost Http { get; } = http;

    protected string Sku { get; private set; } = "";

    protected Operation[] Operations { get; private set; } = [];

    protected async Task<Answer> Send(
        Operation operation,
        string? body = null,
        string? mediaType = null,
        string? path = null,
        (string Name, string Value)[]? headers = null,
        string? contentEncoding = null)
    {
        using var request = new HttpRequestMessage(operation.Method, path ?? Fill(operation.Path));
        if (operation.HasBody)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body ?? Body(operation)));
            Assert.True(request.Content.Headers.TryAddWithoutValidation("Content-Type", mediaType ?? operation.MediaType));
            if (contentEncoding is not null) request.Content.Headers.ContentEncoding.Add(contentEncoding);
        }

        if (operation.Method == HttpMethod.Post) request.Headers.Add("Idempotency-Key", HttpHost.Name("key"));
        foreach (var (name, value) in headers ?? []) Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        using var response = await Http.Client.SendAsync(request);
        return await Answer.Read(response);
    }

    protected string Fill(string path) => path
        .Replace("{sku}", Sku, StringComparison.Ordinal)
        .Replace("leases/{name}", "leases/" + _lease, StringComparison.Ordinal)
        .Replace("{name}", "door", StringComparison.Ordinal)
        .Replace("customers/{id}", "customers/" + _user, StringComparison.Ordinal)
        .Replace("orders/{id}", "orders/" + _order, StringComparison.Ordinal)
        .Replace("keys/{id}", "keys/" + _key, StringComparison.Ordinal)
        .Replace("reservations/{id}", "reservations/" + _reservation, StringComparison.Ordinal);

    /// <summary>One that the operation takes.</summary>
    protected string Body(Operation operation) => (operation.Method.Method, operation.Path) switch
    {
        ("PUT", "/v1/products/{sku}") => """{"name":"x","unitPrice":{"amount":1,"currency":"EUR"}}""",
        ("PUT", "/v1/products/{sku}/prices") =>
            """{"prices":[{"unitPrice":{"amount":9,"currency":"EUR"},"from":"2999-01-01T00:00:00Z"}]}""",
        ("PUT", "/v1/products/{sku}/stock") => """{"onHand":9,"reason":"inventory"}""",
        ("POST", "/v1/products/{sku}/adjustments") => """{"delta":1,"reason":"received"}""",
        ("POST", "/v1/adjustments") => $$"""{"items":[{"sku":"{{Sku}}","delta":1,"reason":"received"}]}""",
        ("POST", "/v1/products/{sku}/reservations/{id}/commit") => """{"quantity":1}""",
        ("POST", "/v1/products/{sku}/reservations/{id}/extend") => """{"ttlSeconds":60}""",
        ("POST", "/v1/keys") => KeyBody,
        ("POST", "/v1/products/{sku}/reservations") => """{"quantity":1}""",
        ("PATCH", "/v1/products/{sku}") => """{"reference":"x"}""",
        ("PATCH", "/v1/orders/{id}") => """{"reference":"x"}""",
        ("POST", "/v1/orders/{id}/cancel") => """{"reason":"customer"}""",
        ("POST", "/v1/orders") => HttpHost.OrderBody("tok_ok", (Sku, 1)),
        ("POST", _) when operation.Path.StartsWith("/v1/orders/{id}/", StringComparison.Ordinal) => """{"note":"x"}""",
        ("POST", "/v1/leases/{name}/acquire") => """{"holder":"x","ttlSeconds":1}""",
        ("POST", "/v1/leases/{name}/renew") => $$"""{"token":"{{_leaseToken}}","ttlSeconds":1}""",
        ("POST", "/v1/leases/{name}/release") => $$"""{"token":"{{_leaseToken}}"}""",
        ("PUT", "/v1/counters/{name}") => """{"shards":4}""",
        ("PUT" or "PATCH", "/v1/customers/{id}/profile") => """{"email":"a"}""",
        ("POST", "/v1/counters/{name}/increments") => """{"delta":1}""",
        _ => throw new InvalidOperationException($"Say here what {operation.Method} {operation.Path} takes."),
    };

    private static string KeyBody => $$"""{"name":"{{HttpHost.Name("key")}}","scopes":["events:read"]}""";

    protected sealed record Operation(HttpMethod Method, string Path, JsonElement Described)
    {
        public bool HasBody => Described.TryGetProperty("requestBody", out _);

        public string MediaType => Method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json";

        public bool Takes(string header) => Described.TryGetProperty("parameters", out var parameters)
            && parameters.EnumerateArray().Any(parameter => parameter.GetProperty("name").GetString() == header);
    }
}
