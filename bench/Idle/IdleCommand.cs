using System.CommandLine;
using System.Globalization;
using Holdfast.Bench.Measuring;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Bench.Idle;

/// <summary><c>bench idle</c>: what a product costs that nobody asks for, and what the first question costs after it has left memory.</summary>
internal static class IdleCommand
{
    /// <summary>Reads of one round where each needs an activation.</summary>
    private const int ColdReads = 20_000;

    private static readonly TimeSpan EndPatience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan EndPoll = TimeSpan.FromMilliseconds(200);

    private static readonly PlanOptions Plans = new(seconds: 5, maxSeconds: 60, rounds: 3);

    private static readonly Option<int> Count =
        WholeNumber.Option("--products", $"Products; a cold read is the only one of its product in a round, so at least {ColdReads:N0}.", 100_000, 1_000_000);

    public static Command Create(TimeProvider clock) => MeasuringCommand.Create(
        "idle",
        "Measures the memory of products that nobody asks for, and the cost of loading one again.",
        clock,
        Measure,
        [Count, .. Plans.All]);

    private static async Task<IReadOnlyList<Comparison>> Measure(MeasuringRun run, CancellationToken cancellationToken)
    {
        var count = run.Options.GetValue(Count);
        if (count < ColdReads) throw new BenchException($"--products {count} is less than the {ColdReads:N0} products that a round reads.");
        await using var silo = await BenchSilo.Start(run.Stores, "data", cancellationToken);
        var before = Heap();
        run.Progress.Say($"{count} products are made");
        await Products.Create(silo.Grains, count, cancellationToken);
        var active = Heap();
        await EndAll(silo, run, cancellationToken);
        var ended = Heap();

        var busy = Plans.Read(run.Options) with { Round = Effort.Of(ColdReads), WarmUp = Effort.Of(ColdReads) };
        var (many, one) = (await Compare(silo, busy, count, run, cancellationToken), await Compare(silo, busy with { Clients = 1, Round = Effort.Of(ColdReads / 10) }, count, run, cancellationToken));
        return [many with { Notes = [Memory(count, before, active, ended)] }, one];
    }

    private static Task<Comparison> Compare(BenchSilo silo, Plan plan, int count, MeasuringRun run, CancellationToken cancellationToken)
    {
        var next = 0;
        return new Contest(plan, run.Progress, cancellationToken).Run(
            "Reading a product's stock",
            new Way("in memory", client => Read(silo, client.Pick(ColdReads))) { Prepare = token => Products.ForEach(ColdReads, number => Read(silo, number), token) },
            new Way("loaded from the journal", _ => Read(silo, Interlocked.Increment(ref next) % count)) { Prepare = token => EndAll(silo, run, token) });
    }

    private static async ValueTask Read(BenchSilo silo, int number)
    {
        if (await silo.Grains.GetGrain<IProductInventory>(Products.Sku(number)).ReadStock() is null)
            throw new BenchException($"{Products.Sku(number)} is not there: the figures would mean nothing.");
    }

    /// <summary>Lets every activation end that nobody uses, as they would by themselves after a quarter of an hour.</summary>
    private static async Task EndAll(BenchSilo silo, MeasuringRun run, CancellationToken cancellationToken)
    {
        var management = silo.Grains.GetGrain<IManagementGrain>(0);
        var started = run.Clock.GetTimestamp();
        while (true)
        {
            await management.ForceActivationCollection(TimeSpan.Zero, cancellationToken);
            var statistics = await management.GetSimpleGrainStatistics(cancellationToken);
            if (!statistics.Any(static grain => grain.GrainType.Contains("ProductInventory", StringComparison.Ordinal) && grain.ActivationCount > 0)) return;
            if (run.Clock.GetElapsedTime(started) > EndPatience) throw new BenchException("The products do not leave memory.");
            await Task.Delay(EndPoll, run.Clock, cancellationToken);
        }
    }

    private static string Memory(int count, long before, long active, long ended) => string.Create(
        CultureInfo.InvariantCulture,
        $"an idle product in memory costs {(double)(active - before) / count:N0} bytes ({(active - before) / 1e6:N0} MB for {count:N0}), out of memory {(double)(ended - before) / count:N0}");

    /// <summary>Bytes that are still referred to.</summary>
    private static long Heap()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
