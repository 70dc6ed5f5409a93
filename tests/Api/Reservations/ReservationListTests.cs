using System.Text.Json;

namespace Holdfast.Tests.Api.Reservations;

[Collection(HttpRing.Name)]
public sealed class ReservationListTests(HttpHost http)
{
    [Fact]
    public async Task The_open_reservations_are_listed_page_by_page_in_both_orders()
    {
        var path = $"/v1/products/{await http.Product(9)}/reservations";
        Assert.Equal("""{"items":[],"next":null}""", (await http.Get(path)).Is(200).Body);
        var made = new List<string>();
        for (var i = 0; i < 5; i++) made.Add((await http.Post(path, $$"""{"quantity":1,"reference":"cart-{{i}}"}""")).Is(201).Body);

        var oldest = await All(path, "asc");
        Assert.Equal(made.Order(), oldest.Order());
        Assert.Equal(oldest.AsEnumerable().Reverse(), await All(path, "desc"));
        Assert.Equal(oldest.AsEnumerable().Reverse(), Items(await http.Get(path)));
        Assert.Equal(made, oldest.OrderBy(static body => JsonDocument.Parse(body).RootElement.GetProperty("reference").GetString()));
    }

    [Fact]
    public async Task What_has_ended_is_not_listed_and_moves_nothing_while_somebody_pages()
    {
        var path = $"/v1/products/{await http.Product(9)}/reservations";
        var made = new List<Answer>();
        for (var i = 0; i < 4; i++) made.Add((await http.Post(path, """{"quantity":1}""")).Is(201));
        var oldest = await All(path, "asc");
        var first = (await http.Get(path + "?limit=2&order=asc")).Is(200);

        // The last one that was seen ends, and one comes that was not there.
        var seen = made.Single(answer => answer.Body == oldest[1]);
        (await http.Post(seen.Location + "/commit", null)).Is(200);
        var later = (await http.Post(path, """{"quantity":1}""")).Is(201);
        var rest = Items(await http.Get($"{path}?limit=9&order=asc&cursor={first.Text("next")}"));
        Assert.Equal([oldest[2], oldest[3], later.Body], rest);
        Assert.DoesNotContain(seen.Text("id")!, (await http.Get(path)).Body, StringComparison.Ordinal);

        var brief = (await http.Post(path, """{"quantity":1,"ttlSeconds":1}""")).Is(201);
        await Eventually.True(
            async () => !(await http.Get(path)).Body.Contains(brief.Text("id")!, StringComparison.Ordinal),
            static () => "the hold of a second is listed no more");
    }

    [Fact]
    public async Task A_cursor_is_for_its_own_list()
    {
        var (path, other) = ($"/v1/products/{await http.Product(9)}/reservations", $"/v1/products/{await http.Product(9)}/reservations");
        for (var i = 0; i < 2; i++) (await http.Post(path, """{"quantity":1}""")).Is(201);
        var next = (await http.Get(path + "?limit=1")).Is(200).Text("next");
        foreach (var wrong in new[] { $"{other}?cursor={next}", $"{path}?order=asc&cursor={next}", path + "?cursor=x" })
            (await http.Get(wrong)).IsProblem(400, "cursor_invalid");
        (await http.Get(path + "?limit=0")).IsBad(422, "limit");
        (await http.Get(path + "?order=up")).IsBad(422, "order");
        (await http.Get(path + "?status=reserved")).IsBad(400, "status");
    }

    [Fact]
    public async Task An_unknown_product_has_no_list() =>
        (await http.Get($"/v1/products/{HttpHost.Name("none")}/reservations")).IsProblem(404, "product_not_found");

    private async Task<List<string>> All(string path, string order)
    {
        var all = new List<string>();
        for (var cursor = ""; ;)
        {
            var page = (await http.Get($"{path}?limit=2&order={order}{cursor}")).Is(200);
            all.AddRange(Items(page));
            if (page.Text("next") is not { } next) return all;
            cursor = "&cursor=" + next;
        }
    }

    private static IEnumerable<string> Items(Answer page) =>
        page.Is(200).Json.GetProperty("items").EnumerateArray().Select(static item => item.GetRawText());
}
