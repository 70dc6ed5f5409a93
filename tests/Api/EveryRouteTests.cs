using System.Net;
using System.Text;
using System.Text.Json;

namespace Holdfast.Tests.Api;

/// <summary>What holds on every route that the document lists, those included that are added later.</summary>
[Collection(HttpRing.Name)]
public sealed class EveryRouteTests(HttpHost http) : IAsyncLifetime
{
    /// <summary>As they go over the wire.</summary>
    public static readonly TheoryData<string> NoNames =
    [
        "%20", "%C2%A0", "%E3%80%80", "%20A", "A%20", "A%09B", "A%7F", "A%C2%85", "A%C2%AD", "A%E2%80%8B", "A%E2%80%AEB", "%D8%9CA", "A%EF%BB%BF",
        "A%E2%80%A8B", "e%CC%81", "%E2%84%AB", "%E1%84%80%E1%85%A1", new string('x', 129), "%FF", "%ED%A0%80", "%C3",
    ];

    private string _sku = "";
    private string _user = "";
    private string _reservation = "";
    private string _order = "";
    private Operation[] _operations = [];

    public async Task InitializeAsync()
    {
        (_sku, _user) = (await http.Product(9), HttpHost.Name("user"));
        (await http.Put($"/v1/customers/{_user}/profile", "{}")).Is(201);
        _reservation = (await http.Post($"/v1/products/{_sku}/reservations", """{"quantity":1}""")).Is(201).Text("id")!;
        _order = (await http.Order("tok_ok", (_sku, 1))).Is(200).Text("id")!;
        var paths = (await http.Get("/openapi/v1.json")).Is(200).Json.GetProperty("paths");
        _operations = [.. paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(
            operation => new Operation(new HttpMethod(operation.Name.ToUpperInvariant()), path.Name, operation.Value)))];
        Assert.InRange(_operations.Length, 23, 100);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [MemberData(nameof(NoNames))]
    public async Task What_is_no_name_is_refused_in_a_path(string name)
    {
        var named = 0;
        foreach (var operation in _operations)
        {
            if (NameIn(operation.Path) is not { } parameter) continue;
            named++;
            var answer = await Send(operation, path: Fill(operation.Path.Replace($"{{{parameter}}}", name, StringComparison.Ordinal)));
            answer.IsProblem(400, "malformed");
            if (name.StartsWith("%E", StringComparison.Ordinal) && name != "%ED%A0%80") answer.Blames(parameter);
        }

        Assert.InRange(named, 15, 100);
    }

    [Theory]
    [InlineData(" ")]
    [InlineData(" A")]
    [InlineData("A\u200B")]
    [InlineData("e\u0301")]
    [InlineData("..")]
    public async Task What_is_no_name_is_refused_in_a_body(string name)
    {
        var order = $$"""{"customerId":"c","paymentToken":"tok_ok","lines":[{"sku":"{{_sku}}","quantity":1},{"sku":"{{name}}","quantity":1}]}""";
        (await http.Post("/v1/orders", order)).IsProblem(422, "out_of_bounds").Blames("lines[1].sku");
        order = $$"""{"customerId":"{{name}}","paymentToken":"tok_ok","lines":[{"sku":"{{_sku}}","quantity":1}]}""";
        (await http.Post("/v1/orders", order)).IsProblem(422, "out_of_bounds").Blames("customerId");
    }

    /// <summary>As a client sends it to a proxy: the server reads such a target in another way.</summary>
    [Fact]
    public async Task A_slash_in_a_name_is_part_of_it_in_a_target_of_absolute_form_too()
    {
        var (slash, plain) = (HttpHost.Name("slash"), HttpHost.Name("plain"));
        await http.Put($"/v1/products/{slash}%2Fstock", """{"name":"x","unitPrice":{"amount":1,"currency":"EUR"}}""");
        using var proxied = new HttpClient(new SocketsHttpHandler { Proxy = new WebProxy(http.Client.BaseAddress), UseProxy = true })
        {
            BaseAddress = new Uri($"http://localhost:{http.Client.BaseAddress!.Port}"),
        };

        var product = await Answer.Read(await proxied.GetAsync(new Uri($"/v1/products/{slash}%2Fstock", UriKind.Relative)));
        Assert.Equal($"{slash}/stock", product.Is(200).Text("sku"));
        (await http.Put($"/v1/customers/{plain}/profile", "{}")).Is(201);
        var erased = await Answer.Read(await proxied.DeleteAsync(new Uri($"/v1/customers/{plain}%2Fprofile", UriKind.Relative)));
        erased.IsProblem(404, "not_found");
        (await http.Get($"/v1/customers/{plain}/profile")).Is(200);
    }

