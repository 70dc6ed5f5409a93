using System.Globalization;

namespace Holdfast.Tests.Api.Leases;

[Collection(HttpRing.Name)]
public sealed class LeaseTests(HttpHost http)
{
    private readonly string _path = "/v1/leases/" + HttpHost.Name("lease");

    [Fact]
    public async Task One_holds_it_at_a_time_and_its_token_is_for_its_holder_alone()
    {
        Assert.Equal((0, null), Who(await http.Get(_path)));
        var held = await Acquire("a");
        Assert.Equal((1, "a"), Who(held));
        Assert.StartsWith("hfl_1_", held.Text("token"), StringComparison.Ordinal);

        foreach (var holder in (string[])["a", "b"])
        {
            var refusal = (await http.Post(_path + "/acquire", Body(holder, 60))).IsProblem(409, "lease_held");
            Assert.Equal(("a", held.Text("expiresAt")), (refusal.Text("holder"), refusal.Text("expiresAt")));
            Assert.InRange(int.Parse(refusal.Headers["Retry-After"], CultureInfo.InvariantCulture), 1, 60);
        }

        var read = (await http.Get(_path)).Is(200);
        Assert.Equal((1, "a"), Who(read));
        Assert.False(read.Json.TryGetProperty("token", out _));
    }

    [Fact]
    public async Task A_term_is_renewed_and_released_by_its_token_and_the_next_has_the_next_number()
    {
        var held = await Acquire("a");
        var renewed = (await http.Post(_path + "/renew", Renewal(held, 120))).Is(200);
        Assert.Equal((Who(held), held.Text("token")), (Who(renewed), renewed.Text("token")));
        Assert.True(Ends(renewed) > Ends(held));

        var released = (await http.Post(_path + "/release", Release(held))).Is(200);
        Assert.Equal((1, null), Who(released));
        Assert.Equal(1, (await http.Get(_path)).Number("number"));

        Assert.Equal(1, (await http.Post(_path + "/renew", Renewal(held, 60))).IsProblem(409, "lease_lost").Number("newest"));
        var next = await Acquire("b");
        Assert.Equal((2, "b"), Who(next));
        foreach (var (verb, body) in new[] { ("/renew", Renewal(held, 60)), ("/release", Release(held)) })
        {
            var lost = (await http.Post(_path + verb, body)).IsProblem(409, "lease_lost");
            Assert.Equal((2, "b"), (lost.Number("newest"), lost.Text("holder")));
            Assert.Equal(next.Text("expiresAt"), lost.Text("expiresAt"));
        }

        Assert.Equal((2, "b"), Who(await http.Get(_path)));
    }

    [Fact]
    public async Task It_is_free_when_its_time_is_over()
    {
        (await http.Post(_path + "/acquire", Body("a", 1))).Is(200);
        await Eventually.True(
            async () => (await http.Post(_path + "/acquire", Body("b", 60))).Status == 200, static () => "the term of a second is over");
        Assert.Equal((2, "b"), Who(await http.Get(_path)));
    }

    [Fact]
    public async Task A_repeat_gets_its_first_answer_with_the_same_token()
    {
        var held = (await http.Post(_path + "/acquire", Body("a", 60), "k")).Is(200);
        var renewal = Renewal(held, 120);
        var renewed = (await http.Post(_path + "/renew", renewal, "r")).Is(200);
        Same(renewed, await http.Post(_path + "/renew", renewal, "r"));
        var released = (await http.Post(_path + "/release", Release(held), "l")).Is(200);
        await Acquire("b");

        Same(held, await http.Post(_path + "/acquire", Body("a", 60), "k"));
        Same(released, await http.Post(_path + "/release", Release(held), "l"));
        (await http.Post(_path + "/acquire", Body("a", 61), "k")).IsProblem(422, "idempotency_key_reused");
        (await http.Post(_path + "/renew", Renewal(held, 121), "r")).IsProblem(422, "idempotency_key_reused");
        Assert.Equal((2, "b"), Who(await http.Get(_path)));

        static void Same(Answer first, Answer again)
        {
            Assert.True(again.Is(200).Replayed);
            Assert.Equal(first.Body, again.Body);
        }
    }

    [Fact]
    public async Task A_token_that_was_invented_or_is_of_another_lease_is_refused()
    {
        var held = await Acquire("a");
        var token = held.Text("token")!;
        var other = (await http.Post("/v1/leases/" + HttpHost.Name("other") + "/acquire", Body("a", 60))).Is(200).Text("token")!;
        var changed = token[..^1] + (token[^1] == '0' ? '1' : '0');
        foreach (var wrong in (string[])[other, "hfl_2" + token[5..], changed, "", "hfl_", "x", token + "0"])
        {
            (await http.Post(_path + "/renew", $$"""{"token":"{{wrong}}","ttlSeconds":60}""")).IsProblem(400, "lease_token_invalid");
            (await http.Post(_path + "/release", $$"""{"token":"{{wrong}}"}""")).IsProblem(400, "lease_token_invalid");
        }

        Assert.Equal((1, "a"), Who(await http.Get(_path)));
    }

    [Theory]
    [InlineData("""{"holder":"a","ttlSeconds":0}""", 422, "ttlSeconds")]
    [InlineData("""{"holder":"a","ttlSeconds":3601}""", 422, "ttlSeconds")]
    [InlineData("""{"holder":" ","ttlSeconds":1}""", 422, "holder")]
    [InlineData("""{"ttlSeconds":1}""", 400, "holder")]
    [InlineData("""{"holder":"a"}""", 400, "ttlSeconds")]
    [InlineData("""{"holder":"a","ttlSeconds":1.5}""", 400, "ttlSeconds")]
    public async Task What_is_out_of_bounds_is_refused(string body, int status, string place) =>
        (await http.Post(_path + "/acquire", body)).IsBad(status, place);

    [Fact]
    public async Task A_holders_name_is_bounded() =>
        (await http.Post(_path + "/acquire", Body(new string('x', 201), 1))).IsBad(422, "holder");

    private async Task<Answer> Acquire(string holder) => (await http.Post(_path + "/acquire", Body(holder, 60))).Is(200);

    private static (long Number, string? Holder) Who(Answer lease) => (lease.Is(200).Number("number"), lease.Text("holder"));

    private static DateTimeOffset Ends(Answer lease) => lease.Json.GetProperty("expiresAt").GetDateTimeOffset();

    private static string Body(string holder, int seconds) => $$"""{"holder":"{{holder}}","ttlSeconds":{{seconds}}}""";

    private static string Renewal(Answer held, int seconds) => $$"""{"token":"{{held.Text("token")}}","ttlSeconds":{{seconds}}}""";

    private static string Release(Answer held) => $$"""{"token":"{{held.Text("token")}}"}""";
}
