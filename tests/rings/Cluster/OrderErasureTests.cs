using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Holdfast.Contracts.Orders;
using Holdfast.Rig;
using Holdfast.Tests.Journal;

namespace Holdfast.Rings.Cluster;

/// <summary>What was erased of an order is nowhere any more, whatever it is stored in; its sums are.</summary>
public sealed class OrderErasureTests : IDisposable
{
    private const string Secret = "Wilhelmina-Unforgettable";

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_text_of_an_erased_order_is_gone_from_every_file_and_does_not_come_back()
    {
        var cluster = await HoldfastCluster.Start(_directory.Path);
        await cluster.CreateProduct("tea", 10, price: 300);
        var operation = HoldfastCluster.NewOperation();
        var placing = new PlaceOrder(operation, Secret, [new("tea", 2)], "tok_ok")
        {
            Reference = Secret,
            Metadata = [new("gift", Secret)],
        };
        var saga = cluster.Order(Contracts.PublicId.Format(Contracts.PublicId.Order, operation.Id));
        Assert.Equal(PlaceOrderStatus.Placed, (await saga.Place(placing)).Status);
        var before = await HoldfastCluster.Terminal(saga);
        Assert.Equal(OrderStatus.Completed, before.Status);
        await saga.Describe(new(HoldfastCluster.NewOperation(), null, true, Secret + "2", false, []));
        Assert.NotEmpty(_directory.FilesWith(Secret));

        Assert.Equal(EraseOrderStatus.Erased, (await saga.Erase(new(HoldfastCluster.NewOperation()))).Status);
        await IsGone();

        await cluster.Kill();
        await using var next = await HoldfastCluster.Start(_directory.Path);
        saga = next.Order(Contracts.PublicId.Format(Contracts.PublicId.Order, operation.Id));
        var after = (await saga.Read())!;
        Assert.Equal(
            (before.Total, before.Captured, before.Payment, before.PlacedAt), (after.Total, after.Captured, after.Payment, after.PlacedAt));
        Assert.Equal((before.Lines[0], ""), (Assert.Single(after.Lines), after.CustomerId));
        Assert.Equal(Text(after), Text((await saga.Place(placing)).Order!));
        Assert.Equal("erased", Assert.Single((await saga.ReadHistory(0, 10)).Entries).What);
        await IsGone();
        Assert.Equal((8, 0), await next.Stock("tea"));

        // From the journal at once, from the views when they have come to it.
        Task IsGone() => HoldfastCluster.Until(
            () => Task.FromResult(_directory.FilesWith(Secret).Length == 0), "nothing of the order's text is in any file");
    }

    [PostgresFact]
    public async Task The_text_of_an_erased_order_is_in_no_table_of_postgresql()
    {
        await using var database = await PostgresDatabase.Create(TimeProvider.System);
        await HoldfastProcess.Migrate(database.ConnectionString, ShopServer.StartLimit, TimeProvider.System);
        await using var server = await ShopServer.Start(database.ConnectionString);
        await server.Send(HttpMethod.Put, "/v1/products/TEA", """{"name":"Tea","unitPrice":{"amount":300,"currency":"GBP"}}""");
        await server.Send(HttpMethod.Post, "/v1/products/TEA/adjustments", """{"delta":9,"reason":"received"}""");
        var order = await server.Send(
            HttpMethod.Post,
            "/v1/orders",
            $$$"""
            {"customerId":"{{{Secret}}}","reference":"{{{Secret}}}","metadata":{"gift":"{{{Secret}}}"},
             "lines":[{"sku":"TEA","quantity":2}],"paymentToken":"tok_ok"}
            """);
        var path = "/v1/orders/" + order.GetProperty("id").GetString();
        Assert.Equal("completed", order.GetProperty("status").GetString());
        Assert.NotEmpty(await TablesWith(database));

        using var erased = await server.Client.DeleteAsync(new Uri(path, UriKind.Relative));

        Assert.True(erased.IsSuccessStatusCode);
        // From the journal at once, from the views when they have come to it.
        Assert.DoesNotContain(await TablesWith(database), table => !table.StartsWith("holdfast_views.", StringComparison.Ordinal));
        await HoldfastCluster.Until(async () => (await TablesWith(database)).Length == 0, "nothing of the order's text is in any table");
        var payment = (await server.Client.GetFromJsonAsync<JsonElement>(path)).GetProperty("payment");
        Assert.Equal(600, payment.GetProperty("captured").GetProperty("amount").GetInt64());
    }

    /// <summary>Text is found as it is, and bytes as they are printed.</summary>
    private static async Task<string[]> TablesWith(PostgresDatabase database)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(database.ConnectionString);
        var tables = new List<string>();
        const string All =
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
        await using (var all = source.CreateCommand(All))
        await using (var reader = await all.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync()) tables.Add(reader.GetString(0));
        }

        var found = new List<string>();
        foreach (var table in tables)
        {
            await using var count = source.CreateCommand($"SELECT count(*) FROM {table} t WHERE t::text LIKE $1 OR t::text LIKE $2");
            count.Parameters.Add(new() { Value = $"%{Secret}%" });
            count.Parameters.Add(new() { Value = $"%{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Secret))}%" });
            if ((long)(await count.ExecuteScalarAsync())! > 0) found.Add(table);
        }

        Assert.NotEmpty(tables);
        return [.. found];
    }

    private static string Text(Order order) => JsonSerializer.Serialize(order);
}
