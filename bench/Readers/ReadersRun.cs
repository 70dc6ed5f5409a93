using System.Globalization;
using Holdfast.Bench.Http;
using Holdfast.Bench.Measuring;
using Holdfast.Rig;

namespace Holdfast.Bench.Readers;

/// <summary>One run of <c>bench readers</c>.</summary>
internal sealed class ReadersRun(ReadersPlan plan, WorkDirectory work, TimeProvider clock)
{
    private const int SoldProducts = 32;
    private const int WarmUpSeconds = 10;
    private const int BeforeSeconds = 20;
    private const int Overloaded = 503;
    private const long Megabyte = 1024 * 1024;

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>After an answer that means "later".</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Progress _progress = new();
    private long _name;
    private long _reads;
    private long _refusedReads;
    private long _sales;
    private long _failedSales;

    /// <summary>Measures, says what it sees, and returns the bounds that were broken.</summary>
    public async Task<IReadOnlyList<string>> Measure(CancellationToken cancellationToken)
    {
        var log = work.For("server.log");
        await using var server = HoldfastProcess.Start(
            new("server", HoldfastProcess.FrontDoor, new($"http://127.0.0.1:{LoopbackPorts.Next()}"))
            {
                Settings = new Dictionary<string, string> { ["Holdfast:DataDirectory"] = work.For("data") },
                Environment = new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = (plan.HeapMegabytes * Megabyte).ToString("x", CultureInfo.InvariantCulture) },
                OutputFile = log,
            },
            clock);
        await server.WaitUntilReady(StartLimit, cancellationToken);
        var (before, during) = await Load(server, cancellationToken);
        var alive = !server.Exited.IsCompleted;
        var errors = (await File.ReadAllLinesAsync(log, cancellationToken)).Count(static line => line.Contains(nameof(OutOfMemoryException), StringComparison.Ordinal));
        var kept = before > 0 ? during / before : 0;
        Say($"{plan.Kind}: {_reads / (double)plan.Seconds:N0} reads/s, {_refusedReads:N0} refused; sales {before:N0}/s before, {during:N0}/s beside it: {kept:P0} kept");
        Say($"{errors} OutOfMemoryExceptions in the log; the server {(alive ? "lives" : "is dead")}");
        var broken = new List<string>();
        if (!alive) broken.Add("the server is dead");
        if (errors > 0) broken.Add($"{errors} OutOfMemoryExceptions");
        if (kept * 100 < plan.KeptPercent) broken.Add(string.Create(CultureInfo.InvariantCulture, $"{kept:P0} of the sales were kept, not {plan.KeptPercent} %"));
        return broken;
    }

    private async Task<(double Before, double During)> Load(HoldfastProcess server, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var shop = await HttpShop.Open(server.Url, plan.Sellers, cancellationToken);
        using var door = await HttpShop.Open(server.Url, plan.Readers, cancellationToken);
        await shop.Create([.. Enumerable.Range(0, SoldProducts).Select(Sold)], cancellationToken);
        if (plan.Kind is ReaderKind.Catalogue or ReaderKind.Each)
        {
            _progress.Say($"{plan.Products} products are made");
            await door.Create([.. Enumerable.Range(0, plan.Products).Select(Products.Sku)], cancellationToken);
        }

        var callers = Enumerable.Range(0, plan.Sellers).Select(seller => Sell(shop, seller, ending.Token)).ToList();
        await Task.Delay(WarmUpSeconds * Second, clock, cancellationToken);
        var before = await RateOfSales(BeforeSeconds * Second, cancellationToken);
        callers.AddRange(Enumerable.Range(0, plan.Readers).Select(reader => Read(door, reader, ending.Token)));
        var (started, sold) = (clock.GetTimestamp(), Volatile.Read(ref _sales));
        while (clock.GetElapsedTime(started).TotalSeconds < plan.Seconds && !server.Exited.IsCompleted) await Watch(server, cancellationToken);
        var during = (Volatile.Read(ref _sales) - sold) / clock.GetElapsedTime(started).TotalSeconds;
        await ending.CancelAsync();
        await Task.WhenAll(callers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return (before, during);
    }

    private async Task Watch(HoldfastProcess server, CancellationToken cancellationToken)
    {
        var (reads, refused, failed) = (Volatile.Read(ref _reads), Volatile.Read(ref _refusedReads), Volatile.Read(ref _failedSales));
        var sales = await RateOfSales(Glance, cancellationToken);
        var seconds = Glance.TotalSeconds;
        _progress.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{(_reads - reads) / seconds,8:N0} reads/s {(_refusedReads - refused) / seconds,8:N0} refused/s {sales,6:N0} sales/s {_failedSales - failed,4} failed {Resident(server),6:N0} MB"));
    }

    private async Task<double> RateOfSales(TimeSpan time, CancellationToken cancellationToken)
    {
        var (started, before) = (clock.GetTimestamp(), Volatile.Read(ref _sales));
        await Task.Delay(time, clock, cancellationToken);
        return (Volatile.Read(ref _sales) - before) / clock.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Each seller has its share of the rate; one that is late is not the later for it the next time.</summary>
    private async Task Sell(HttpShop shop, int seller, CancellationToken cancellationToken)
    {
        var every = plan.Sellers * Second / plan.Sales;
        var started = clock.GetTimestamp();
        for (var due = every * seller / plan.Sellers; !cancellationToken.IsCancellationRequested;)
        {
            var now = clock.GetElapsedTime(started);
            if (due > now) await Task.Delay(due - now, clock, cancellationToken);
            else due = now;
            due += every;
            if (await shop.Order(seller, Sold(seller % SoldProducts)) is >= 200 and < 300) Interlocked.Increment(ref _sales);
            else await Fail(cancellationToken);
        }
    }

    private async Task Fail(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _failedSales);
        await Task.Delay(Pause, clock, cancellationToken);
    }

    private async Task Read(HttpShop door, int reader, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (await door.Get(reader, Next()) == Overloaded)
            {
                Interlocked.Increment(ref _refusedReads);
                await Task.Delay(Pause, clock, cancellationToken);
            }
            else
            {
                Interlocked.Increment(ref _reads);
            }
        }
    }

    private string Next()
    {
        var number = Interlocked.Increment(ref _name);
        return (plan.Kind == ReaderKind.Each ? (ReaderKind)(number % (int)ReaderKind.Each) : plan.Kind) switch
        {
            ReaderKind.Products => $"/v1/products/ghost-{number}/stock",
            ReaderKind.Orders => $"/v1/orders/ord_{number:x32}",
            ReaderKind.Profiles => $"/v1/customers/ghost-{number}/profile",
            ReaderKind.Counters => $"/v1/counters/ghost-{number}",
            ReaderKind.Reservations => $"/v1/products/ghost-{number}/reservations/res_{number:x32}",
            _ => $"/v1/products/{Products.Sku((int)(number % plan.Products))}/stock",
        };
    }

    private static string Sold(int number) => $"sold-{number}";

    private static double Resident(HoldfastProcess server)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(server.Id);
            return process.WorkingSet64 / (double)Megabyte;
        }
        catch (ArgumentException)
        {
            return 0;
        }
    }

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