    [Fact]
    public async Task A_body_that_is_null_is_refused()
    {
        foreach (var operation in _operations.Where(operation => operation.HasBody))
            (await Send(operation, "null")).IsProblem(400, "malformed");
    }

    [Theory]
    [InlineData("put", "/v1/products/{sku}", """{"name":"x","unitPrice":null}""", "unitPrice")]
    [InlineData("post", "/v1/orders", """{"customerId":"c","paymentToken":"t","lines":null}""", "lines")]
    [InlineData("post", "/v1/orders", """{"customerId":"c","paymentToken":"t","lines":[null]}""", "lines[0]")]
    [InlineData("post", "/v1/orders", """{"customerId":"c","paymentToken":"t","lines":[{"sku":"x","quantity":1},null]}""", "lines[1]")]
    [InlineData("put", "/v1/customers/{id}/profile", """{"address":null}""", "address")]
    [InlineData("put", "/v1/customers/{id}/profile", """{"preferences":{"a":null}}""", "preferences.a")]
    public async Task A_null_where_something_is_due_is_refused_with_its_place(string method, string path, string body, string place)
    {
        var operation = _operations.Single(operation => operation.Path == path && operation.Method == new HttpMethod(method.ToUpperInvariant()));
        (await Send(operation, body)).IsProblem(400, "malformed").Blames(place);
    }

    [Theory]
    [InlineData("; charset=\"utf-8\"")]
    [InlineData(";charset=UTF-8")]
    [InlineData("; charset=\"UTF-8\"; x=y")]
    public async Task A_charset_may_be_utf_8_in_any_spelling(string charset)
    {
        foreach (var operation in _operations.Where(operation => operation.HasBody))
        {
            var answer = await Send(operation, mediaType: operation.MediaType + charset);
            Assert.True(answer.Status is < 500 and not 415 and not 400, $"{operation.Method} {operation.Path}: {answer.Status} {answer.Body}");
        }
    }

    [Theory]
    [InlineData("; charset=utf8")]
    [InlineData("; charset=\"utf-16\"")]
    [InlineData("; charset=klingon")]
    [InlineData("; charset=")]
    [InlineData("; charset=iso-8859-1")]
    [InlineData("-seq")]
    public async Task Any_other_charset_is_another_media_type(string charset)
    {
        foreach (var operation in _operations.Where(operation => operation.HasBody))
            await IsRefused(operation, operation.MediaType + charset);
    }

    [Theory]
    [InlineData("application/json-patch+json")]
    [InlineData("application/problem+json")]
    [InlineData("text/plain")]
    [InlineData("json")]
    [InlineData("*/*")]
    public async Task Any_other_media_type_is_refused(string mediaType)
    {
        foreach (var operation in _operations.Where(operation => operation.HasBody)) await IsRefused(operation, mediaType);
    }

    [Fact]
    public async Task A_patch_is_a_merge_patch_by_name_and_nothing_else_is()
    {
        foreach (var operation in _operations.Where(operation => operation.HasBody))
            await IsRefused(operation, operation.Method == HttpMethod.Patch ? "application/json" : "application/merge-patch+json");
    }

    [Theory]
    [InlineData("If-Match", "\"1\"")]
    [InlineData("If-Match", "*")]
    [InlineData("If-None-Match", "*")]
    [InlineData("If-None-Match", "\"1\"")]
    [InlineData("If-Unmodified-Since", "Sun, 29 Nov 2020 00:00:00 GMT")]
    public async Task A_condition_that_cannot_be_checked_is_refused(string header, string value)
    {
        var without = _operations.Where(operation => !operation.Takes(header)).ToArray();
        Assert.InRange(without.Length, 10, 100);
        foreach (var operation in without)
            (await Send(operation, headers: [(header, value)])).IsProblem(400, "precondition_unsupported").Blames(header);
    }

