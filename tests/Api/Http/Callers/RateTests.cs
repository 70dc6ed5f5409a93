using System.Net;
using Holdfast.Api.Http.Callers;
using Holdfast.Silo.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace Holdfast.Tests.Api.Http.Callers;

public sealed class RateTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Twice_as_much_may_come_at_once_and_then_what_the_rate_says()
    {
        var rates = new Rates(10, _clock);
        Assert.Equal(20, Taken(rates, 1, 100));
        Assert.False(rates.TryTake(1, out var wait));
        Assert.Equal(TimeSpan.FromMilliseconds(100), wait);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(10, Taken(rates, 1, 100));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(20, Taken(rates, 1, 100));
    }

    [Fact]
    public void One_does_not_count_for_another()
    {
        var rates = new Rates(10, _clock);
        Assert.Equal(20, Taken(rates, 1, 100));
        Assert.Equal(20, Taken(rates, 2, 100));
    }

    [Fact]
    public void However_many_ask_nothing_is_kept_of_each()
    {
        var rates = new Rates(10, _clock);
        rates.TryTake(0, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var taken = 0;
        for (var hash = int.MinValue; hash < int.MinValue + 100_000; hash++) taken += rates.TryTake(hash * 31, out _) ? 1 : 0;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000);

        // The more they are the more of them share a place, of which none gives out more than one alone has.
        Assert.Equal(100_000, taken);
        for (var i = 0; i < 100; i++)
        {
            for (var hash = 0; hash < 20_000; hash++) taken += rates.TryTake(hash, out _) ? 1 : 0;
        }

        Assert.Equal(16_384 * 20, taken + 1);
    }

    [Fact]
    public async Task An_address_from_which_too_much_comes_is_told_so_before_it_is_asked_who_it_is()
    {
        var http = new HttpHost { More = ["--Holdfast:Limits:AddressPerSecond", "1"] };
        await http.InitializeAsync();
        try
        {
            var answers = new List<Answer>();
            for (var i = 0; i < 6; i++) answers.Add(await http.As(i % 2 == 0 ? http.Key : "hf_invented", HttpMethod.Get, "/v1/counters/c"));
            var refused = answers.Where(static answer => answer.Status == 429).ToArray();
            Assert.InRange(refused.Length, 2, 5);
            Assert.InRange(int.Parse(refused[^1].IsProblem(429, "too_many_requests").Headers["Retry-After"]), 1, 2);

            // Whoever does not say who it is is counted elsewhere.
            (await http.As(null, HttpMethod.Get, "/v1/counters/c")).IsProblem(401, "unauthenticated");
            (await http.As(null, HttpMethod.Get, "/health/live")).Is(200);
        }
        finally
        {
            await http.DisposeAsync();
        }
    }

    [Fact]
    public async Task Many_at_once_take_no_more_than_there_is()
    {
        var rates = new Rates(1_000, _clock);
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Taken(rates, 1, 1_000))));
        Assert.Equal(2_000, taken.Sum());
    }

    [Theory]
    [InlineData("10.0.0.1", null, "10.0.0.1")]
    [InlineData("10.0.0.1", "1.2.3.4", "1.2.3.4")]
    [InlineData("10.0.0.1", "9.9.9.9, 1.2.3.4", "1.2.3.4")]
    [InlineData("10.0.0.1", "what", "10.0.0.1")]
    [InlineData("::ffff:10.0.0.1", "1.2.3.4", "1.2.3.4")]
    [InlineData("10.0.0.2", "1.2.3.4", "10.0.0.2")]
    public void A_proxys_word_counts_when_the_settings_name_it(string remote, string? said, string address)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Holdfast:Limits:TrustedProxies"] = "10.0.0.1;10.0.0.9" }).Build();
        var context = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(remote) } };
        if (said is not null) context.Request.Headers["X-Forwarded-For"] = said;
        Assert.Equal(IPAddress.Parse(address), new CallLimits(HoldfastSettings.Read(configuration), _clock).AddressOf(context));
    }

    [Fact]
    public async Task A_caller_who_asks_too_much_is_told_when_to_come_again_and_nobody_else_is()
    {
        var http = new HttpHost { More = ["--Holdfast:Limits:WritesPerSecond", "1", "--Holdfast:Limits:RefusedPerSecond", "1"] };
        await http.InitializeAsync();
        try
        {
            var other = await http.MakeKey("other", ["operate"]);
            const string Path = "/v1/counters/c/increments";
            var answers = new List<Answer>();
            for (var i = 0; i < 5; i++) answers.Add(await http.As(other, HttpMethod.Post, Path, """{"delta":1}"""));
            var refused = answers[^1].IsProblem(429, "too_many_requests");
            Assert.InRange(int.Parse(refused.Headers["Retry-After"]), 1, 2);
            Assert.Equal(answers.Count(static answer => answer.Status == 200), (await http.Get("/v1/counters/c")).Is(200).Number("value"));
            (await http.As(other, HttpMethod.Get, "/v1/counters/c")).Is(200);

            for (var i = 0; i < 5; i++) answers.Add(await http.As("hf_invented", HttpMethod.Get, "/v1/counters/c"));
            answers[^1].IsProblem(429, "too_many_requests");
            answers[^5].IsProblem(401, "unauthenticated");
            (await http.As(other, HttpMethod.Get, "/v1/counters/c")).Is(200);
        }
        finally
        {
            await http.DisposeAsync();
        }
    }

    [Fact]
    public async Task Whoever_is_let_in_without_a_name_is_not_counted()
    {
        string[] limits = ["--Holdfast:Limits:ReadsPerSecond", "1", "--Holdfast:Limits:AddressPerSecond", "1"];
        var http = new HttpHost { IsOpen = true, More = limits };
        await http.InitializeAsync();
        try
        {
            for (var i = 0; i < 10; i++) (await http.Get("/v1/counters/c")).Is(200);
        }
        finally
        {
            await http.DisposeAsync();
        }
    }

    private static int Taken(Rates rates, int hash, int tries)
    {
        var taken = 0;
        for (var i = 0; i < tries; i++) taken += rates.TryTake(hash, out _) ? 1 : 0;
        return taken;
    }
}
