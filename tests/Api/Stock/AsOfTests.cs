using System.Globalization;

namespace Holdfast.Tests.Api.Stock;

[Collection(HttpRing.Name)]
public sealed class AsOfTests(HttpHost http)
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    [Fact]
    public async Task A_correction_is_in_what_was_true_then_as_soon_as_it_is_answered()
    {
        var sku = await http.Product(10);
        var now = DateTimeOffset.Parse((await http.Get($"/v1/products/{sku}/movements")).Is(200).Json.GetProperty("items")[0]
            .GetProperty("at").GetString()!, CultureInfo.InvariantCulture);
        var (yesterday, lastWeek) = (now.AddDays(-1), now.AddDays(-7));

        var found = (await http.Post($"/v1/products/{sku}/adjustments", Found(3, yesterday))).Is(201);
        Assert.Equal((13L, Text(yesterday)), (found.Number("onHand"), found.Text("effectiveAt")));

        Assert.Equal(3, await OnHand(sku, $"asOf={Text(yesterday)}"));
        Assert.Equal(0, await OnHand(sku, $"asOf={Text(lastWeek)}"));
        Assert.Equal(0, await OnHand(sku, $"asOf={Text(yesterday)}&knownAt={Text(yesterday)}"));
        Assert.Equal(13, await OnHand(sku, $"asOf={found.Text("at")}"));
        Assert.Equal(13, await OnHand(sku, $"knownAt={found.Text("at")}"));
        Assert.Equal(13, await OnHand(sku, $"asOf={Text(now.AddDays(30))}"));
        Assert.Equal(0, await OnHand(sku, $"knownAt={Text(lastWeek)}"));
        var line = (await http.Get($"/v1/products/{sku}/movements")).Is(200).Json.GetProperty("items")[0];
        Assert.Equal(Text(yesterday), line.GetProperty("effectiveAt").GetString());
    }

    [Fact]
    public async Task The_answer_says_what_was_asked_and_has_no_holds()
    {
        var sku = await http.Product(10);
        var answer = (await http.Get($"/v1/products/{sku}/stock?asOf=2026-01-01T00:00:00Z")).Is(200);

        Assert.Equal((sku, 0L, "2026-01-01T00:00:00.000Z"), (answer.Text("sku"), answer.Number("onHand"), answer.Text("asOf")));
        Assert.False(answer.Json.TryGetProperty("reserved", out _));
    }

    [Fact]
    public async Task A_time_to_come_and_one_too_long_ago_are_refused_with_the_bound_and_change_nothing()
    {
        var sku = await http.Product(10);
        var path = $"/v1/products/{sku}/adjustments";
        var later = (await http.Post(path, Found(3, DateTimeOffset.Parse("2999-01-01Z", CultureInfo.InvariantCulture))))
            .IsProblem(409, "effective_in_future");
        var earlier = (await http.Post(path, Found(3, DateTimeOffset.Parse("1999-01-01Z", CultureInfo.InvariantCulture))))
            .IsProblem(409, "effective_too_early");

        var (now, earliest) = (Time(later.Text("now")), Time(earlier.Text("earliest")));
        Assert.InRange(now - earliest, TimeSpan.FromDays(365), TimeSpan.FromDays(367));
        Assert.Equal(10, (await http.Get($"/v1/products/{sku}/stock")).Is(200).Number("onHand"));

        static DateTimeOffset Time(string? text) => DateTimeOffset.Parse(text!, CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task What_is_no_time_is_refused_and_a_product_that_is_not_there_has_no_past()
    {
        var sku = await http.Product(10);
        (await http.Get($"/v1/products/{sku}/stock?asOf=yesterday")).IsProblem(400, "malformed");
        (await http.Get($"/v1/products/{sku}/stock?knownAt=2026-01-01")).IsProblem(400, "malformed");
        (await http.Get($"/v1/products/{HttpHost.Name("none")}/stock?asOf=2026-01-01T00:00:00Z")).IsProblem(404, "product_not_found");
    }

    private async Task<long> OnHand(string sku, string query) =>
        (await http.Get($"/v1/products/{sku}/stock?{query}")).Is(200).Number("onHand");

    private static string Found(long delta, DateTimeOffset since) =>
        $$"""{"delta":{{delta}},"reason":"found","effectiveAt":"{{Text(since)}}"}""";

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);
}
