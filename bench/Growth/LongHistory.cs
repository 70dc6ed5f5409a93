using System.Globalization;
using Holdfast.Bench.Measuring;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Grains.Inventory;
using Holdfast.Journal;
using Holdfast.Journal.Writing;
using Microsoft.Extensions.Options;
using Orleans.Core.Internal;

namespace Holdfast.Bench.Growth;

/// <summary>
/// Does a product with a long history take longer to change, and to load? Its movements are written as the product itself would have
/// written them days ago; its snapshot is one that it takes itself.
/// </summary>
internal static class LongHistory
{
    public const string ChangeTitle = "An adjustment of a product with a history";
    public const string LoadTitle = "Loading a product with a history";

    /// <summary>As many as a busy product stores together.</summary>
    private const int EventsPerAppend = 200;

    /// <summary>Few enough for the receipts that a product keeps in memory, with those of the rounds before.</summary>
    private const int ChangesPerRound = 10_000;

    /// <summary>A load is a single one: the rounds are many instead of long.</summary>
    private const int LoadsPerRound = 5;

    /// <summary>More than an activation takes to end that has nothing to do; what it would take longer would be measured with the load.</summary>
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan SnapshotPatience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SnapshotPoll = TimeSpan.FromMilliseconds(50);

    public static async Task<IReadOnlyList<Comparison>> Compare(
        BenchSilo silo, Plan plan, IReadOnlyList<int> sizes, MeasuringRun run, CancellationToken cancellationToken)
    {
        var tail = silo.Service<IOptions<JournalOptions>>().Value.MinSnapshotTail;
        foreach (var movements in sizes) await Make(silo, movements, tail, run, cancellationToken);
        var loading = plan with { Clients = 1, Rounds = plan.Rounds * LoadsPerRound, WarmUp = Effort.Of(1), WarmUps = LoadsPerRound, Round = Effort.Of(1) };
        var loads = await new Contest(loading, run.Progress, cancellationToken).Run(
            LoadTitle, [.. sizes.Select(movements => Loading(NameOf(movements), Product(silo, movements), run.Clock))]);
        var loaded = await Describe(silo, sizes[^1]);
        var changing = plan with { WarmUp = Effort.Of(ChangesPerRound), WarmUps = 1, Round = Effort.Of(ChangesPerRound) };
        var changes = await new Contest(changing, run.Progress, cancellationToken).Run(
            ChangeTitle, [.. sizes.Select(movements => Changing(NameOf(movements), Product(silo, movements)))]);
        var bound = Text($"A load reads the newest snapshot and replays what came after it: {tail:N0} events, or half as many as the state has entries.");
        return [changes, loads with { Notes = [loaded, bound] }];
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

        await Adjust(Product(silo, movements), Guid.NewGuid());
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

    private static Way Changing(string name, IProductInventory product) => new(name, async client => await Adjust(product, client.NextId()));

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

    private static async Task Adjust(IProductInventory product, Guid id)
    {
        var adjusted = await product.Adjust(new(new(id, 1), 1, "received", null));
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
