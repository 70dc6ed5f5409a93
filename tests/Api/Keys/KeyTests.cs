using Holdfast.Contracts.Callers;

namespace Holdfast.Tests.Api.Keys;

[Collection(HttpRing.Name)]
public sealed class KeyTests(HttpHost http)
{
    [Fact]
    public async Task The_text_of_a_key_is_shown_once_and_what_is_known_of_it_is_read_again()
    {
        var (name, body) = Body("orders:read");
        var made = (await http.Post("/v1/keys", body, "k-" + name)).Is(201);
        var (id, text) = (made.Text("id")!, made.Text("key")!);
        Assert.Equal($"/v1/keys/{id}", made.Location);
        Assert.Equal((name, """["orders:read"]"""), (made.Text("name"), made.Json.GetProperty("scopes").GetRawText()));
        Assert.StartsWith($"hf_{id}_", text, StringComparison.Ordinal);

        var again = (await http.Post("/v1/keys", body, "k-" + name)).Is(201);
        Assert.Equal((true, id, null), (again.Replayed, again.Text("id"), again.Text("key")));
        var read = (await http.Get(made.Location!)).Is(200);
        Assert.Equal(again.Body, read.Body);
        Assert.DoesNotContain(text.Split('_')[2], read.Body, StringComparison.Ordinal);
        (await http.Post("/v1/keys", Body("orders:read").Json, "k-" + name)).IsProblem(422, "idempotency_key_reused");
    }

    [Fact]
    public async Task A_key_is_replaced_by_a_second_one_of_its_name_and_both_are_the_same_caller()
    {
        var (_, body) = Body("operate");
        var first = (await http.Post("/v1/keys", body)).Is(201);
        var second = (await http.Post("/v1/keys", body)).Is(201);
        (await http.Post("/v1/keys", body)).IsProblem(409, "key_name_in_use");

        var path = $"/v1/counters/{HttpHost.Name("counter")}/increments";
        const string Delta = """{"delta":1}""";
        (await http.As(first.Text("key"), HttpMethod.Post, path, Delta, ("Idempotency-Key", "k"))).Is(200);
        Assert.True((await http.As(second.Text("key"), HttpMethod.Post, path, Delta, ("Idempotency-Key", "k"))).Is(200).Replayed);
        Assert.False((await http.Post(path, Delta, "k")).Is(200).Replayed);

        var revoked = (await http.Post($"/v1/keys/{first.Text("id")}/revoke", null)).Is(200);
        Assert.NotNull(revoked.Text("revokedAt"));
        (await http.As(first.Text("key"), HttpMethod.Post, path, Delta)).IsProblem(401, "unauthenticated");
        (await http.As(second.Text("key"), HttpMethod.Post, path, Delta)).Is(200);
        (await http.Post("/v1/keys", body)).Is(201);
        Assert.Equal(revoked.Body, (await http.Post($"/v1/keys/{first.Text("id")}/revoke", null)).Is(200).Body);
    }

    [Fact]
    public async Task Keys_are_listed_page_by_page_newest_first_without_their_texts()
    {
        var made = new List<string>();
        for (var i = 0; i < 3; i++) made.Add((await http.Post("/v1/keys", Body("events:read").Json)).Is(201).Text("id")!);
        var page = (await http.Get("/v1/keys?limit=2")).Is(200);
        Assert.Equal([made[2], made[1]], Ids(page));
        Assert.Equal(made[0], Ids((await http.Get($"/v1/keys?limit=2&cursor={page.Text("next")}")).Is(200))[0]);
        Assert.DoesNotContain("hf_", page.Body, StringComparison.Ordinal);
        var oldest = (await http.Get("/v1/keys?limit=1&order=asc")).Is(200);
        Assert.Equal("tests", oldest.Json.GetProperty("items")[0].GetProperty("name").GetString());
        var next = (await http.Get($"/v1/keys?limit=1&order=asc&cursor={oldest.Text("next")}")).Is(200);
        Assert.NotEqual(Ids(oldest), Ids(next));
        (await http.Get("/v1/keys?cursor=" + oldest.Text("next"))).IsProblem(400, "cursor_invalid");
    }

