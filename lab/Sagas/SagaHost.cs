using System.Diagnostics;
using Holdfast.Bench;
using Holdfast.Bench.Measuring;
using Holdfast.Contracts;
using Holdfast.Outside.Sandbox;

namespace Holdfast.Lab.Sagas;

/// <summary>One system in this process: started, driven, read back.</summary>
internal sealed class SagaHost(SagaTask task, TimeProvider clock, Progress progress)
{
    /// <summary>Every so manieth order of a warm-up is declined, so that the audit sees compensation, too.</summary>
    private const int DeclinedOneIn = 10;

    /// <summary>A prime apart: no product comes twice in an order, unless there are as many products as the prime.</summary>
    private const int Stride = 7_919;

    /// <summary>Orders that fail before it is killed; with more, it is not worth being killed.</summary>
    private const int MaxFailed = 100;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    private readonly SagaKind _kind = SagaSystems.Find(task.System);

    /// <summary>Measures, stops the system, and audits what it left in the database.</summary>
    public async Task<SagaLoad> Load(CancellationToken cancellationToken)
    {
        var rounds = new List<SagaRound>();
        string? error = null;
        try
        {
            await using var system = await StartStocked(cancellationToken);
            await Measure(system, rounds, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            error = Describe(e);
        }

        await using var stopped = _kind.Create(task.Connection, clock);
        var audit = await SagaAudit.Of(stopped, task.Connection, task.Stocked, cancellationToken);
        return new(rounds, audit, error ?? audit.Wrong());
    }

    /// <summary>
    /// Keeps that many orders under way and tells of each end as soon as its caller hears of it. At the last of the ends that it is to
    /// tell of it dies, by its own hand: whoever else is to do it may be late, and would find nothing under way any more.
    /// </summary>
    public async Task Crash(Action<CrashNews> tell, CancellationToken cancellationToken)
    {
        await using var system = await StartStocked(cancellationToken);
        await WarmUp(system, cancellationToken);
        progress.Say($"{_kind.Name}: {task.Orders} orders under way, to be killed at {task.Ends} ends");
        var buyer = new Client(0, task.Seed);
        var (told, failed) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, task.Orders).Select(_ => Task.Run(PlaceOneAfterAnother, cancellationToken)));

        async Task PlaceOneAfterAnother()
        {
            while (Volatile.Read(ref failed) < MaxFailed)
            {
                SagaOrder order;
                lock (buyer) order = NewOrder(buyer, AnyLines(buyer), declined: false);
                try
                {
                    Tell(new(order.Id, await system.PlaceAndWait(order)));
                }
                catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
                {
                    // What has become of it is asked of the database afterwards.
                    Interlocked.Increment(ref failed);
                    progress.Say($"{_kind.Name}: {order.Id} failed: {Describe(e)}");
                }
            }
        }

        void Tell(CrashNews news)
        {
            lock (buyer)
            {
                tell(news);
                if (++told == task.Ends) SagaProcess.KillThis();
            }
        }
    }

    /// <summary>Starts, waits until no order is open, and audits.</summary>
    public async Task<SagaRecovery> Recover(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await using var system = _kind.Create(task.Connection, clock);
        await system.Start(cancellationToken);
        SagaFacts facts;
        while (true)
        {
            facts = await system.ReadFacts(cancellationToken);
            if (facts.Orders.All(static order => order.End != OrderEnd.Open) || Stopwatch.GetElapsedTime(started) > task.Patience) break;
            await Task.Delay(PollInterval, clock, cancellationToken);
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var audit = await SagaAudit.Of(system, task.Connection, task.Stocked, cancellationToken);
        return new(seconds, audit, facts.Orders.Where(static order => order.End != OrderEnd.Open).ToDictionary(static order => order.Id, static order => order.End));
    }

    private async Task<ISagaSystem> StartStocked(CancellationToken cancellationToken)
    {
        progress.Say($"{_kind.Name}: start, {task.Products} products");
        var system = _kind.Create(task.Connection, clock);
        try
        {
            await system.Start(cancellationToken);
            await system.Stock(task.Products, SagaTask.OnHand, cancellationToken);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    private async Task Measure(ISagaSystem system, List<SagaRound> rounds, CancellationToken cancellationToken)
    {
        await WarmUp(system, cancellationToken);
        await SagaDatabase.Analyze(task.Connection, cancellationToken);
        foreach (var lines in task.Lines)
        {
            rounds.Add(await Round(system, lines, task.Clients, task.Busy, cancellationToken));
            if (task.Alone > TimeSpan.Zero && task.Clients > 1) rounds.Add(await Round(system, lines, 1, task.Alone, cancellationToken));
        }
    }

    private Task<SagaRound> WarmUp(ISagaSystem system, CancellationToken cancellationToken) => Run(
        "warm-up",
        0,
        task.Clients,
        task.WarmUp,
        client => Place(system, client, AnyLines(client), client.Pick(DeclinedOneIn) == 0),
        cancellationToken);

    private Task<SagaRound> Round(ISagaSystem system, int lines, int clients, TimeSpan time, CancellationToken cancellationToken) => Run(
        $"{lines} lines", lines, clients, time, client => Place(system, client, lines, declined: false), cancellationToken);

    private async Task<SagaRound> Run(
        string title, int lines, int clients, TimeSpan time, Func<Client, ValueTask> place, CancellationToken cancellationToken)
    {
        var plan = new Plan(clients, Rounds: 1, WarmUp: Effort.For(TimeSpan.Zero), Effort.For(time), task.Seed);
        var comparison = await new Contest(plan, progress, cancellationToken).Run(title, new Way(_kind.Name, place));
        return new(lines, clients, comparison.Standings[0].Rounds[0]);
    }

    private async ValueTask Place(ISagaSystem system, Client client, int lines, bool declined)
    {
        var order = NewOrder(client, lines, declined);
        var end = await system.PlaceAndWait(order);
        var expected = declined ? OrderEnd.Cancelled : OrderEnd.Completed;
        if (end != expected) throw new BenchException($"{order.Id} ended {end} instead of {expected}: the figures would mean nothing.");
    }

    private SagaOrder NewOrder(Client client, int lines, bool declined)
    {
        var first = client.Pick(task.Products);
        var skus = new string[Math.Min(lines, task.Products)];
        for (var i = 0; i < skus.Length; i++) skus[i] = SagaOrder.Sku((first + (i * Stride)) % task.Products);
        Array.Sort(skus, StringComparer.Ordinal);
        return new(PublicId.Format(PublicId.Order, client.NextId()), skus, declined ? SandboxTokens.Declined : SandboxTokens.Ok);
    }

    private int AnyLines(Client client) => task.Lines[client.Pick(task.Lines.Length)];

    private static string Describe(Exception error) => $"{error.GetType().Name}: {error.Message.Split('\n')[0]}";
}
