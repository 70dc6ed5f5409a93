using System.Collections.Concurrent;
using System.Text;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Domain.Orders.Payments;
using Holdfast.Journal;
using Holdfast.Outbox.Delivery;
using Holdfast.Outbox.Lanes;
using Holdfast.Outside.Sandbox;
using Holdfast.Rings.Cluster;
using Holdfast.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Rings.Delivery;

/// <param name="Runs">Orders.</param>
/// <param name="UnderWay">Orders under way at a time.</param>
/// <param name="Hold">How long lines are held.</param>
internal sealed record RingSettings(
    int Runs, int UnderWay, TimeSpan ReserveDeadline, TimeSpan Hold, TimeSpan HoldMargin, TimeSpan ChargeGiveUpAfter);

/// <summary>
/// Drives seeded orders through one silo on the real store while deliveries, payments, customers, operators, the store and the
/// clock do what each order's plan and the ring's seed say.
/// </summary>
internal sealed class DeliveryRing : IAsyncDisposable
{
    public const int MaxAttempts = 4;

    /// <summary>Orders that end between two moves of the clock, and between two deliveries of stock.</summary>
    private const int ClockEvery = 240;
    private const int RestockEvery = 60;

    /// <summary>How long nothing may happen before the clock is put forward, so that waits of the product cost no time.</summary>
    private static readonly TimeSpan Lull = TimeSpan.FromMilliseconds(150);

    /// <summary>How long a call is repeated. After a jump of the clock the oldest message is so old that no order is taken until it has run.</summary>
    private static readonly TimeSpan RetryFor = TimeSpan.FromSeconds(60);

    /// <summary>Lulls in a row after which whatever has not ended never will.</summary>
    private const int MaxLulls = 150;

    private readonly JumpingClock _clock = new();
    private readonly Deliveries _deliveries = new();
    private readonly LateCharges _late = new();
    private readonly SemaphoreSlim _slots;
    private readonly SemaphoreSlim _progress = new(0);
    private readonly ConcurrentQueue<OrderRun> _last = [];
    private readonly ConcurrentQueue<(string Sku, Guid Operation, AdjustOutcome Outcome)> _adjusted = [];
    private readonly ConcurrentQueue<Task> _operators = [];
    private readonly ulong _seed;
    private readonly Random _random;
    private readonly RingSettings _settings;
    private HoldfastCluster _cluster = null!;
    private Weather _weather = null!;
    private int _ended;
    private int _parked;
    private int _jumps;
    private int _clockMoved;
    private int _restocked;
    private int _found;
    private int _overtaken;

    private DeliveryRing(ulong seed, RingSettings settings)
    {
        _seed = seed;
        _settings = settings;
        _slots = new(settings.UnderWay);
        _random = Seeds.Random(Seeds.Of(seed, -2));
        _deliveries.Cancel = Cancel;
        _deliveries.Overtake = CancelElsewhere;
    }

    public IReadOnlyDictionary<FateKind, int> Fates => _deliveries.Met;

    public Weather Weather => _weather;

    public int Parked => _parked;

    public int Jumps => _jumps;

    public int LateCharges => _late.Count;

    /// <summary>Captures that were found when the order had been told that none was made.</summary>
    public int Found => _found;

    /// <summary>Orders that a second owner has cancelled while a step of the first one was under way.</summary>
    public int Overtaken => _overtaken;

