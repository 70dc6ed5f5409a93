namespace Holdfast.Tests.Api;

/// <summary>Which headers and parameters are looked at, on every route that the document lists.</summary>
[Collection(HttpRing.Name)]
public sealed class EveryRouteHeaderTests(HttpHost http) : EveryRoute(http)
{
    [Theory]
    [InlineData("If-Match", "\"1\"")]
    [InlineData("If-Match", "*")]
    [InlineData("If-None-Match", "*")]
    [InlineData("If-None-Match", "\"1\"")]
    [InlineData("If-Unmodified-Since", "Sun, 29 Nov 2020 00:00:00 GMT")]
    [InlineData("If-Modified-Since", "Sun, 29 Nov 2020 00:00:00 GMT")]
    public async Task A_condition_that_cannot_be_checked_is_refused(string header, string value)
    {
        var without = Operations.Where(operation => !operation.Takes(header)).ToArray();
        Assert.InRange(without.Length, 10, 100);
        foreach (var operation in without)
            (await Send(operation, headers: [(header, value)])).IsProblem(400, "precondition_unsupported").Blames(header);
    }

    [Fact]
    public async Task A_stale_condition_is_checked_wherever_there_is_an_entity_tag()
    {
        var with = Operations.Where(operation => operation.Takes("If-Match")).ToArray();
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
        foreach (var operation in Operations.Where(operation => !operation.Takes(name)))
            (await Send(operation, path: Fill(operation.Path) + query)).IsProblem(400, "malformed").Blames(name);
    }

    [Fact]
    public async Task A_parameter_that_is_there_twice_is_refused()
    {
        var pages = Operations.Where(operation => operation.Takes("limit")).ToArray();
        Assert.InRange(pages.Length, 4, 100);
        foreach (var operation in pages)
            (await Send(operation, path: Fill(operation.Path) + "?limit=1&limit=1")).IsProblem(400, "malformed").Blames("limit");
    }

    /// <summary>A cache of anybody else must not keep what a person ordered, nor hand out what was true a while ago.</summary>
    [Fact]
    public async Task No_answer_may_be_kept_by_others_and_none_is_handed_out_unasked()
    {
        foreach (var operation in Operations)
        {
            var rule = operation is { Method.Method: "GET", Path: "/v1/products/{sku}" } ? "no-cache, private" : "no-store, private";
            Assert.Equal((operation.Path, rule), (operation.Path, (await Send(operation)).Headers["Cache-Control"]));
        }

        var missing = (await Http.Get("/v1/orders/ord_00000000000000000000000000000000")).IsProblem(404, "order_not_found");
        Assert.Equal("no-store, private", missing.Headers["Cache-Control"]);
    }

    [Fact]
    public async Task A_key_makes_the_repeat_of_any_write_succeed_whose_version_its_first_has_moved_on()
    {
        var writes = Operations.Where(static operation => operation.Takes("If-Match")
            && operation.Takes("Idempotency-Key") && operation.Method != HttpMethod.Post).ToArray();
        Assert.InRange(writes.Length, 6, 100);
        foreach (var operation in writes.OrderBy(static operation => operation.Method == HttpMethod.Delete))
        {
            var path = Fill(operation.Path);
            var seen = (await Http.Get(path)).Is(200);
            var match = ("If-Match", seen.ETag ?? $"\"{seen.Number("version")}\"");
            (string, string)[] headers = [("Idempotency-Key", HttpHost.Name("write")), match];
            var first = await Send(operation, headers: headers);
            Assert.InRange(first.Status, 200, 204);
            var again = await Send(operation, headers: headers);
            Assert.Equal((operation.Path, first.Status, first.Body, first.ETag), (operation.Path, again.Status, again.Body, again.ETag));
            Assert.True(again.Replayed);
            foreach (var any in (string[])["*", "\"999998\", \"999999\""])
                Assert.True((await Send(operation, headers: [headers[0], ("If-Match", any)])).Replayed);
            if (operation.Method == HttpMethod.Delete) continue;
            var other = Body(operation).Replace("\"x\"", "\"y\"").Replace("9", "8").Replace("\"a\"", "\"b\"");
            (await Send(operation, other, headers: headers)).IsProblem(422, "idempotency_key_reused");
            (await Send(operation, headers: [headers[1], ("Idempotency-Key", HttpHost.Name("write"))])).IsProblem(412, "version_mismatch");
        }
    }

    [Fact]
    public async Task Head_is_answered_wherever_get_is_and_as_get_is()
    {
        var reads = Operations.Where(operation => operation.Method == HttpMethod.Get).Select(operation => Fill(operation.Path))
            .Concat(["/", "/openapi/v1.json", "/health/live", "/health/ready", "/v1/products/none", "/v1/products/%20"]);
        foreach (var path in reads)
        {
            var (get, head) = (await Http.Get(path), await Http.Send(HttpMethod.Head, path, null, []));
            Assert.Equal((path, get.Status, get.ETag, get.MediaType, ""), (path, head.Status, head.ETag, head.MediaType, head.Body));
        }
    }
}
