using System.Collections.Concurrent;
using System.Globalization;

namespace Holdfast.Bench.Replay;

/// <summary>
/// One replay: stocks the shop, places every invoice, waits for every order's end, reads everything back. Every change goes out
/// under a key made from the run's name, so running it again after a crash, of either side, continues it.
/// </summary>
public sealed class ReplayRun(
    HoldfastClient client, ReplaySettings settings, IReadOnlyList<Invoice> invoices, TimeProvider time, ReplayProgress progress)
{
    private const string Currency = "GBP";
    private const string PaymentToken = "tok_ok";

    /// <summary>Products whose ledger is read when not all are.</summary>
    private const int LedgerSample = 100;

    /// <summary>Products that are stocked by one request; an empty one takes two of the 1,000 items that one may have.</summary>
    private const int ShelvesAtOnce = 500;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    private readonly OrderFacts?[] _orders = new OrderFacts?[invoices.Count];
    private readonly ReturnFacts?[] _returns = new ReturnFacts?[invoices.Count];
    private IReadOnlyList<Shelf> _shelves = [];

    /// <summary>From the first invoice sent to the last order's end.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <exception cref="BenchException">The server cannot be reached, or the run's name was used for something else.</exception>
    public async Task<ReplayFacts> Execute(CancellationToken cancellationToken)
    {
        await Stock(cancellationToken);
        await Sell(cancellationToken);
        return await ReadBack(cancellationToken);
    }

    /// <summary>The first third of <see cref="Execute"/>.</summary>
    public async Task Stock(CancellationToken cancellationToken) => _shelves = await StockShop(cancellationToken);

    /// <summary>The second: places every invoice and waits for every order's end.</summary>
    public async Task Sell(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        await PlaceInvoices(cancellationToken);
        await AwaitEnds(cancellationToken);
        Elapsed = time.GetElapsedTime(began);
    }

    /// <summary>The last.</summary>
    public async Task<ReplayFacts> ReadBack(CancellationToken cancellationToken)
    {
        try
        {
            var orders = await ReadOrders(cancellationToken);
            var skus = await ReadShelves(_shelves, cancellationToken);
            progress.Begin("charges", 0);
            var charges = await client.ReadCharges(cancellationToken);
            var others = await ReadOtherOrders(charges, orders, cancellationToken);
            progress.Begin("lists", 0);
            return new ReplayFacts(settings.Stock.CoversAll, orders, [.. _returns.OfType<ReturnFacts>()], skus, charges, others)
            {
                LateIsFine = settings.LateIsFine,
                Listed = await client.ReadOrderList(cancellationToken),
                Moved = await client.ReadMovementList(cancellationToken),
            };
        }
        catch (RefusedException e)
        {
            throw new BenchException($"The replay is done, but the server refuses to be read back: {e.Message}", e);
        }
    }

    private async Task<IReadOnlyList<Shelf>> StockShop(CancellationToken cancellationToken)
    {
        var demand = Invoices.Demand(invoices).OrderByDescending(d => d.Value).ThenBy(d => d.Key, StringComparer.Ordinal).ToArray();
        await BindRun(demand, cancellationToken);
        progress.Begin("products", demand.Length);
        await ForEach(demand.Length, (i, stop) => PutProduct(demand[i].Key, stop), cancellationToken);

        var parts = demand.Chunk(ShelvesAtOnce).ToArray();
        var shelves = new Shelf[parts.Length][];
        progress.Begin("stock", parts.Length);
        await ForEach(parts.Length, async (i, stop) => shelves[i] = await Receive(i, parts[i], stop), cancellationToken);
        return [.. shelves.SelectMany(static part => part)];
    }

    /// <summary>
    /// The name of a run stands for what it does: the keys of its parts only tell their places. A counter that is incremented under one
    /// key by a number made from the whole plan says whether there was another plan of that name.
    /// </summary>
    private async Task BindRun(KeyValuePair<string, long>[] demand, CancellationToken cancellationToken)
    {
        try
        {
            var plan = demand.Select(d => string.Create(CultureInfo.InvariantCulture, $"{settings.Stock.Of(d.Value)} {d.Key}"));
            await client.Increment("bench-replay-plans", Key("plan"), 1 + (long)Hash(string.Join('\n', plan)), cancellationToken);
        }
        catch (RefusedException e) when (e.Code == "idempotency_key_reused")
        {
            throw new BenchException(
                $"The run '{settings.Run}' has stocked this server before, with other numbers: "
                + $"give this one its own name with --run. ({e.Message})",
                e);
        }
        catch (RefusedException e)
        {
            throw new BenchException($"The server does not take the run '{settings.Run}': {e.Message}", e);
        }
    }

    private async Task PutProduct(string sku, CancellationToken cancellationToken)
    {
        try
        {
            await client.PutProduct(sku, new ProductBody("Item " + sku, new Money(Price(sku), Currency)), cancellationToken);
        }
        catch (RefusedException e)
        {
            throw new BenchException($"The server does not take the product '{sku}': {e.Message}", e);
        }
    }

    private async Task<Shelf[]> Receive(int part, KeyValuePair<string, long>[] demand, CancellationToken cancellationToken)
    {
        // A product that starts empty gets a unit and loses it again: only the answer, which is kept, tells what was there before.
        var (items, firsts) = (new List<BulkItem>(), new List<(int Place, long Initial)>());
        foreach (var (sku, units) in demand)
        {
            var initial = settings.Stock.Of(units);
            firsts.Add((items.Count, initial));
            items.Add(new(sku, Math.Max(initial, 1), "received", settings.Run));
            if (initial == 0) items.Add(new(sku, -1, "received", settings.Run));
        }

        var made = await client.AdjustMany(Key("stock", part.ToString(CultureInfo.InvariantCulture)), items, cancellationToken);
        if (made.FirstOrDefault(static result => result.Adjustment is null) is { } refused)
            throw new BenchException($"The server does not take the stock of '{refused.Sku}': {refused.Problem?.Detail}");
        return [.. firsts.Select(first => new Shelf(items[first.Place].Sku, Before(first.Place), first.Initial))];

        long Before(int place) => made[place].Adjustment!.OnHand - items[place].Delta;
    }

    private Task PlaceInvoices(CancellationToken cancellationToken)
    {
        progress.Begin("invoices", invoices.Count);
        return ForEach(
            invoices.Count,
            async (i, stop) =>
            {
                if (invoices[i].IsReturn)
                    _returns[i] = await Return(invoices[i], stop);
                else
                    _orders[i] = await Place(invoices[i], stop);
            },
            cancellationToken);
    }

    private async Task<OrderFacts> Place(Invoice invoice, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var order = new OrderBody(invoice.Customer, [.. invoice.Lines.Select(line => new OrderBodyLine(line.Sku, line.Units))], PaymentToken);
        try
        {
            var answer = await client.PlaceOrder(Key("order", invoice.Number), order, settings.Wait, cancellationToken);
            return new OrderFacts(invoice, answer, null, null, answer.Ended ? time.GetElapsedTime(began) : null);
        }
        catch (RefusedException e)
        {
            return new OrderFacts(invoice, null, null, e.Message, null);
        }
    }

    private async Task<ReturnFacts> Return(Invoice invoice, CancellationToken cancellationToken)
    {
        var accepted = new List<InvoiceLine>(invoice.Lines.Count);
        try
        {
            foreach (var line in invoice.Lines)
            {
                var key = Key("return", invoice.Number, Uri.EscapeDataString(line.Sku));
                await client.Adjust(line.Sku, key, new AdjustmentBody(line.Units, "returned", invoice.Number), cancellationToken);
                accepted.Add(line);
            }

            return new ReturnFacts(invoice, accepted, null);
        }
        catch (RefusedException e)
        {
            return new ReturnFacts(invoice, accepted, e.Message);
        }
    }

    /// <summary>Polls the orders that had not ended when they were answered, until none of them has moved for the whole patience.</summary>
    private async Task AwaitEnds(CancellationToken cancellationToken)
    {
        var open = Enumerable.Range(0, invoices.Count).Where(i => _orders[i] is { Answer: not null and not { Ended: true } }).ToHashSet();
        progress.Begin("orders still running", open.Count);
        var moved = time.GetTimestamp();
        while (open.Count > 0 && time.GetElapsedTime(moved) < settings.Patience)
        {
            var settled = new ConcurrentBag<int>();
            await Parallel.ForEachAsync(open, Bounded(cancellationToken), async (i, stop) =>
            {
                if (await Settle(i, stop))
                    settled.Add(i);
            });
            if (settled.IsEmpty)
                await Task.Delay(PollInterval, time, cancellationToken);
            else
                moved = time.GetTimestamp();
            open.ExceptWith(settled);
        }
    }

    private async Task<bool> Settle(int i, CancellationToken cancellationToken)
    {
        var order = _orders[i]!;
        var now = await client.FindOrder(order.Answer!.Id, cancellationToken);
        if (now is not ({ Ended: true } or { NeedsAttention: true }))
            return false;

        // It ended between two polls: the server's own times say when, a poll's time would only say how late we looked.
        _orders[i] = order with { Answer = now, Latency = now.Ended ? now.UpdatedAt - now.PlacedAt : null };
        progress.Advance();
        return true;
    }

    private async Task<IReadOnlyList<OrderFacts>> ReadOrders(CancellationToken cancellationToken)
    {
        var orders = _orders.OfType<OrderFacts>().ToArray();
        progress.Begin("reading orders back", orders.Length);
        await ForEach(
            orders.Length,
            async (i, stop) =>
            {
                if (orders[i].Answer is { } answer)
                    orders[i] = orders[i] with { Final = await client.FindOrder(answer.Id, stop) };
            },
            cancellationToken);
        return orders;
    }

    private async Task<IReadOnlyList<SkuFacts>> ReadShelves(IReadOnlyList<Shelf> shelves, CancellationToken cancellationToken)
    {
        progress.Begin("reading stock back", shelves.Count);
        var skus = new SkuFacts[shelves.Count];
        // Shelves come by falling demand: the sample is spread evenly from the busiest product to the idlest.
        var every = settings.AllMovements ? 1 : Math.Max(1, shelves.Count / LedgerSample);
        await ForEach(
            shelves.Count,
            async (i, stop) =>
            {
                var (sku, before, initial) = shelves[i];
                var movements = i % every == 0 ? await client.ReadMovements(sku, stop) : null;
                skus[i] = new SkuFacts(sku, before, initial, await client.ReadStock(sku, stop), movements);
            },
            cancellationToken);
        return skus;
    }

    /// <summary>Which charges of strangers belong to orders that the server does know: other runs may have used it.</summary>
    private async Task<IReadOnlySet<string>> ReadOtherOrders(
        IReadOnlyList<ChargeAnswer> charges, IReadOnlyList<OrderFacts> orders, CancellationToken cancellationToken)
    {
        var ours = orders.Select(order => order.Answer?.Id).ToHashSet();
        var strangers = charges.Select(charge => charge.OrderId).Where(id => !ours.Contains(id)).Distinct().ToArray();
        progress.Begin("reading other runs' orders", strangers.Length);
        var known = new ConcurrentDictionary<string, bool>();
        await ForEach(
            strangers.Length,
            async (i, stop) =>
            {
                if (await client.FindOrder(strangers[i], stop) is not null)
                    known[strangers[i]] = true;
            },
            cancellationToken);
        return known.Keys.ToHashSet();
    }

    private Task ForEach(int count, Func<int, CancellationToken, Task> step, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(Enumerable.Range(0, count), Bounded(cancellationToken), async (i, stop) =>
        {
            await step(i, stop);
            progress.Advance();
        });

    private ParallelOptions Bounded(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = settings.Concurrency, CancellationToken = cancellationToken };

    private string Key(params ReadOnlySpan<string> parts) => settings.Run + "/" + string.Join('/', parts);

    /// <summary>0.50 to 20.49 pounds; the same SKU always costs the same (FNV-1a of its characters).</summary>
    private static long Price(string sku) => 50 + (Hash(sku) % 2000);

    private static uint Hash(string text) => text.Aggregate(2166136261u, (hash, c) => unchecked((hash ^ c) * 16777619u));

    private sealed record Shelf(string Sku, long Before, long Initial);
}
