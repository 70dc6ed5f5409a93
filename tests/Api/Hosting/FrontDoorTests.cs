using System.Net.Sockets;
using System.Text;
using Holdfast.Api;
using Holdfast.Outbox.Lanes;
using Holdfast.Outbox.Ownership;
using Holdfast.Silo;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Holdfast.Tests.Api.Hosting;

/// <summary>What belongs to no resource: the home page, health, the document, and the framework's own refusals.</summary>
[Collection(HttpRing.Name)]
public sealed class FrontDoorTests(HttpHost http)
{
    [Fact]
    public async Task The_home_page_leads_on()
    {
        var home = (await http.Get("/")).Is(200);
        Assert.Equal("text/html", home.MediaType);
        foreach (var path in new[] { "/openapi/v1.json", "/dashboard", "/health/ready" })
        {
            Assert.Contains($"href=\"{path}\"", home.Body, StringComparison.Ordinal);
            // A client that is sent on to another path does not say there who it is.
            (await http.Get(path == "/dashboard" ? "/dashboard/" : path)).Is(200);
        }
    }

    [Fact]
    public async Task A_started_server_is_live_and_ready()
    {
        Assert.Equal("healthy", (await http.Get("/health/live")).Is(200).Text("status"));
        Assert.Equal("healthy", (await http.Get("/health/ready")).Is(200).Text("status"));
    }

    [Fact]
    public async Task What_does_not_exist_is_a_problem() => (await http.Get("/v1/nothing")).IsProblem(404, "not_found");

    [Fact]
    public async Task A_method_that_is_not_allowed_is_a_problem()
    {
        var refused = (await http.Delete("/v1/products/x")).IsProblem(405, "method_not_allowed");
        Assert.Equal("GET, HEAD, PATCH, PUT", refused.Headers["Allow"]);
    }

    [Fact]
    public async Task A_body_that_is_not_json_is_a_problem() =>
        (await http.Send(HttpMethod.Post, "/v1/orders", "{}", [("Idempotency-Key", "k")], "text/plain")).IsProblem(415, "unsupported_media_type");

    [Fact]
    public async Task A_body_that_is_too_large_is_a_problem() =>
        (await http.Post("/v1/orders", new string(' ', (256 * 1024) + 1))).IsProblem(413, "payload_too_large");

    [Fact]
    public async Task A_body_that_is_nested_too_deeply_is_a_problem() =>
        (await http.Put("/v1/customers/u/profile", string.Concat(Enumerable.Repeat("""{"address":""", 20)) + "1" + new string('}', 20)))
            .IsProblem(400, "malformed");

    [Fact]
    public async Task A_problem_says_each_thing_that_is_wrong_with_its_place_a_code_and_a_page()
    {
        var problem = (await http.Post("/v1/orders", """{"customerId":" ","paymentToken":"t","lines":[{"sku":"x","quantity":0}]}"""))
            .IsProblem(422, "out_of_bounds");

        Assert.Equal(
            [("/customerId", "invalid_name"), ("/lines/0/quantity", "out_of_range")],
            problem.Json.GetProperty("errors").EnumerateArray()
                .Select(static error => (error.GetProperty("pointer").GetString(), error.GetProperty("code").GetString())));
        Assert.StartsWith("'/customerId' must have", problem.Text("detail"), StringComparison.Ordinal);
        var page = (await http.Get(problem.Text("type")!)).Is(200);
        Assert.Equal("text/html", page.MediaType);
        Assert.Contains("The request is out of bounds", page.Body, StringComparison.Ordinal);
        (await http.Get("/docs/problems/none")).IsProblem(404, "not_found");
    }

    [Fact]
    public async Task Every_answer_has_an_id_that_is_its_traces()
    {
        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        Assert.Equal(Trace, (await http.Get("/", ("traceparent", $"00-{Trace}-b7ad6b7169203331-01"))).Headers["Request-Id"]);
        foreach (var path in new[] { "/", "/health/live", "/openapi/v1.json", "/v1/counters/x", "/nothing" })
            Assert.Equal(32, (await http.Get(path)).Headers["Request-Id"].Length);
    }

