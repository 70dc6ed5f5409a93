using System.Net;
using Holdfast.Bench.Replay;

namespace Holdfast.Tests.Bench.Replay;

public sealed class FrontDoorsTests
{
    private static readonly FrontDoors Two = new([new("http://one/"), new("http://two/")]);

    [Fact]
    public async Task Requests_begin_at_each_front_door_in_turn()
    {
        var doors = new Doors(static (_, _) => HttpStatusCode.OK);
        var client = Client(doors);
        for (var i = 0; i < 4; i++) await client.Adjust("X", $"key {i}", new(1, "received"), CancellationToken.None);

        Assert.Equal(2, doors.Asked.Count(asked => asked.Door == "one"));
        Assert.Equal(2, doors.Asked.Count(asked => asked.Door == "two"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    public async Task What_one_front_door_does_not_answer_goes_to_the_next_under_the_same_key(HttpStatusCode? first)
    {
        var doors = new Doors((_, number) => number == 0 ? first : HttpStatusCode.OK);

        await Client(doors).Adjust("X", "the key", new(1, "received"), CancellationToken.None);

        Assert.Equal(2, doors.Asked.Count);
        Assert.Equal(2, doors.Asked.DistinctBy(asked => asked.Door).Count());
        Assert.All(doors.Asked, asked => Assert.Equal("the key", asked.Key));
    }

    [Fact]
    public async Task Every_answer_is_counted_and_only_those_that_a_client_should_not_see_are_offenders()
    {
        HttpStatusCode?[] answers = [HttpStatusCode.ServiceUnavailable, null, HttpStatusCode.TooManyRequests, HttpStatusCode.OK];
        var client = Client(new Doors((_, number) => answers[number]));
        await client.Adjust("X", "key", new(1, "received"), CancellationToken.None);

        Assert.Equal(new() { [200] = 1, [429] = 1, [503] = 1 }, new Dictionary<int, long>(client.Answers.Statuses));
        Assert.Equal(1, client.Answers.Lost);
        Assert.True(AnswerCounts.NoneUnexpected(client.Answers).Ok);
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.BadRequest)]
    public async Task A_failure_that_no_repeat_helps_is_an_offender(HttpStatusCode status)
    {
        var client = Client(new Doors((_, _) => status));
        await Assert.ThrowsAsync<RefusedException>(() => client.Adjust("X", "key", new(1, "received"), CancellationToken.None));

        Assert.False(AnswerCounts.NoneUnexpected(client.Answers).Ok);
    }

    private static HoldfastClient Client(Doors doors) => new(new HttpClient(doors), Two, TimeProvider.System, TimeSpan.FromSeconds(30), 1);

    /// <param name="answer">By the front door and the number of the request; null breaks the connection.</param>
    private sealed class Doors(Func<string, int, HttpStatusCode?> answer) : HttpMessageHandler
    {
        public List<(string Door, string Key)> Asked { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var door = request.RequestUri!.Host;
            var status = answer(door, Asked.Count) ?? default;
            Asked.Add((door, request.Headers.GetValues("Idempotency-Key").Single()));
            return status == default
                ? throw new HttpRequestException("connection refused")
                : Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent("""{"onHand":1}""") });
        }
    }
}
