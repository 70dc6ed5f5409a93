using Holdfast.Contracts;

namespace Holdfast.Tests.Api.Counters;

[Collection(HttpRing.Name)]
public sealed class CounterTests(HttpHost http)
{
    [Fact]
    public async Task A_counter_starts_at_zero_and_adds_up()
    {
        var path = "/v1/counters/" + HttpHost.Name("counter");
        Assert.Equal(0, (await http.Get(path)).Is(200).Number("value"));
        Assert.Equal(5, (await http.Post(path + "/increments", """{"delta":5}""")).Is(200).Number("value"));
        Assert.Equal(3, (await http.Post(path + "/increments", """{"delta":-2}""")).Is(200).Number("value"));
        Assert.Equal(3, (await http.Get(path)).Is(200).Number("value"));
    }

    [Fact]
    public async Task An_increment_counts_once_however_often_it_is_sent()
    {
        var path = $"/v1/counters/{HttpHost.Name("counter")}/increments";
        var first = (await http.Post(path, """{"delta":1}""", "k")).Is(200);
        (await http.Post(path, """{"delta":1}""", "other")).Is(200);
        var replay = (await http.Post(path, """{"delta":1}""", "k")).Is(200);
        Assert.True(replay.Replayed);
        Assert.Equal(first.Body, replay.Body);
        (await http.Post(path, """{"delta":2}""", "k")).IsProblem(422, "idempotency_key_reused");
    }

    [Fact]
    public async Task A_counter_does_not_leave_its_range()
    {
        var path = $"/v1/counters/{HttpHost.Name("counter")}/increments";
        (await http.Post(path, $$"""{"delta":{{Limits.WholeNumber}}}""")).Is(200);
        (await http.Post(path, """{"delta":1}""")).IsProblem(409, "counter_overflow");
        Assert.Equal(0, (await http.Post(path, $$"""{"delta":{{-Limits.WholeNumber}}}""")).Is(200).Number("value"));
    }

    [Fact]
    public async Task An_increment_that_was_refused_is_decided_afresh()
    {
        var path = $"/v1/counters/{HttpHost.Name("counter")}/increments";
        (await http.Post(path, $$"""{"delta":{{Limits.WholeNumber}}}""")).Is(200);
        (await http.Post(path, """{"delta":1}""", "k")).IsProblem(409, "counter_overflow");
        (await http.Post(path, """{"delta":-5}""")).Is(200);
        Assert.False((await http.Post(path, """{"delta":1}""", "k")).Is(200).Replayed);
        (await http.Post(path, """{"delta":2}""", "k")).IsProblem(422, "idempotency_key_reused");
    }

    [Theory]
    [InlineData("""{"delta":0}""", 422)]
    [InlineData("""{"delta":9007199254740992}""", 422)]
    [InlineData("""{"delta":-9007199254740992}""", 422)]
    [InlineData("""{"delta":9223372036854775808}""", 422)]
    [InlineData("""{"delta":1e400}""", 422)]
    [InlineData("""{"delta":"1"}""", 400)]
    [InlineData("""{"delta":1e-400}""", 400)]
    [InlineData("""{"delta":1.5}""", 400)]
    [InlineData("""{}""", 400)]
    public async Task A_bad_increment_is_refused(string body, int status) =>
        (await http.Post("/v1/counters/x/increments", body)).IsBad(status, "delta");

    [Theory]
    [InlineData("10")]
    [InlineData("10.0")]
    [InlineData("1e1")]
    [InlineData("1E+1")]
    [InlineData("100e-1")]
    [InlineData("0.00000000000000000000000000001e30")]
    public async Task A_whole_number_may_have_any_spelling_and_is_the_same_to_a_key(string spelling)
    {
        var path = $"/v1/counters/{HttpHost.Name("counter")}/increments";
        (await http.Post(path, """{"delta":10}""", "k")).Is(200);
        Assert.True((await http.Post(path, $$"""{"delta":{{spelling}}}""", "k")).Is(200).Replayed);
    }

    [Fact]
    public async Task An_increment_needs_an_idempotency_key() =>
        (await http.Send(HttpMethod.Post, "/v1/counters/x/increments", """{"delta":1}""", [])).IsProblem(400, "idempotency_key_missing");

    [Fact]
    public async Task A_name_may_have_a_slash_and_no_control_characters()
    {
        var name = HttpHost.Name("views/home");
        var path = "/v1/counters/" + Uri.EscapeDataString(name);
        Assert.Equal((name, 1L), ((await http.Post(path + "/increments", """{"delta":1}""")).Is(200).Text("name"), (await http.Get(path)).Number("value")));
        (await http.Get("/v1/counters/a%01")).IsProblem(400, "malformed").Blames("name");
    }
}
