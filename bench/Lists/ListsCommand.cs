using System.CommandLine;
using System.Globalization;
using Holdfast.Bench.Measuring;
using Holdfast.Contracts.Orders;
using Holdfast.Views.Lists;
using Holdfast.Views.Store;

namespace Holdfast.Bench.Lists;

/// <summary><c>bench lists</c>: what a page of orders costs when there are few, and when there are many.</summary>
internal static class ListsCommand
{
    /// <summary>Rows of one page.</summary>
    private const int PageRows = 50;

    /// <summary>Orders of one customer, however many orders there are.</summary>
    private const int OrdersPerCustomer = 100;

    /// <summary>One order in so many is cancelled.</summary>
    private const int OneInCancelled = 10;

    /// <summary>With fewer there is a page that is not full.</summary>
    private const int FewestOrders = PageRows * OneInCancelled;

    /// <summary>Rows that one statement makes.</summary>
    private const int RowsAtOnce = 50_000;

    private static readonly Option<int> Few = WholeNumber.Option("--few", "Orders in the store that has few.", 10_000, 100_000);

    private static readonly Option<int> Many = WholeNumber.Option("--many", "Orders in the store that has many.", 1_000_000, 10_000_000);

    private static readonly PlanOptions Plans = new(seconds: 5, maxSeconds: 60, rounds: 3);

    public static Command Create(TimeProvider clock) => MeasuringCommand.Create(
        "lists",
        "Measures pages of 50 orders, by customer, by status, by reference, of all: among few orders and among many.",
        clock,
        Measure,
        [Few, Many, .. Plans.All]);

    private static async Task<IReadOnlyList<Comparison>> Measure(MeasuringRun run, CancellationToken cancellationToken)
    {
        int[] sizes = [run.Options.GetValue(Few), run.Options.GetValue(Many)];
        if (sizes[0] < FewestOrders || sizes[0] >= sizes[1])
            throw new BenchException($"--few must be {FewestOrders} or more, and less than --many.");
        await using var few = await BenchSilo.Start(run.Stores, "few", cancellationToken);
        await using var many = await BenchSilo.Start(run.Stores, "many", cancellationToken);
        (int Size, BenchSilo Silo)[] stores = [(sizes[0], few), (sizes[1], many)];
        foreach (var (size, silo) in stores) await Fill(silo, size, run, cancellationToken);
        var plan = Plans.Read(run.Options);
        return
        [
            await Compare("A page of a customer's orders", static (client, size) =>
                new(CustomerId: $"c{client.Pick(size / OrdersPerCustomer)}"), PageRows),
            await Compare("A page of the orders with a status", static (_, _) => new(Status: OrderStatus.Cancelled), PageRows),
            await Compare("The order with a reference", static (client, size) => new(Reference: $"R{client.Pick(size)}"), 1),
            await Compare("A page of all orders", static (_, _) => new(), PageRows),
        ];

        Task<Comparison> Compare(string title, Func<Client, int, OrderFilter> filter, int rows)
        {
            var ways = stores.Select(store => new Way(
                string.Create(CultureInfo.InvariantCulture, $"{store.Size:N0} orders"),
                client => Read(store.Silo, filter(client, store.Size), rows)));
            return new Contest(plan, run.Progress, cancellationToken).Run(title, [.. ways]);
        }
    }

    private static async ValueTask Read(BenchSilo silo, OrderFilter filter, int rows)
    {
        var page = await silo.Service<OrderList>().Read(filter, null, PageRows, oldestFirst: false, ReadPoint.Any, CancellationToken.None);
        if (page.Items.Count != rows)
            throw new BenchException($"{filter} has {page.Items.Count} rows, not {rows}: the figures would mean nothing.");
    }

    /// <summary>Copies a real order's row of the view: the journal behind it does not matter to a list.</summary>
    private static async Task Fill(BenchSilo silo, int orders, MeasuringRun run, CancellationToken cancellationToken)
    {
        await Products.Create(silo.Grains, 1, cancellationToken);
        await new Orders.Placing(silo.Grains, 1, lines: 1).PlaceAndWait(new Client(0, 1));
        var store = silo.Service<ViewStore>();
        var page = await silo.Service<OrderList>().Read(new(), null, 1, false, ReadPoint.Any with { Newest = true }, cancellationToken);
        if (page.Items.Count == 0) throw new BenchException("The order that was placed is not in the list.");
        var current = new ViewStatement("SELECT generation FROM views WHERE name = @a AND is_current = 1", "orders");
        var generation = (await store.Read(current, static row => row.GetInt64(0), cancellationToken)).Single();
        var table = string.Create(CultureInfo.InvariantCulture, $"orders_orders_{generation}");
        for (var made = 0; made < orders; made += RowsAtOnce)
        {
            run.Progress.Say(string.Create(CultureInfo.InvariantCulture, $"{made:N0} of {orders:N0} rows are there"));
            await store.Execute(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"""
                    INSERT INTO {table} (id, placed_at, status, customer, reference, attention, version, body)
                    WITH RECURSIVE numbers (i) AS (
                        SELECT {made} UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < {Math.Min(orders, made + RowsAtOnce)})
                    SELECT 'ord_' || (100000000 + i), 1700000000000 + i,
                        CASE WHEN i % {OneInCancelled} = 0 THEN 'Cancelled' ELSE 'Completed' END,
                        'c' || (i % {orders / OrdersPerCustomer}), 'R' || i, 0, 1,
                        (SELECT body FROM {table} WHERE placed_at > 1700000000000 + {orders} LIMIT 1)
                    FROM numbers
                    """),
                cancellationToken);
        }

        // As autovacuum would have done by the time that there are so many.
        await store.Execute("ANALYZE", cancellationToken);
    }
}
