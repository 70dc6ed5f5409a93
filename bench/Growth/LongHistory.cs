using System.Globalization;
using Holdfast.Bench.Measuring;
using Holdfast.Contracts.Inventory;
using Holdfast.Journal;
using Orleans.Core.Internal;

namespace Holdfast.Bench.Growth;

/// <summary>Does a product with a long history take longer to load? Its history is made by real calls, snapshots included.</summary>
internal static class LongHistory
{
    private const int ShortHistory = 100;

    /// <summary>More than an activation takes to end that has nothing to do; what it would take longer would be measured with the load.</summary>
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromMilliseconds(200);

    public static async Task<Comparison> Compare(BenchSilo silo, Plan plan, int movements, MeasuringRun run, CancellationToken cancellationToken)
    {
        var few = await Make(silo.Grains, "MOVED-FEW", ShortHistory, run, cancellationToken);
        var many = await Make(silo.Grains, "MOVED-MANY", movements, run, cancellationToken);
        var single = plan with { Clients = 1, WarmUp = Effort.Of(1), Round = Effort.Of(1) };
        var comparison = await new Contest(single, run.Progress, cancellationToken).Run(
            "Loading a product and reading it",
            Loading(Text($"{ShortHistory} movements"), few, run.Clock),
            Loading(Text($"{movements:N0} movements"), many, run.Clock));
        return comparison with { Notes = [await Describe(silo, "product/MOVED-MANY")] };
    }

    private static async Task<IProductInventory> Make(IGrainFactory grains, string sku, int movements, MeasuringRun run, CancellationToken cancellationToken)
    {
        run.Progress.Say(Text($"{sku}: {movements:N0} movements are made"));
        await Products.Create(grains, sku);
        var product = grains.GetGrain<IProductInventory>(sku);
        await product.SetOnHand(new(new(Guid.NewGuid(), 1), movements, null));
        await Products.ForEach(movements, Move, cancellationToken);
        return product;

        async ValueTask Move(int number)
        {
            var moved = await product.Adjust(new(new(Guid.NewGuid(), 1), number % 2 == 0 ? 1 : -1, "counted", null));
            if (moved.Status != AdjustStatus.Adjusted) throw new BenchException($"A movement was answered {moved}.");
        }
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

    private static async Task<string> Describe(BenchSilo silo, string stream)
    {
        var store = silo.Service<IJournalStore>();
        var newest = await store.ReadBackward(stream, long.MaxValue, 1, CancellationToken.None);
        var snapshot = await silo.Service<ISnapshots>().Read(stream);
        return snapshot is null
            ? Text($"{newest[0].LastVersion:N0} events, no snapshot")
            : Text($"{newest[0].LastVersion:N0} events, snapshot at {snapshot.Version:N0} of {snapshot.State.Length / 1e6:F1} MB: {newest[0].LastVersion - snapshot.Version:N0} events are replayed");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
