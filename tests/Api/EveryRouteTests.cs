using System.Net;

namespace Holdfast.Tests.Api;

/// <summary>What holds on every route that the document lists, those included that are added later.</summary>
[Collection(HttpRing.Name)]
public sealed class EveryRouteTests(HttpHost http) : EveryRoute(http)
{
    /// <summary>As they go over the wire.</summary>
    public static readonly TheoryData<string> NoNames =
    [
        "%20", "%C2%A0", "%E3%80%80", "%20A", "A%20", "A%09B", "A%7F", "A%C2%85", "A%C2%AD", "A%E2%80%8B", "A%E2%80%AEB", "%D8%9CA", "A%EF%BB%BF",
        "A%E2%80%A8B", "e%CC%81", "%E2%84%AB", "%E1%84%80%E1%85%A1", new string('x', 129), "%FF", "%ED%A0%80", "%C3",
    ];

    [Theory]
    [MemberData(nameof(NoNames))]
    public async Task What_is_no_name_is_refused_in_a_path(string name)
    {
        var named = 0;
        foreach (var operation in Operations)
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
        var lines = $$"""[{"sku":"{{Sku}}","quantity":1},{"sku":"{{name}}","quantity":1}]""";
        var order = $$"""{"customerId":"c","paymentToken":"tok_ok","lines":{{lines}}}""";
        (await Http.Post("/v1/orders", order)).IsProblem(422, "out_of_bounds").Blames("lines[1].sku");
        order = $$"""{"customerId":"{{name}}","paymentToken":"tok_ok","lines":[{"sku":"{{Sku}}","quantity":1}]}""";
        (await Http.Post("/v1/orders", order)).IsProblem(422, "out_of_bounds").Blames("customerId");
    }

    /// <summary>As a client sends it to a proxy: the server reads such a target in another way.</summary>
    [Fact]
    public async Task A_slash_in_a_name_is_part_of_it_in_a_target_of_absolute_form_too()
    {
        var (slash, plain) = (HttpHost.Name("slash"), HttpHost.Name("plain"));
        await Http.Put($"/v1/products/{slash}%2Fstock", """{"name":"x","unitPrice":{"amount":1,"currency":"EUR"}}""");
        using var proxied = new HttpClient(new SocketsHttpHandler { Proxy = new WebProxy(Http.Client.BaseAddress), UseProxy = true })
        {
            BaseAddress = new Uri($"http://localhost:{Http.Client.BaseAddress!.Port}"),
            DefaultRequestHeaders = { Authorization = new("Bearer", Http.Key) },
        };

        var product = await Answer.Read(await proxied.GetAsync(new Uri($"/v1/products/{slash}%2Fstock", UriKind.Relative)));
        Assert.Equal($"{slash}/stock", product.Is(200).Text("sku"));
        (await Http.Put($"/v1/customers/{plain}/profile", "{}")).Is(201);
        var erased = await Answer.Read(await proxied.DeleteAsync(new Uri($"/v1/customers/{plain}%2Fprofile", UriKind.Relative)));
        erased.IsProblem(404, "not_found");
        (await Http.Get($"/v1/customers/{plain}/profile")).Is(200);
    }

    [Fact]
    public async Task A_body_that_is_null_is_refused()
    {
        foreach (var operation in Operations.Where(operation => operation.HasBody))
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
        var wanted = new HttpMethod(method.ToUpperInvariant());
        var operation = Operations.Single(operation => operation.Path == path && operation.Method == wanted);
        (await Send(operation, body)).IsProblem(400, "malformed").Blames(place);
    }

    [Theory]
    [InlineData("; charset=\"utf-8\"")]
    [InlineData(";charset=UTF-8")]
    [InlineData("; charset=\"UTF-8\"; x=y")]
    public async Task A_charset_may_be_utf_8_in_any_spelling(string charset)
    {
        foreach (var operation in Operations.Where(operation => operation.HasBody))
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
        foreach (var operation in Operations.Where(operation => operation.HasBody))
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
        foreach (var operation in Operations.Where(operation => operation.HasBody)) await IsRefused(operation, mediaType);
    }

    [Fact]
    public async Task A_body_comes_as_it_is()
    {
        foreach (var operation in Operations.Where(operation => operation.HasBody))
        {
            foreach (var encoding in new[] { "gzip", "br", "x" })
                (await Send(operation, contentEncoding: encoding)).IsProblem(415, "unsupported_media_type");
            Assert.NotEqual(415, (await Send(operation, contentEncoding: "identity")).Status);
        }
    }

    [Fact]
    public async Task A_patch_is_a_merge_patch_by_name_and_nothing_else_is()
    {
        foreach (var operation in Operations.Where(operation => operation.HasBody))
            await IsRefused(operation, operation.Method == HttpMethod.Patch ? "application/json" : "application/merge-patch+json");
    }

    private async Task IsRefused(Operation operation, string mediaType)
    {
        var refused = (await Send(operation, mediaType: mediaType)).IsProblem(415, "unsupported_media_type");
        Assert.Equal(
            operation.Method == HttpMethod.Patch ? "application/merge-patch+json" : null, refused.Headers.GetValueOrDefault("Accept-Patch"));
    }

    /// <summary>The parameter that is a name of the caller's own; ids that the server makes are looked up, not checked.</summary>
    private static string? NameIn(string path) =>
        path.Contains("{sku}", StringComparison.Ordinal) ? "sku"
        : path.Contains("{name}", StringComparison.Ordinal) ? "name"
        : path.StartsWith("/v1/customers/", StringComparison.Ordinal) ? "id"
        : null;
}