    [Fact]
    public async Task A_stale_condition_is_checked_wherever_there_is_an_entity_tag()
    {
        var with = _operations.Where(operation => operation.Takes("If-Match")).ToArray();
        Assert.InRange(with.Length, 8, 100);
        foreach (var operation in with)
            (await Send(operation, headers: [("If-Match", "\"999999\"")])).IsProblem(412, "version_mismatch");
        foreach (var operation in with.Where(operation => operation.Method != HttpMethod.Get && operation.Takes("If-None-Match")))
        {
            (await Send(operation, headers: [("If-None-Match", "*")])).IsProblem(412, "version_mismatch");
            (await Send(operation, headers: [("If-Match", "*"), ("If-None-Match", "*")])).IsProblem(412, "version_mismatch");
        }
    }

    [Theory]
    [InlineData("?limt=10", "limt")]
    [InlineData("?Limit=10", "Limit")]
    [InlineData("?=1", "")]
    [InlineData("?after", "after")]
    [InlineData("?sku=a&sku=a", "sku")]
    public async Task A_parameter_that_nobody_looks_at_is_refused(string query, string name)
    {
        foreach (var operation in _operations.Where(operation => !operation.Takes(name)))
            (await Send(operation, path: Fill(operation.Path) + query)).IsProblem(400, "malformed").Blames(name);
    }

    [Fact]
    public async Task A_parameter_that_is_there_twice_is_refused()
    {
        var pages = _operations.Where(operation => operation.Takes("limit")).ToArray();
        Assert.InRange(pages.Length, 4, 100);
        foreach (var operation in pages)
            (await Send(operation, path: Fill(operation.Path) + "?limit=1&limit=1")).IsProblem(400, "malformed").Blames("limit");
    }

    /// <summary>A cache of anybody else must not keep what a person ordered, nor hand out what was true a while ago.</summary>
    [Fact]
    public async Task No_answer_may_be_kept_by_others_and_none_is_handed_out_unasked()
    {
        foreach (var operation in _operations)
        {
            var rule = operation is { Method.Method: "GET", Path: "/v1/products/{sku}" } ? "no-cache, private" : "no-store, private";
            Assert.Equal((operation.Path, rule), (operation.Path, (await Send(operation)).Headers["Cache-Control"]));
        }

        var missing = (await http.Get("/v1/orders/ord_00000000000000000000000000000000")).IsProblem(404, "order_not_found");
        Assert.Equal("no-store, private", missing.Headers["Cache-Control"]);
    }

    [Fact]
    public async Task A_key_makes_the_repeat_of_any_write_succeed_whose_version_its_first_has_moved_on()
    {
        foreach (var operation in _operations.Where(operation => operation.Takes("Idempotency-Key") && operation.Method != HttpMethod.Post).OrderBy(static operation => operation.Method == HttpMethod.Delete))
        {
            var path = Fill(operation.Path);
            var seen = (await http.Get(path)).Is(200);
            (string, string)[] headers = [("Idempotency-Key", HttpHost.Name("write")), ("If-Match", seen.ETag ?? $"\"{seen.Number("version")}\"")];
            var first = await Send(operation, headers: headers);
            Assert.InRange(first.Status, 200, 204);
            var again = await Send(operation, headers: headers);
            Assert.Equal((operation.Path, first.Status, first.Body, first.ETag, true), (operation.Path, again.Status, again.Body, again.ETag, again.Replayed));
            foreach (var any in (string[])["*", "\"999998\", \"999999\""])
                Assert.True((await Send(operation, headers: [headers[0], ("If-Match", any)])).Replayed);
            if (operation.Method == HttpMethod.Delete) continue;
            (await Send(operation, Body(operation).Replace("\"x\"", "\"y\"").Replace("9", "8").Replace("\"a\"", "\"b\""), headers: headers)).IsProblem(422, "idempotency_key_reused");
            (await Send(operation, headers: [headers[1], ("Idempotency-Key", HttpHost.Name("write"))])).IsProblem(412, "version_mismatch");
        }
    }

