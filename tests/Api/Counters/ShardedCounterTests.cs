using Holdfast.Contracts;

namespace Holdfast.Tests.Api.Counters;

[Collection(HttpRing.Name)]
public sealed class ShardedCounterTests(HttpHost http)
{
    private const string Shards = """{"shards":4}""";

    private readonly string _path = "/v1/counters/" + HttpHost.Name("counter");

    [Fact]
    public async Task It_gets_its_shards_once_and_counts_in_them()
    {
        var made = (await http.Put(_path, Shards)).Is(201);
        Assert.Equal(4, made.Number("shards"));
        (await http.Put(_path, Shards)).Is(200);

        for (var i = 1; i <= 20; i++)
        {
            var answer = (await http.Post(_path + "/increments", """{"delta":2}""", $"k{i}")).Is(200);
            Assert.False(answer.Json.TryGetProperty("value", out _));
            Assert.Equal(2 * i, (await http.Get(_path)).Is(200).Number("value"));
        }

        Assert.Equal(4, (await http.Get(_path)).Number("shards"));
    }

    [Fact]
    public async Task An_increment_counts_once_however_often_it_is_sent()
    {
        (await http.Put(_path, Shards)).Is(201);
        var first = (await http.Post(_path + "/increments", """{"delta":3}""", "k")).Is(200);
        for (var i = 0; i < 8; i++) (await http.Post(_path + "/increments", """{"delta":1}""", $"other{i}")).Is(200);

        var replay = (await http.Post(_path + "/increments", """{"delta":3}""", "k")).Is(200);

        Assert.True(replay.Replayed);
        Assert.Equal(first.Body, replay.Body);
        (await http.Post(_path + "/increments", """{"delta":4}""", "k")).IsProblem(422, "idempotency_key_reused");
        Assert.Equal(11, (await http.Get(_path)).Number("value"));
    }

    [Fact]
    public async Task The_number_of_shards_stays_and_the_problem_says_it()
    {
        (await http.Put(_path, Shards, ("Idempotency-Key", "k"))).Is(201);

        Assert.True((await http.Put(_path, Shards, ("Idempotency-Key", "k"))).Is(201).Replayed);
        Assert.Equal(4, (await http.Put(_path, """{"shards":8}""")).IsProblem(409, "counter_shards_fixed").Number("shards"));
        (await http.Put(_path, """{"shards":8}""", ("Idempotency-Key", "k"))).IsProblem(422, "idempotency_key_reused");
    }

    [Fact]
    public async Task A_counter_that_was_incremented_gets_none()
    {
        (await http.Post(_path + "/increments", """{"delta":1}""")).Is(200);

        (await http.Put(_path, Shards)).IsProblem(409, "counter_started");
        Assert.Equal(2, (await http.Post(_path + "/increments", """{"delta":1}""")).Is(200).Number("value"));
    }

    [Fact]
    public async Task It_only_grows_and_no_shard_leaves_its_range()
    {
        (await http.Put(_path, Shards)).Is(201);

        (await http.Post(_path + "/increments", """{"delta":-1}""")).IsProblem(409, "counter_only_grows");
        (await http.Post(_path + "/increments", $$"""{"delta":{{Limits.CounterShard + 1}}}""")).IsProblem(409, "counter_overflow");
        Assert.Equal(0, (await http.Get(_path)).Number("value"));
    }

    [Theory]
    [InlineData("""{"shards":1}""", 422)]
    [InlineData("""{"shards":65}""", 422)]
    [InlineData("""{"shards":-4}""", 422)]
    [InlineData("""{"shards":9223372036854775808}""", 422)]
    [InlineData("""{"shards":"4"}""", 400)]
    [InlineData("""{"shards":null}""", 400)]
    [InlineData("""{}""", 400)]
    public async Task A_bad_number_of_shards_is_refused(string body, int status) => (await http.Put(_path, body)).IsBad(status, "shards");
}