    [Fact]
    public async Task When_a_key_was_last_used_is_known_to_the_minute()
    {
        var made = (await http.Post("/v1/keys", Body("operate").Json)).Is(201);
        Assert.Null((await http.Get(made.Location!)).Is(200).Text("lastUsedAt"));
        (await http.As(made.Text("key"), HttpMethod.Get, "/v1/counters/x")).Is(200);
        await Eventually.True(
            async () => (await http.Get(made.Location!)).Is(200).Text("lastUsedAt")?.EndsWith(":00.000Z", StringComparison.Ordinal) == true,
            () => "the use should be told");
    }

    [Fact]
    public async Task Nobody_gives_a_scope_that_it_does_not_have()
    {
        var maker = await http.MakeKey(HttpHost.Name("maker"), [Scopes.Keys, Scopes.OrdersRead]);
        (await http.As(maker, HttpMethod.Post, "/v1/keys", Body("orders:read").Json)).Is(201);
        var refused = (await http.As(maker, HttpMethod.Post, "/v1/keys", Body("orders:read", "operate").Json)).IsProblem(403, "forbidden");
        Assert.Contains("'operate'", refused.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cursor_belongs_to_the_caller_that_it_was_given_to()
    {
        var other = await http.MakeKey(HttpHost.Name("other"), [Scopes.Keys]);
        var next = (await http.Get("/v1/keys?limit=1")).Is(200).Text("next");
        (await http.As(other, HttpMethod.Get, $"/v1/keys?limit=1&cursor={next}")).IsProblem(400, "cursor_invalid");
    }

    [Theory]
    [InlineData("""{"name":"","scopes":["keys"]}""", 422, "name")]
    [InlineData("""{"name":"a b","scopes":["keys"]}""", 422, "name")]
    [InlineData("""{"name":"a:b","scopes":["keys"]}""", 422, "name")]
    [InlineData("""{"name":"\u00e4","scopes":["keys"]}""", 422, "name")]
    [InlineData("""{"name":"a","scopes":[]}""", 422, "scopes")]
    [InlineData("""{"name":"a","scopes":["everything"]}""", 422, "scopes[0]")]
    [InlineData("""{"name":"a","scopes":["keys","keys"]}""", 422, "scopes[1]")]
    [InlineData("""{"name":"a","scopes":["keys"],"expiresAt":"2020-01-01T00:00:00Z"}""", 422, "expiresAt")]
    [InlineData("""{"name":"a","scopes":[null]}""", 400, "scopes[0]")]
    [InlineData("""{"name":"a"}""", 400, "scopes")]
    public async Task A_bad_key_is_refused(string body, int status, string place) =>
        (await http.Post("/v1/keys", body)).IsBad(status, place);

    [Fact]
    public async Task A_name_that_is_too_long_is_refused() =>
        (await http.Post("/v1/keys", $$"""{"name":"{{new string('x', 65)}}","scopes":["keys"]}""")).IsBad(422, "name");

    [Theory]
    [InlineData("0000000000000000")]
    [InlineData("what")]
    public async Task An_unknown_key_is_not_found(string id)
    {
        (await http.Get("/v1/keys/" + id)).IsProblem(404, "key_not_found");
        (await http.Post($"/v1/keys/{id}/revoke", null)).IsProblem(404, "key_not_found");
    }

    private static string[] Ids(Answer page) =>
        [.. page.Json.GetProperty("items").EnumerateArray().Select(static key => key.GetProperty("id").GetString()!)];

    private static (string Name, string Json) Body(params string[] scopes)
    {
        var name = HttpHost.Name("key");
        return (name, $$"""{"name":"{{name}}","scopes":[{{string.Join(',', scopes.Select(static scope => $"\"{scope}\""))}}]}""");
    }
}