    public static async Task<DeliveryRing> Start(string directory, ulong seed, RingSettings settings)
    {
        var ring = new DeliveryRing(seed, settings);
        ring._cluster = await HoldfastCluster.Start(directory, ring.Configure);
        for (var product = 0; product < DeliveryPlan.Products; product++)
        {
            await ring._cluster.CreateProduct($"p{product}", ring._random.Next(10, 200), OrderAudit.Price);
        }

        ring._weather = new(Seeds.Of(seed, -1), ring._cluster.Store, new(Fault: 0.03, Intrusion: 0.01));
        ring._cluster.Store.AfterCommit = ring.Watch;
        ring._weather.Start();
        return ring;
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    /// <summary>Plays the runs; returns when all have ended and nothing is under way any more.</summary>
    public async Task<IReadOnlyList<OrderRun>> Play(IEnumerable<int> numbers)
    {
        var runs = numbers.Select(Draw).ToArray();
        foreach (var run in runs) _deliveries.Add(run);
        var placing = PlaceAll(runs);
        await Keep(() => placing.IsCompleted && runs.All(run => run.Ended.IsCompleted || _last.Contains(run)), runs);
        await placing;

        // The operator comes to these when their receipts are long gone.
        _clock.Jump(TimeSpan.FromHours(30));
        while (_last.TryDequeue(out var run)) _operators.Enqueue(Resolve(run));
        await Keep(() => runs.All(run => run.Ended.IsCompleted), runs);
        await Keep(() => runs.All(run => run.Stragglers.All(straggler => straggler.IsCompleted)), runs);
        foreach (var run in runs) await Task.WhenAll(run.Stragglers.Select(straggler => straggler.ContinueWith(NoteFailure(run), TaskScheduler.Default)));
        await Task.WhenAll(_operators);
        await _weather.Clear();

        // Charges that may still show up are looked for until their keys are forgotten.
        _clock.Jump(TimeSpan.FromHours(30));
        await Keep(OutboxIsEmpty, runs);
        await _late.MakeAll(_cluster.Services.GetRequiredService<SandboxGateway>());
        return runs;
    }

    /// <summary>Holds everything that is stored against everything that was promised.</summary>
    public async Task<RingReport> Audit(IReadOnlyList<OrderRun> runs)
    {
        var report = new RingReport(_seed);
        var products = new List<StockAudit>();
        for (var product = 0; product < DeliveryPlan.Products; product++) products.Add(await AuditProduct($"p{product}", report));
        var charges = await ReadCharges();
        var sold = 0L;
        foreach (var run in runs)
        {
            var wrong = new List<string>(run.Wrong);
            var events = await StoredStream.Read(_cluster.Store, run.Stream, wrong.Add);
            var audit = new OrderAudit(run, events, wrong.Add);
            charges.TryGetValue(run.Id, out var charge);
            var captured = charge is { Status: "captured" };
            audit.CheckEvents();
            if (events.Any(stored => stored.Type == "order.resumed")) wrong.Add("stood still until the sweep found it");
            audit.CheckMoney(captured ? 1 : 0, captured ? charge!.Amount.Amount - charge.Refunded : 0);
            audit.CheckLines(products);
            audit.CheckTold();
            if (captured && events.Any(static stored => stored.Type == "payment.never_made")) _found++;
            await CheckLastAnswer(run, audit, wrong);
            if (audit.IsCompleted) sold += run.Plan.Lines.Sum(line => line.Quantity);
            report.Add(run, events, audit.IsCompleted ? "completed" : audit.CancelReason ?? "none", wrong);
        }

        if (products.Sum(product => product.Sold) != sold) report.Wrong($"{products.Sum(product => product.Sold)} units sold, {sold} by completed orders");
        var strangers = charges.Keys.Except(runs.Select(run => run.Id)).ToArray();
        if (strangers.Length > 0) report.Wrong($"charges for unknown orders: {string.Join(", ", strangers)}");
        return report;
    }

    private void Configure(ISiloBuilder silo)
    {
        _clock.Install(silo);
        silo.Services.Decorate<IMessageHandler>(inner => new PlannedHandler(inner, _deliveries));
        silo.Services.Decorate<IPaymentGateway>(inner => new LateGateway(inner, _deliveries, _clock, _late));
        silo.Services.Configure<SandboxGatewayOptions>(gateway => gateway.TimeoutAnswer = TimeSpan.FromMilliseconds(30));
        silo.Services.Configure<OutboxOptions>(outbox =>
        {
            outbox.MaxAttempts = MaxAttempts;
            outbox.FirstBackoff = TimeSpan.FromMilliseconds(20);
            outbox.MaxBackoff = outbox.MaxPutBack = outbox.SweepPeriod = TimeSpan.FromMilliseconds(200);
        });
        silo.Services.Configure<OrderOptions>(order =>
        {
            order.ReserveDeadline = _settings.ReserveDeadline;
            order.HoldTtl = _settings.Hold;
            order.HoldMargin = _settings.HoldMargin;
            order.ChargeGiveUpAfter = _settings.ChargeGiveUpAfter;
        });
    }

    private OrderRun Draw(int number)
    {
        var seed = Seeds.Of(_seed, number);
        return new(number, seed, DeliveryPlan.Draw(seed, MaxAttempts, _settings.ReserveDeadline));
    }

    private async Task PlaceAll(IEnumerable<OrderRun> runs)
    {
        foreach (var run in runs)
        {
            await _slots.WaitAsync();
            run.Stragglers.Enqueue(Place(run));
        }
    }

    private async Task Place(OrderRun run)
    {
        Assert.True(PublicId.TryParse(PublicId.Order, run.Id, out var operation));
        var lines = run.Plan.Lines.Select(line => new OrderLine($"p{line.Product}", line.Quantity)).ToArray();
        var command = new PlaceOrder(new(operation, 1), "customer", lines, run.Plan.Token);
        var outcome = await Retry(() => _cluster.Order(run.Id).Place(command).AsTask());
        run.Hear("place", outcome.Order);
        if (outcome.Status != PlaceOrderStatus.Placed) run.Wrong.Enqueue($"was answered {outcome.Status} when it was placed");
        if (run.Plan.Cancel == CancelMoment.WhenPlaced) await Cancel(run);
        await run.Ended;
        run.Hear("read", await Retry(() => _cluster.Order(run.Id).Read().AsTask()));
    }

    private async Task Cancel(OrderRun run)
    {
        var outcome = await Retry(() => _cluster.Order(run.Id).Cancel().AsTask());
        run.Hear("cancel", outcome.Order);
        if (outcome.Status == OrderVerbStatus.Accepted) run.CancelAccepted = true;
    }

    /// <summary>As a second owner of the order would, which knows all that is stored, and of which the first one hears nothing.</summary>
    private async Task CancelElsewhere(OrderRun run)
    {
        var events = await StoredStream.Read(_cluster.Store, run.Stream, run.Wrong.Enqueue);
        if (events.FindLast(stored => stored.Type.StartsWith("order.", StringComparison.Ordinal)).Type is not ("order.reserving" or "order.charging")) return;
        var attempt = events.FindLast(stored => stored.Body.TryGetProperty("attempt", out _)).Body.GetProperty("attempt").GetInt32();
        var at = DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(_clock.GetUtcNow().ToUnixTimeMilliseconds(), events[^1].At.ToUnixTimeMilliseconds()));
        var cancelling = $$"""[{"type":"order.cancelling","attempt":{{attempt}},"reason":"cancelled_by_customer","chargeMayBeOut":true}]""";
        var undo = new OutboxMessage(
            RowId.New(at), run.Number % 8, at, 0, run.Stream, "order.undo", Encoding.UTF8.GetBytes($$"""{"order":"{{run.Id}}","attempt":{{attempt}}}"""));
        var result = await _cluster.Store.Commit(
            [new(run.Stream, events.Count, Guid.NewGuid(), at, 1, Encoding.UTF8.GetBytes(cancelling), [undo], [])], []);
        if (result.Appends[0] != AppendStatus.Committed) return;
        run.CancelAccepted = true;
        Interlocked.Increment(ref _overtaken);
    }

