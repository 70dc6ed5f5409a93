using System.Text.Json;
using System.Text.RegularExpressions;
using Holdfast.Api.Anomalies;
using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Tests.Tidy;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Tests.Api.Anomalies;

/// <summary>A server of its own, which looks often: nobody else's races are among what it sees.</summary>
public sealed partial class AnomalyTests : IAsyncLifetime
{
    private readonly HttpHost _http = new() { More = ["--Holdfast:Watch:Span", "00:00:00.100"] };

    private RaceSigns Signs => _http.Services.GetRequiredService<RaceSigns>();

    public Task InitializeAsync() => _http.InitializeAsync();

    public Task DisposeAsync() => _http.DisposeAsync();

    [Fact]
    public async Task What_is_more_than_usual_is_listed_with_what_it_means_until_it_is_over_and_then_as_over()
    {
        Assert.Empty(Items(await _http.Get("/v1/anomalies")));
        var before = TimeProvider.System.GetUtcNow();
        Signs.Count(RaceSign.Lost);

        var item = await Listed(static item => item.GetProperty("sign").GetString() == "lost");
        Assert.StartsWith("silo ", item.GetProperty("where").GetString(), StringComparison.Ordinal);
        Assert.InRange(item.GetProperty("since").GetDateTimeOffset(), before.AddSeconds(-5), TimeProvider.System.GetUtcNow());
        Assert.Equal((1, 0.0), (item.GetProperty("count").GetInt64(), item.GetProperty("usualPerMinute").GetDouble()));
        Assert.Equal("docs/design/watching.md#lost", item.GetProperty("help").GetString());

        await Listed(static item => item.GetProperty("endedAt").ValueKind != JsonValueKind.Null);
    }

    [Fact]
    public async Task Keys_that_come_again_with_other_content_are_counted_and_too_many_of_them_listed()
    {
        var path = $"/v1/counters/{HttpHost.Name("counter")}/increments";
        (await _http.Post(path, """{"delta":1}""", "k")).Is(200);
        var before = Signs[RaceSign.KeyReuse];
        (await _http.Post(path, """{"delta":2}""", "k")).IsProblem(422, "idempotency_key_reused");
        Assert.Equal(before + 1, Signs[RaceSign.KeyReuse]);
        (await _http.Post(path, """{"delta":1}""", "k")).Is(200);
        Assert.Equal(before + 1, Signs[RaceSign.KeyReuse]);

        await Eventually.True(
            async () =>
            {
                await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => _http.Post(path, """{"delta":2}""", "k")));
                return Items(await _http.Get("/v1/anomalies")).Any(static item => item.GetProperty("sign").GetString() == "key_reuse");
            },
            static () => "sixty at once should be too many");
    }

    [Fact]
    public async Task Only_an_operator_reads_them()
    {
        var key = await _http.MakeKey("clerk", [.. Scopes.All.Except([Scopes.Operate])]);

        (await _http.As(key, HttpMethod.Get, "/v1/anomalies")).IsProblem(403, "forbidden");
    }

    [Fact]
    public void Each_sign_has_its_texts_and_its_part_of_the_page()
    {
        var anchors = Heading().Matches(Repository.Read("docs/design/watching.md"))
            .Select(static match => match.Groups[1].Value).ToHashSet();

        Assert.All(RaceSigns.All, sign =>
        {
            var body = AnomalyBody.From(new(sign, "x", default, default, null, 1, 1, 0));
            Assert.NotEmpty(body.Meaning);
            Assert.NotEmpty(body.LookAt);
            Assert.Contains(body.Help.Split('#')[1], anchors);
        });
        Assert.Equal(RaceSigns.All.Count, RaceSigns.All.Select(RaceSigns.NameOf).Distinct().Count());
    }

    private static JsonElement[] Items(Answer answer) => [.. answer.Is(200).Json.GetProperty("items").EnumerateArray()];

    private async Task<JsonElement> Listed(Func<JsonElement, bool> expected)
    {
        JsonElement[] items = [];
        await Eventually.True(
            async () => (items = Items(await _http.Get("/v1/anomalies"))).Any(expected),
            () => $"it should be listed, but there is only {string.Join(", ", items)}");
        return items.First(expected);
    }

    [GeneratedRegex("^### `?(\\w+)`?$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
