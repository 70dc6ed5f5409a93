using System.Globalization;
using Holdfast.Bench.Measuring;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Inventory;
using Holdfast.Journal;
using Holdfast.Journal.Writing;
using Microsoft.Extensions.Options;
using Orleans.Core.Internal;

namespace Holdfast.Bench.Growth;

/// <summary>
/// Does a product with a long history take longer to reserve, and to load? Its movements are written as the product itself would have
/// written them days ago; its snapshot is one that it takes itself.
/// </summary>
internal static class LongHistory
{
    public const string ReserveTitle = "A reservation of a product with a history";
    public const string LoadTitle = "Loading a product with a history";

    /// <summary>As many as a busy product stores together.</summary>
    private const int EventsPerAppend = 200;

    /// <summary>They stay open, and add up over the rounds: far from as many as a product may have.</summary>
    private const int ReservationsPerRound = 50_000;

    /// <summary>A load is a single one: the rounds are many instead of long.</summary>
    private const int LoadsPerRound = 5;

    /// <summary>For each warm-up of the plan: with a long one, so many that the runtime compiles a load's code once more before it is measured.</summary>
    private const int WarmUpLoads = 10;

    /// <summary>More than an activation takes to end that has nothing to do; what it would take longer would be measured with the load.</summary>
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan SnapshotPatience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SnapshotPoll = TimeSpan.FromMilliseconds(50);

    public static async Task<IReadOnlyList<Comparison>> Compare(
        BenchSilo silo, Plan plan, IReadOnlyList<int> sizes, MeasuringRun run, CancellationToken cancellationToken)
    {
        var tail = silo.Service<IOptions<JournalOptions>>().Value.MinSnapshotTail;
        foreach (var movements in sizes) await Make(silo, movements, tail, run, cancellationToken);
        var single = Effort.Of(1);
        var loading = plan with
        {
            Clients = 1,
            Rounds = plan.Rounds * LoadsPerRound,
            WarmUp = single,
            WarmUps = plan.WarmUps * WarmUpLoads,
            Round = single,
        };
        var loads = await new Contest(loading, run.Progress, cancellationToken).Run(
            LoadTitle, [.. sizes.Select(movements => Loading(NameOf(movements), Product(silo, movements), run.Clock))]);
        var loaded = await Describe(silo, sizes[^1]);
        var reserving = plan with { WarmUp = Effort.Of(ReservationsPerRound), Round = Effort.Of(ReservationsPerRound) };
        var deadline = run.Clock.GetUtcNow() + Limits.ReservationTtl;
        var contest = new Contest(reserving, run.Progress, cancellationToken);
        await contest.WarmUp(ReserveTitle, ReservingNewOnes(silo.Grains, deadline), plan.WarmUpTime);
        var reservations = await contest.Run(
            ReserveTitle, [.. sizes.Select(movements => Reserving(NameOf(movements), Product(silo, movements), deadline))]);
        var bound = Text(
            $"A load reads a few of the newest rows, the snapshot, and what came after it: {tail:N0} events at most, or half as many as the state has entries.");
        return [reservations, loads with { Notes = [loaded, bound] }];
    }

    public static string NameOf(int movements) => Text($"{movements:N0} movements");

    private static string SkuOf(int movements) => $"MOVED-{movements}";

    private static IProductInventory Product(BenchSilo silo, int movements) => silo.Grains.GetGrain<IProductInventory>(SkuOf(movements));

    private static async Task Make(BenchSilo silo, int movements, int snapshotTail, MeasuringRun run, CancellationToken cancellationToken)
    {
        run.Progress.Say(Text($"a product with {movements:N0} movements is made"));
        var (sku, store) = (SkuOf(movements), silo.Service<IJournalStore>());
        var at = run.Clock.GetUtcNow() - JournalFill.Age;
        var onHand = Limits.Quantity / 2;
        await JournalFill.Commit(store, [JournalFill.Of(sku, 0, at, [new StockEvent.DetailsPut(Guid.NewGuid(), 1, sku, 1_250, "EUR"), Moved(onHand, onHand)])]);
        const int Made = 2;
        for (var made = 0; made < movements; made += EventsPerAppend)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var events = Enumerable.Range(0, Math.Min(EventsPerAppend, movements - made)).Select(_ => Moved(1, ++onHand)).ToArray();
            await JournalFill.Commit(store, [JournalFill.Of(sku, Made + made, at, events)]);
        }

        await Adjust(Product(silo, movements));
        if (movements >= snapshotTail) await WaitForSnapshot(silo, sku, run.Clock, cancellationToken);
    }

    private static StockEvent.Adjusted Moved(long delta, long onHand) => new(Guid.NewGuid(), 1, delta, onHand, "received", null);

    private static async Task WaitForSnapshot(BenchSilo silo, string sku, TimeProvider clock, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (await silo.Service<ISnapshots>().Read($"product/{sku}") is null)
        {
            if (clock.GetElapsedTime(started) > SnapshotPatience) throw new BenchException($"{sku} took no snapshot.");
            await Task.Delay(SnapshotPoll, clock, cancellationToken);
        }
    }

    /// <summary>Of a new product in each round: one product cannot hold what a warm-up would reserve.</summary>
    private static Way ReservingNewOnes(IGrainFactory grains, DateTimeOffset deadline)
    {
        var (round, product) = (0, (IProductInventory?)null);
        return new("new products", client => Reserve(product!, client, deadline))
        {
            Prepare = async _ =>
            {
                var sku = $"NEW-{++round}";
                await Products.Create(grains, sku);
                product = grains.GetGrain<IProductInventory>(sku);
            },
        };
    }

    private static Way Reserving(string name, IProductInventory product, DateTimeOffset deadline) =>
        new(name, client => Reserve(product, client, deadline));

    private static async ValueTask Reserve(IProductInventory product, Client client, DateTimeOffset deadline)
    {
        var outcome = await product.Reserve(new(client.NextOperation(), 1, Limits.ReservationTtl, deadline));
        if (outcome is not { Status: ReserveStatus.Reserved, Replayed: false }) throw new BenchException($"A reservation was answered {outcome}.");
    }

    private static Way Loading(string name, IProductInventory product, TimeProvider clock) => new(
        name,
        async _ => await product.ReadStock())
    {
        Prepare = async cancellationToken =>
        {
            await product.AsReference<IGrainManagementExtension>().DeactivateOnIdle(cancellationToken);
            await Task.Delay(TimeToEnd, clock, cancellationToken);
        },
    };

    /// <summary>Its append is the occasion for the snapshot.</summary>
    private static async Task Adjust(IProductInventory product)
    {
        var adjusted = await product.Adjust(new(new(Guid.NewGuid(), 1), 1, "received", null));
        if (adjusted is not { Status: AdjustStatus.Adjusted, Replayed: false }) throw new BenchException($"An adjustment was answered {adjusted}.");
    }

    private static async Task<string> Describe(BenchSilo silo, int movements)
    {
        var stream = $"product/{SkuOf(movements)}";
        var newest = (await silo.Service<IJournalStore>().ReadBackward(stream, long.MaxValue, 1, CancellationToken.None))[0].LastVersion;
        var snapshot = await silo.Service<ISnapshots>().Read(stream);
        return snapshot is null
            ? Text($"{NameOf(movements)}: {newest:N0} events, no snapshot")
            : Text(
                $"{NameOf(movements)}: {newest:N0} events, a snapshot of {snapshot.State.Length / 1e6:F1} MB, {newest - snapshot.Version:N0} events after it");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