    private async Task Resolve(OrderRun run)
    {
        run.Mended = true;
        await Task.Delay(TimeSpan.FromMilliseconds(run.Plan.OperatorAfter), TimeProvider.System, CancellationToken.None);
        for (var time = 0; ; time++)
        {
            // An order whose verbs are all refused can always be compensated.
            var verb = time < run.Plan.Verbs.Length ? run.Plan.Verbs[time] : OperatorVerb.Compensate;
            var outcome = await Retry(() => _cluster.Order(run.Id).Resolve(verb).AsTask());
            run.Hear($"{verb}", outcome.Order);
            if (outcome.Status == OrderVerbStatus.Accepted && verb == OperatorVerb.Complete) run.CompletedByOperator = true;
            if (outcome.Status is OrderVerbStatus.Accepted or OrderVerbStatus.NotParked) return;
        }
    }

    /// <summary>Sees every append that is stored, at the moment it is.</summary>
    private void Watch(IReadOnlyList<Append> appends, CommitResult result)
    {
        for (var i = 0; i < appends.Count; i++)
        {
            if (result.Appends[i] != AppendStatus.Committed || _deliveries.Find(appends[i].Stream) is not { } run) continue;
            var events = Encoding.UTF8.GetString(appends[i].Events.Span);
            if (events.Contains("\"order.parked\"", StringComparison.Ordinal)) SetParked(run);
            if (!events.Contains("\"order.completed\"", StringComparison.Ordinal) && !events.Contains("\"order.cancelled\"", StringComparison.Ordinal)) continue;
            run.SetEnded();
            Interlocked.Increment(ref _ended);
            _slots.Release();
            _progress.Release();
        }
    }