    [Fact]
    public async Task Every_kind_of_problem_has_a_page()
    {
        var all = (await http.Get("/docs/problems")).Is(200).Body;
        foreach (var code in new[] { "malformed", "version_mismatch", "order_not_found", "insufficient_stock", "internal_error" })
            Assert.Contains($"href=\"/docs/problems/{code}\"", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_under_another_host_name_is_refused() =>
        (await http.Get("/v1/counters/x", ("Host", "shop.example"))).IsProblem(400, "unknown_host");

    [Theory]
    [InlineData("X-Remark: \u00E9")]
    [InlineData("Idempotency-Key: k\u00FF", "idempotency_key_invalid")]
    [InlineData("If-Match: \"\u00E9", "precondition_unsupported")]
    public async Task A_header_of_any_bytes_is_read_or_refused_with_a_problem(string header, string? code = null)
    {
        const string Body = """{"delta":1}""";
        var answer = await Raw($"POST /v1/counters/bytes/increments HTTP/1.1\r\n{header}\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}", "\r\n\r\n" + Body);
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        Assert.Contains($"\"code\":\"{code ?? "idempotency_key_missing"}\"", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /v1/counters/x HTTP/1.1\r\nX-A: a\0b", 400)]
    [InlineData("GET /v1/counters/x HTTP/1.1\r\nX A: b", 400)]
    [InlineData("GET /v1/counters/x HTTP/1.1\r\nHost: two", 400)]
    [InlineData("GET /v1/counters/%00 HTTP/1.1", 400)]
    [InlineData("GET  /v1/counters/x HTTP/1.1", 400)]
    [InlineData("G\u00E9T /v1/counters/x HTTP/1.1", 400)]
    [InlineData("what", 400)]
    [InlineData("POST /v1/orders HTTP/1.1\r\nContent-Length: -1", 400)]
    [InlineData("POST /v1/orders HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: gzip", 400)]
    [InlineData("GET /", 414)]
    [InlineData("GET / HTTP/1.1\r\nX-Long: ", 431)]
    public async Task What_the_server_cannot_parse_is_a_problem_too(string head, int status)
    {
        if (status != 400) head += new string('x', 20_000) + (status == 414 ? " HTTP/1.1" : "");
        var answer = (await Raw(head)).Split("\r\n\r\n", 2);
        Assert.StartsWith($"HTTP/1.1 {status} ", answer[0], StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/problem+json", answer[0], StringComparison.Ordinal);
        Assert.Contains($"Content-Length: {answer[1].Length}\r\n", answer[0], StringComparison.Ordinal);
        var problem = System.Text.Json.JsonDocument.Parse(answer[1]).RootElement;
        Assert.Equal(("bad_request", status), (problem.GetProperty("code").GetString(), problem.GetProperty("status").GetInt32()));
        Assert.Contains($"Request-Id: {problem.GetProperty("traceId").GetString()}\r\n", answer[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("post")]
    [InlineData("PoSt")]
    public async Task A_method_is_the_same_in_any_case_and_so_is_a_request_with_a_key(string method)
    {
        var path = $"/v1/counters/{HttpHost.Name("counter")}/increments";
        (await http.Post(path, """{"delta":1}""", "k")).Is(200);

        const string Headers = "Idempotency-Key: k\r\nContent-Type: application/json\r\nContent-Length: 11";
        var answer = await Raw($"{method} {path} HTTP/1.1\r\n{Headers}", "\r\n\r\n" + """{"delta":1}""");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("Idempotent-Replayed: true", answer, StringComparison.Ordinal);
        Assert.Contains("\"value\":1}", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_with_a_zero_character_does_not_reach_an_endpoint() =>
        Assert.StartsWith("HTTP/1.1 400", await Raw("GET /v1/counters/a%00b HTTP/1.1"), StringComparison.Ordinal);

    [Fact]
    public async Task The_document_names_headers_and_problems_of_each_operation()
    {
        var paths = (await http.Get("/openapi/v1.json")).Is(200).Json.GetProperty("paths");
        var routes = http.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(static route => route.RoutePattern.RawText!.TrimEnd('/'))
            .Where(static route => route.StartsWith("/v1/", StringComparison.Ordinal))
            .Distinct()
            .ToArray();
        Assert.InRange(routes.Length, 21, 100);
        Assert.Equal(routes.Order(), paths.EnumerateObject().Select(static path => path.Name).Order());
        foreach (var path in paths.EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                Assert.False(string.IsNullOrEmpty(operation.Value.GetProperty("summary").GetString()), path.Name);
                foreach (var status in new[] { "401", "403", "429", "503" })
                    Assert.True(operation.Value.GetProperty("responses").TryGetProperty(status, out _), path.Name);
                var needs = operation.Value.GetProperty("security")[0].GetProperty("bearer");
                Assert.Contains(Assert.Single(needs.EnumerateArray()).GetString(), Holdfast.Contracts.Callers.Scopes.All);
                Assert.Equal(operation.Name != "get", Names(operation.Value).Contains("Idempotency-Key"));
            }
        }

        var components = (await http.Get("/openapi/v1.json")).Json.GetProperty("components");
        var scheme = components.GetProperty("securitySchemes").GetProperty("bearer");
        Assert.Equal(("http", "bearer"), (scheme.GetProperty("type").GetString(), scheme.GetProperty("scheme").GetString()));
        var read = paths.GetProperty("/v1/products/{sku}").GetProperty("get").GetProperty("security");
        Assert.Equal("""[{"bearer":["products:read"]}]""", System.Text.Json.JsonSerializer.Serialize(read));
        Assert.Contains("If-Match", Names(paths.GetProperty("/v1/products/{sku}/stock").GetProperty("put")));
        Assert.Contains("Prefer", Names(paths.GetProperty("/v1/orders").GetProperty("post")));

        static IEnumerable<string?> Names(System.Text.Json.JsonElement operation) => operation.TryGetProperty("parameters", out var parameters)
            ? parameters.EnumerateArray().Select(parameter => parameter.GetProperty("name").GetString())
            : [];
    }

    [Fact]
    public async Task Every_file_of_the_store_is_for_its_owner_alone()
    {
        // So that every one of them is there, the gateway's too.
        (await http.Order("tok_ok", (await http.Product(1), 1))).Is(200);
        if (OperatingSystem.IsWindows()) return;
        var files = Directory.GetFiles(http.DataDirectory);
        Assert.Contains(files, file => file.EndsWith(".lock", StringComparison.Ordinal));
        Assert.Contains(files, file => file.EndsWith("gateway.db-wal", StringComparison.Ordinal));
        foreach (var file in files)
            Assert.Equal((file, UnixFileMode.UserRead | UnixFileMode.UserWrite), (file, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void A_start_is_not_greeted_by_what_orleans_says_of_its_services()
    {
        var loggers = http.Services.GetRequiredService<ILoggerFactory>();
        Assert.False(loggers.CreateLogger(typeof(LaneService).FullName!).IsEnabled(LogLevel.Information));
        Assert.True(loggers.CreateLogger(typeof(OutboxLanes).FullName!).IsEnabled(LogLevel.Information));
    }

    [Theory]
    [InlineData("--urls", "http://0.0.0.0:0")]
    [InlineData("--urls", "http://*:5080")]
    [InlineData("--urls", "http://localhost:0;http://[::]:0")]
    [InlineData("--urls", "http://192.168.1.7:80")]
    [InlineData("--urls", "http://shop.example:80")]
    [InlineData("--http_ports", "8080")]
    [InlineData("--https_ports", "8443")]
    [InlineData("--Kestrel:Endpoints:Public:Url", "http://+:80")]
    public void An_address_that_others_can_reach_is_refused_before_the_start(string setting, string value)
    {
        var refused = Assert.Throws<StartRefusedException>(() => HoldfastApi.Build([setting, value]));
        Assert.Contains(setting.TrimStart('-').Split(":Url")[0], refused.Message, StringComparison.Ordinal);
    }

    private async Task<string> Raw(string head, string end = "\r\n\r\n")
    {
        using var client = new TcpClient();
        await client.ConnectAsync(http.Client.BaseAddress!.Host, http.Client.BaseAddress.Port);
        await using var stream = client.GetStream();
        var rest = $"Host: localhost\r\nAuthorization: Bearer {http.Key}\r\nConnection: close{end}";
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"{head}\r\n{rest}"));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadToEndAsync();
    }
}
