using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Holdfast.Bench.Measuring;
using Holdfast.Contracts;
using Holdfast.Contracts.Orders;
using Holdfast.Views.Lists;

namespace Holdfast.Bench.Lists;

/// <summary><c>bench lag</c>: how long after its end an order is shown as ended, under a share of what the silo can carry.</summary>
internal static class LagCommand
{
    private const string PaymentToken = "tok_ok";
    private const int MaxSeconds = 3_600;
    private const int MaxPercent = 100;

    /// <summary>Of the orders whose end is looked for in the list; a reader is work, too.</summary>
    private const int LookAtEach = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly Option<int> Seconds = WholeNumber.Option("--seconds", "How long is measured, each time.", 20, MaxSeconds);
    private static readonly Option<int> Percent =
        WholeNumber.Option("--percent", "How much of what the silo can carry is sent.", 50, MaxPercent);

    private static readonly Option<int> Clients = WholeNumber.Option("--clients", "Who place orders at a time.", 64, 1_024);

    private static readonly Option<int> Skus =
        WholeNumber.Option("--products", "Products that the orders are spread over.", 10_000, 1_000_000);

    public static Command Create(TimeProvider clock)
    {
        var command = new Command("lag", "Measures how far the list of orders is behind, under half of the orders that a silo can carry.")
        {
            BenchStores.Option, Seconds, Percent, Clients, Skus, WorkDirectory.Option,
        };
        command.SetAction((options, cancellationToken) => Terminal.Run(
            () => Measure(options, clock, cancellationToken), "Stopped before everything was measured."));
        return command;
    }

    private static async Task Measure(ParseResult options, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var work = new WorkDirectory(options.GetRequiredValue(WorkDirectory.Option));
        await using var stores = new BenchStores(options.GetValue(BenchStores.Option), work, clock);
        Console.WriteLine(Machine.Read(work.Path, await stores.Version(cancellationToken), clock));
        await using var silo = await BenchSilo.Start(stores, "data", cancellationToken);
        await Products.Create(silo.Grains, options.GetValue(Skus), cancellationToken);
        var time = TimeSpan.FromSeconds(options.GetValue(Seconds));
        var made = 0;
        await Send(double.PositiveInfinity, options.GetValue(Seconds) / 2.0);
        var (carried, _) = await Send(double.PositiveInfinity, time.TotalSeconds);
        var rate = carried * options.GetValue(Percent) / MaxPercent;
        var (sent, lags) = await Send(rate, time.TotalSeconds);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            The silo carries {carried:N0} orders a second. At {sent:N0} a second the list shows an order's end so much later than who placed
            it was told, in ms: p50 {Milliseconds(lags, 0.5):N0}, p99 {Milliseconds(lags, 0.99):N0}, max {Milliseconds(lags, 1):N0}
            """));

        // Without end: what the silo carries, when nobody waits for lists.
        async Task<(double PerSecond, LatencyHistogram Lags)> Send(double perSecond, double seconds)
        {
            var (began, number, done) = (Stopwatch.GetTimestamp(), 0L, 0L);

            // Each with a seed of its own: two that draw the same ids would get each other's orders.
            var clients = Enumerable.Range(0, options.GetValue(Clients)).Select(index => new Client(index, ++made)).ToArray();
            await Task.WhenAll(clients.Select(client => Task.Run(() => SendAsOne(client))));
            var all = new LatencyHistogram();
            foreach (var client in clients) all.Add(client.Latencies);
            return (done / Stopwatch.GetElapsedTime(began).TotalSeconds, all);

            async Task SendAsOne(Client client)
            {
                while (true)
                {
                    var turn = Interlocked.Increment(ref number);
                    var due = TimeSpan.FromSeconds(turn / perSecond);
                    if (due - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } early) await Task.Delay(early, clock, cancellationToken);
                    if (Stopwatch.GetElapsedTime(began).TotalSeconds >= seconds) return;
                    var ended = await Place(silo.Grains, client, options.GetValue(Skus));
                    Interlocked.Increment(ref done);
                    if (!double.IsFinite(perSecond) || turn % LookAtEach != 0) continue;
                    await LookFor(silo.Service<OrderList>(), ended, client, cancellationToken);
                }
            }
        }
    }

    private static async Task<Order> Place(IGrainFactory grains, Client client, int products)
    {
        var id = client.NextId();
        var order = grains.GetGrain<IOrderSaga>(PublicId.Format(PublicId.Order, id));
        await order.Place(new(new(id, 1), "customer-1", [new(Products.Sku(client.Pick(products)), 1)], PaymentToken));
        var end = await order.WaitForEnd(Patience);
        if (end?.Status != OrderStatus.Completed)
            throw new BenchException($"An order ended {end?.Status}: the figures would mean nothing.");
        return end;
    }

    /// <summary>As a reader who has just been told of the order's end.</summary>
    private static async Task LookFor(OrderList orders, Order ended, Client client, CancellationToken cancellationToken)
    {
        var id = PublicId.Format(PublicId.Order, ended.Id);
        var began = Stopwatch.GetTimestamp();
        var point = ReadPoint.Any with { Versions = [new($"order/{id}", ended.Version)] };
        var page = await orders.Read(new(), null, 1, false, point, cancellationToken);
        client.Latencies.Record(Stopwatch.GetTimestamp() - began);
        if (page.Items.Count == 0) throw new BenchException($"The list of orders is empty after {id}.");
    }

    private static double Milliseconds(LatencyHistogram latencies, double share) => latencies.Percentile(share).TotalMilliseconds;
}