    private void SetParked(OrderRun run)
    {
        Interlocked.Increment(ref _parked);
        if (run.CountParked() == 1 && run.Plan.OperatorComesLast)
        {
            _last.Enqueue(run);
            _progress.Release();
        }
        else
        {
            _operators.Enqueue(Task.Run(() => Resolve(run)));
        }
    }

    /// <summary>Keeps time, stock and weather going until it is done.</summary>
    private Task Keep(Func<bool> done, OrderRun[] runs) => Keep(() => Task.FromResult(done()), runs);

    private async Task Keep(Func<Task<bool>> done, OrderRun[] runs)
    {
        var lulls = 0;
        while (!await done())
        {
            if (await _progress.WaitAsync(Lull))
            {
                lulls = 0;
                while (_progress.CurrentCount > 0) await _progress.WaitAsync();
                Restock();
                MoveClock();
                continue;
            }

            Assert.True(++lulls < MaxLulls, Stuck(runs));
            _clock.Jump(TimeSpan.FromSeconds(_random.Next(5, 60)));
        }
    }

    private void Restock()
    {
        for (; _restocked < Volatile.Read(ref _ended) / RestockEvery; _restocked++)
        {
            for (var i = 0; i < 6; i++) _operators.Enqueue(Restock($"p{_random.Next(DeliveryPlan.Products)}", _random.Next(1, 60)));
            _operators.Enqueue(Reprice($"p{_random.Next(DeliveryPlan.Products)}", _random.Next(200, 300)));
        }
    }

    /// <summary>By turns forward by seconds, minutes or hours; back by minutes; and two times not at all.</summary>
    private void MoveClock()
    {
        for (; _clockMoved < Volatile.Read(ref _ended) / ClockEvery; _clockMoved++)
        {
            if (_clockMoved % 4 == 0) Jump(ForwardBy());
            if (_clockMoved % 4 == 1) _operators.Enqueue(GoBack(TimeSpan.FromSeconds(_random.Next(60, 600)), _random.Next(50, 300)));
        }
    }

    private TimeSpan ForwardBy() => TimeSpan.FromSeconds(_random.Next(3) switch
    {
        0 => _random.Next(1, 60),
        1 => _random.Next(60, 3_600),
        _ => _random.Next(3_600, 5 * 3_600),
    });