    [Fact]
    public async Task Head_is_answered_wherever_get_is_and_as_get_is()
    {
        var reads = _operations.Where(operation => operation.Method == HttpMethod.Get).Select(operation => Fill(operation.Path))
            .Concat(["/", "/openapi/v1.json", "/health/live", "/health/ready", "/v1/products/none", "/v1/products/%20"]);
        foreach (var path in reads)
        {
            var (get, head) = (await http.Get(path), await http.Send(HttpMethod.Head, path, null, []));
            Assert.Equal((path, get.Status, get.ETag, get.MediaType, ""), (path, head.Status, head.ETag, head.MediaType, head.Body));
        }
    }

    private async Task IsRefused(Operation operation, string mediaType)
    {
        var refused = (await Send(operation, mediaType: mediaType)).IsProblem(415, "unsupported_media_type");
        Assert.Equal(
            operation.Method == HttpMethod.Patch ? "application/merge-patch+json" : null, refused.Headers.GetValueOrDefault("Accept-Patch"));
    }

    private async Task<Answer> Send(
        Operation operation, string? body = null, string? mediaType = null, string? path = null, (string Name, string Value)[]? headers = null)
    {
        using var request = new HttpRequestMessage(operation.Method, path ?? Fill(operation.Path));
        if (operation.HasBody)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body ?? Body(operation)));
            Assert.True(request.Content.Headers.TryAddWithoutValidation("Content-Type", mediaType ?? operation.MediaType));
        }

        if (operation.Method == HttpMethod.Post) request.Headers.Add("Idempotency-Key", HttpHost.Name("key"));
        foreach (var (name, value) in headers ?? []) Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        using var response = await http.Client.SendAsync(request);
        return await Answer.Read(response);
    }

    /// <summary>The parameter that is a name of the caller's own; ids that the server makes are looked up, not checked.</summary>
    private static string? NameIn(string path) =>
        path.Contains("{sku}", StringComparison.Ordinal) ? "sku"
        : path.Contains("{name}", StringComparison.Ordinal) ? "name"
        : path.StartsWith("/v1/customers/", StringComparison.Ordinal) ? "id"
        : null;

    private string Fill(string path) => path
        .Replace("{sku}", _sku, StringComparison.Ordinal)
        .Replace("{name}", "door", StringComparison.Ordinal)
        .Replace("customers/{id}", "customers/" + _user, StringComparison.Ordinal)
        .Replace("orders/{id}", "orders/" + _order, StringComparison.Ordinal)
        .Replace("reservations/{id}", "reservations/" + _reservation, StringComparison.Ordinal);

    /// <summary>One that the operation takes.</summary>
    private string Body(Operation operation) => (operation.Method.Method, operation.Path) switch
    {
        ("PUT", "/v1/products/{sku}") => """{"name":"x","unitPrice":{"amount":1,"currency":"EUR"}}""",
        ("PUT", "/v1/products/{sku}/stock") => """{"onHand":9,"reason":"inventory"}""",
        ("POST", "/v1/products/{sku}/adjustments") => """{"delta":1,"reason":"received"}""",
        ("POST", "/v1/products/{sku}/reservations") => """{"quantity":1}""",
        ("POST", "/v1/orders/{id}/cancel") => """{"reason":"customer"}""",
        ("POST", "/v1/orders/{id}/retry" or "/v1/orders/{id}/compensate" or "/v1/orders/{id}/complete" or "/v1/orders/{id}/resume") => """{"note":"x"}""",
        ("POST", "/v1/orders") => HttpHost.OrderBody("tok_ok", (_sku, 1)),
        ("PUT" or "PATCH", "/v1/customers/{id}/profile") => """{"email":"a"}""",
        ("POST", "/v1/counters/{name}/increments") => """{"delta":1}""",
        _ => throw new InvalidOperationException($"Say here what {operation.Method} {operation.Path} takes."),
    };

    private sealed record Operation(HttpMethod Method, string Path, JsonElement Described)
    {
        public bool HasBody => Described.TryGetProperty("requestBody", out _);

        public string MediaType => Method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json";

        public bool Takes(string header) => Described.TryGetProperty("parameters", out var parameters)
            && parameters.EnumerateArray().Any(parameter => parameter.GetProperty("name").GetString() == header);
    }
}
