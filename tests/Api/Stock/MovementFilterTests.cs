using System.Globalization;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Tests.Api.Stock;

/// <summary>Which movements a list shows.</summary>
[Collection(HttpRing.Name)]
public sealed class MovementFilterTests(HttpHost http)
{
    [Fact]
    public async Task Movements_are_listed_by_kind()
    {
        var (sku, path) = await Moved();
        Assert.Equal("returned,set,sold,adjusted,adjusted", await Kinds(path));
        Assert.Equal("adjusted,adjusted", await Kinds(path + "?kind=adjusted"));
        Assert.Equal("sold", await Kinds(path + "?kind=sold&order=asc"));
        Assert.Equal("set", await Kinds(path + "?kind=set&limit=1"));
        Assert.Equal("returned", await Kinds(path + "?kind=returned"));
        Assert.Equal("", await Kinds($"/v1/products/{await http.Product(0)}/movements?kind=sold"));

        var first = (await http.Get(path + "?kind=adjusted&limit=1")).Is(200);
        var next = first.Text("next");
        Assert.Equal("adjusted", await Kinds($"{path}?kind=adjusted&limit=1&cursor={next}"));
        foreach (var other in new[] { "?kind=sold&cursor=", "?cursor=", "?kind=adjusted&from=2020-01-01T00:00:00Z&cursor=" })
            (await http.Get(path + other + next)).IsProblem(400, "cursor_invalid");
        Assert.Equal(sku, (await http.Get($"/v1/products/{sku}")).Text("sku"));
    }

    [Fact]
    public async Task Movements_are_listed_from_one_time_to_another()
    {
        var (_, path) = await Moved();
        var lines = (await http.Get(path + "?order=asc")).Is(200).Json.GetProperty("items").EnumerateArray()
            .Select(static line => (Kind: line.GetProperty("kind").GetString()!, At: line.GetProperty("at").GetDateTimeOffset())).ToArray();

        // Each moment that there is, and those beside it, as a bound on either side.
        int[] aside = [-1, 0, 1];
        foreach (var moment in lines.SelectMany(line => aside.Select(by => line.At.AddMilliseconds(by))).Distinct().Order())
        {
            var at = moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
            var (since, until) = (lines.Where(line => line.At >= moment).ToArray(), lines.Where(line => line.At < moment).ToArray());
            foreach (var limit in new[] { 2, 50 })
            {
                Assert.Equal(Text(since), await AllKinds($"{path}?order=asc&from={at}&limit={limit}"));
                Assert.Equal(Text(until), await AllKinds($"{path}?order=asc&to={at}&limit={limit}"));
                Assert.Equal(Text(since.Reverse()), await AllKinds($"{path}?from={at}&limit={limit}"));
                Assert.Equal(Text(until.Reverse()), await AllKinds($"{path}?to={at}&limit={limit}"));
            }

            Assert.Equal("", await AllKinds($"{path}?from={at}&to={at}"));
        }

        static string Text(IEnumerable<(string Kind, DateTimeOffset At)> lines) => string.Join(',', lines.Select(static line => line.Kind));
    }

    [Theory]
    [InlineData("kind=Sold", 422, "kind")]
    [InlineData("kind=", 422, "kind")]
    [InlineData("from=yesterday", 400, "from")]
    [InlineData("from=2026-11-23", 400, "from")]
    [InlineData("from=2026-11-23T09:00:00", 400, "from")]
    [InlineData("to=2026-11-23T09:00:00%2B01:00", 400, "to")]
    [InlineData("to=2026-13-23T09:00:00Z", 400, "to")]
    [InlineData("from=2026-11-23T09:00:00.001Z&to=2026-11-23T09:00:00Z", 422, "from")]
    [InlineData("since=2026-11-23T09:00:00Z", 400, "since")]
    public async Task A_bad_filter_is_refused(string query, int status, string place) =>
        (await http.Get("/v1/products/x/movements?" + query)).IsBad(status, place);

    /// <summary>A product that was moved in every way.</summary>
    private async Task<(string Sku, string Path)> Moved()
    {
        var sku = await http.Product(9);
        (await http.Post($"/v1/products/{sku}/adjustments", """{"delta":-1,"reason":"damaged"}""")).Is(201);
        var made = (await http.Post($"/v1/products/{sku}/reservations", """{"quantity":2}""")).Is(201);
        (await http.Post(made.Location + "/commit", null)).Is(200);
        var seen = (await http.Get($"/v1/products/{sku}/stock")).Number("version");
        (await http.Put($"/v1/products/{sku}/stock", $$"""{"onHand":5,"reason":"inventory","ifVersion":{{seen}}}""")).Is(200);
        Assert.True(PublicId.TryParse(PublicId.Reservation, made.Text("id")!, out var id));
        var product = http.Services.GetRequiredService<IGrainFactory>().GetGrain<IProductInventory>(sku);
        Assert.Equal(ReservationOutcomeStatus.Done, (await product.Undo(new(id))).Status);
        return (sku, $"/v1/products/{sku}/movements");
    }

    private async Task<string> Kinds(string path) => string.Join(',', Lines((await http.Get(path)).Is(200)));

    private async Task<string> AllKinds(string path)
    {
        var all = new List<string>();
        for (var cursor = ""; ;)
        {
            var page = (await http.Get(path + cursor)).Is(200);
            all.AddRange(Lines(page));
            if (page.Text("next") is not { } next) return string.Join(',', all);
            cursor = "&cursor=" + next;
        }
    }

    private static IEnumerable<string> Lines(Answer page) =>
        page.Json.GetProperty("items").EnumerateArray().Select(static line => line.GetProperty("kind").GetString()!);
}