    /// <summary>Not for long: until a product's own time is reached again, every new order finds its deadline passed there.</summary>
    private async Task GoBack(TimeSpan by, int milliseconds)
    {
        Jump(-by);
        await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System, CancellationToken.None);
        Jump(by);
    }

    private void Jump(TimeSpan by)
    {
        _jumps++;
        _clock.Jump(by);
    }

    private async Task Restock(string sku, long delta)
    {
        var operation = new Operation(Guid.NewGuid(), 1);
        _adjusted.Enqueue((sku, operation.Id, await Retry(() => _cluster.Product(sku).Adjust(new(operation, delta, "received", null)).AsTask())));
    }

    private async Task Reprice(string sku, long price)
    {
        var command = new PutProduct(new Operation(Guid.NewGuid(), 1), $"Product {sku}", new(price, "GBP"), null, false);
        await Retry(() => _cluster.Product(sku).PutDetails(command).AsTask());
    }

    private async Task<bool> OutboxIsEmpty()
    {
        for (var lane = 0; lane < LaneNumbers.Count; lane++)
        {
            var rows = await _cluster.Store.ReadDue(lane, DateTimeOffset.MaxValue, default, 1, CancellationToken.None);
            if (rows.Count > 0) return false;
        }

        return true;
    }

    private async Task<StockAudit> AuditProduct(string sku, RingReport report)
    {
        var audit = new StockAudit(sku, report.Wrong);
        foreach (var stored in await StoredStream.Read(_cluster.Store, $"product/{sku}", report.Wrong)) audit.Add(stored);
        if (audit.OpenHolds > 0 || audit.Reserved != 0) report.Wrong($"{sku} still holds {audit.Reserved} units in {audit.OpenHolds} holds");
        if (audit.OnHand != audit.Received - audit.Sold) report.Wrong($"{sku} has {audit.OnHand} on hand of {audit.Received} received and {audit.Sold} sold");
        var stock = await Retry(() => _cluster.Product(sku).ReadStock().AsTask());
        if (stock is null || (stock.OnHand, stock.Reserved) != (audit.OnHand, audit.Reserved)) report.Wrong($"{sku} says {stock}, its rows say {audit.OnHand} on hand");
        foreach (var (_, operation, outcome) in _adjusted.Where(adjusted => adjusted.Sku == sku))
        {
            var stored = audit.Adjustments.GetValueOrDefault(operation);
            if (outcome.Status != AdjustStatus.Adjusted || (outcome.Version, outcome.OnHand) != stored) report.Wrong($"{sku} answered {outcome}, stored is {stored}");
        }

        if (audit.Adjustments.Count != 1 + _adjusted.Count(adjusted => adjusted.Sku == sku)) report.Wrong($"{sku} has {audit.Adjustments.Count} adjustments");
        return audit;
    }

    private async Task CheckLastAnswer(OrderRun run, OrderAudit audit, List<string> wrong)
    {
        var order = await Retry(() => _cluster.Order(run.Id).Read().AsTask());
        var expected = audit.IsCompleted ? OrderStatus.Completed : OrderStatus.Cancelled;
        if (order?.Status != expected) wrong.Add($"says {order?.Status} and is {expected}");
    }

    private async Task<Dictionary<string, SandboxCharge>> ReadCharges()
    {
        var byOrder = new Dictionary<string, SandboxCharge>();
        for (var after = 0L; ;)
        {
            var page = await _cluster.Grains.GetGrain<ISandboxGateway>(0).ReadCharges(null, after, SandboxGateway.PageSize);
            foreach (var charge in page) byOrder.Add(charge.OrderId, charge);
            if (page.Length == 0) return byOrder;
            after = page[^1].Number;
        }
    }

    private string Stuck(OrderRun[] runs)
    {
        var stuck = runs.Where(run => !run.Ended.IsCompleted || run.Stragglers.Any(straggler => !straggler.IsCompleted)).ToArray();
        return $"seed {_seed}: nothing happens any more, and {stuck.Length} runs are not over, {_last.Count} of them parked until the end, the others\n"
            + string.Join("\n", stuck.Except(_last).Take(5).Select(run =>
                $"run {run.Number}, {run.Id}: {run.Plan}\n  told: {string.Join(", ", run.Told)}\n  "
                + string.Join("\n  ", run.Stragglers.Where(straggler => straggler.IsFaulted).Select(straggler => straggler.Exception!.Message))));
    }

    private static Action<Task> NoteFailure(OrderRun run) => straggler =>
    {
        if (straggler.Exception is { } failure) run.Wrong.Enqueue($"a call or a late delivery failed: {failure.InnerException}");
    };

    private static async Task<T> Retry<T>(Func<Task<T>> call)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception exception) when (TimeProvider.System.GetElapsedTime(started) < RetryFor && exception is RetryableException or OrleansException or TimeoutException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, CancellationToken.None);
            }
        }
    }
}
