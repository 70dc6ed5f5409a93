using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Holdfast.Rig;
using Holdfast.Tests.Journal;

namespace Holdfast.Rings.Cluster;

/// <summary>A dump that is restored on another server, whose transactions have their own numbers, lists what it has, and goes on.</summary>
public sealed class RestoredDumpTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [PostgresFact(Wants.Server)]
    public async Task A_dump_that_was_restored_elsewhere_lists_what_it_has_and_what_comes_after()
    {
        var dump = Path.Combine(_directory.Path, "dump.sql");
        string[] kept;
        JsonElement[] there;
        string asOf, cursor;
        await using (var first = await PostgresServer.Start(TimeProvider.System))
        {
            var database = await first.CreateDatabase("shop");

            // Its transactions have higher numbers than those of the other server will have for a long time.
            await PostgresAdmin.Execute(
                database,
                "DO $$ BEGIN FOR i IN 1..20000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$",
                CancellationToken.None);
            await HoldfastProcess.Migrate(database, ShopServer.StartLimit, TimeProvider.System);
            await using var server = await ShopServer.Start(database);
            await server.Send(HttpMethod.Put, "/v1/products/TEA", """{"name":"Tea","unitPrice":{"amount":300,"currency":"GBP"}}""");
            await server.Send(HttpMethod.Post, "/v1/products/TEA/adjustments", """{"delta":90,"reason":"received"}""");
            kept = [await Order(server, "R-1"), await Order(server, "R-2"), await Order(server, "R-3")];
            (there, asOf, cursor) = await List(server, "/v1/orders?limit=2");
            await Run(PostgresPrograms.Path("pg_dump"), $"--dbname={Uri(first.Port)}", $"--file={dump}");
            await Order(server, "R-4");
        }

        await using var second = await PostgresServer.Start(TimeProvider.System);
        var restored = await second.CreateDatabase("shop");
        await Run(
            PostgresPrograms.Path("psql"), "--quiet", "--set=ON_ERROR_STOP=1", $"--dbname={Uri(second.Port)}", $"--file={dump}");
        await Run(Programs.DotNet, HoldfastProcess.Silo, "renew", $"--ConnectionStrings:Holdfast={restored}");
        await using var shop = await ShopServer.Start(restored);

        await HoldfastCluster.Until(async () => (await List(shop, "/v1/orders")).Items.Length == 3, "the restored orders are listed");
        var (items, now, _) = await List(shop, "/v1/orders");
        Assert.Equal(kept.Reverse(), items.Select(IdOf));
        Assert.Equal(there.Select(Text), items.Take(2).Select(Text));
        foreach (var id in kept) Assert.Equal(Text(await Get(shop, "/v1/orders/" + id)), Text(items.Single(item => IdOf(item) == id)));
        Assert.NotEqual(asOf.Split('.')[0], now.Split('.')[0]);

        // What comes after it is listed at once, and each of both once.
        var late = await Order(shop, "R-5");
        Assert.Equal([late, .. kept.Reverse()], (await List(shop, "/v1/orders")).Items.Select(IdOf));
        var movements = (await List(shop, "/v1/movements")).Items;
        Assert.Equal([-1, -1, -1, -1, 90], movements.Select(static item => item.GetProperty("delta").GetInt64()));
        Assert.Equal([late], (await List(shop, "/v1/orders?reference=R-5")).Items.Select(IdOf));
        Assert.Empty((await List(shop, "/v1/orders?reference=R-4")).Items);

        using var foreign = await shop.Client.GetAsync(new Uri($"/v1/orders?cursor={cursor}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadRequest, foreign.StatusCode);
        Assert.Contains("cursor_invalid", await foreign.Content.ReadAsStringAsync());
    }

    private Task Run(params string[] command) =>
        ChildProcess.Run(command, _directory.Path, ShopServer.StartLimit, TimeProvider.System, default);

    private static string Uri(int port) => $"postgresql://{PostgresServer.User}@127.0.0.1:{port}/shop";

    private static async Task<string> Order(ShopServer server, string reference)
    {
        var order = await server.Send(
            HttpMethod.Post,
            "/v1/orders",
            $$$"""{"customerId":"ada","reference":"{{{reference}}}","lines":[{"sku":"TEA","quantity":1}],"paymentToken":"tok_ok"}""");
        Assert.Equal("completed", order.GetProperty("status").GetString());
        return IdOf(order);
    }

    private static async Task<JsonElement> Get(ShopServer server, string path) => await server.Client.GetFromJsonAsync<JsonElement>(path);

    /// <summary>Past all that is committed; while the list is being made it is empty.</summary>
    private static async Task<(JsonElement[] Items, string AsOf, string Cursor)> List(ShopServer server, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { CacheControl = new() { NoCache = true } } };
        using var response = await server.Client.SendAsync(request);
        if (response.StatusCode == HttpStatusCode.ServiceUnavailable) return ([], "", "");
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        var page = await response.Content.ReadFromJsonAsync<JsonElement>();
        return (
            [.. page.GetProperty("items").EnumerateArray()],
            response.Headers.GetValues("Holdfast-As-Of").Single(),
            page.TryGetProperty("next", out var next) ? next.ToString() : "");
    }

    private static string IdOf(JsonElement order) => order.GetProperty("id").GetString()!;

    private static string Text(JsonElement order) => order.GetRawText();
}
