using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Inventory;
using Holdfast.Domain.Owner;
using Holdfast.Grains.Hosting;
using Orleans.Concurrency;

namespace Holdfast.Grains.Inventory;

/// <summary>Hosts <see cref="DetailsRules"/>, <see cref="PriceRules"/> and <see cref="StockRules"/> for one SKU.</summary>
[Reentrant]
internal sealed class ProductInventory(IGrainContext context, OwnerServices services)
    : OwnerGrain<StockState, StockEvent>(context, StockKind.Instance, services), IProductInventory
{
    /// <summary>Nobody who asks for goods waits longer.</summary>
    private static readonly TimeSpan LongestDeadline = TimeSpan.FromDays(1);

    /// <summary>Searches of the history that are under way; whoever asks again meanwhile waits for the same one.</summary>
    private readonly Dictionary<Guid, Task<Receipt?>> _searches = [];

    public ValueTask<PutProductOutcome> PutDetails(PutProduct command) =>
        Host.Decide(command.Operation, command, DetailsRules.Put, DetailsRules.PutBefore);

    public ValueTask<PatchProductOutcome> PatchDetails(PatchProduct command) =>
        Host.Decide(command.Operation, command, DetailsRules.Patch, DetailsRules.PatchedBefore);

    public ValueTask<ProductDetails?> ReadDetails(ReadConsistency consistency) => Host.Read(DetailsRules.Read, consistency);

    public async ValueTask<PutPricesOutcome> PutPrices(PutPrices command)
    {
        var outcome = await Host.Decide(command.Operation, command, PriceRules.Put, PriceRules.PutBefore);
        return outcome is { Status: PutPricesStatus.Put, Replayed: true }
            ? outcome with { Prices = await ReadPrices(ReadConsistency.Default) }
            : outcome;
    }

    public ValueTask<ProductPrices?> ReadPrices(ReadConsistency consistency) => Host.Read(PriceRules.Read, consistency);

    public ValueTask<StockLevel?> ReadStock(ReadConsistency consistency) => Host.Read(StockRules.Level, consistency);

    public async ValueTask<long?> ReadOnHandAt(long mark, DateTimeOffset at)
    {
        var history = History;
        return await Task.Run(() => history.OnHandAt(mark, at));
    }

    public ValueTask<AdjustOutcome> Adjust(AdjustStock command) =>
        command.Number is null ? DecideAdjustment(command) : AdjustByNumber(command);

    public ValueTask<SetStockOutcome> SetOnHand(SetStock command) =>
        Host.Decide(command.Operation, command, StockRules.SetOnHand, StockRules.SetBefore);

    public ValueTask<ReserveOutcome> Reserve(ReserveStock command) =>
        Host.Decide(command.Operation, (command, InStreamTime(command)), StockRules.Reserve, StockRules.ReservedBefore);

    public async ValueTask<ReservationOutcome> Extend(ExtendReservation command)
    {
        await LookUpReservation(new(command.Id));
        return await Host.Decide(
            command.Operation,
            command,
            StockRules.Extend,
            static (state, command, first) => StockRules.AskedBefore(state, command.Id, first));
    }

    public ValueTask<ReservationOutcome> Commit(ReservationCommand command) => End(command, StockRules.Commit);

    public ValueTask<ReservationOutcome> Release(ReservationCommand command) => End(command, StockRules.Release);

    public async ValueTask<ReservationOutcome> Undo(ReservationCommand command)
    {
        await LookUpReservation(command);
        return await Host.Decide(command, StockRules.Undo);
    }

    public async ValueTask<Reservation?> ReadReservation(Guid id, ReadConsistency consistency)
    {
        await LookUpReservation(new(id));
        return await Host.Read(state => StockRules.Find(state, id), consistency);
    }

    public ValueTask<ReservationPage> ReadReservations(
        ReservationPlace? after, int limit, ReadConsistency consistency, bool newestFirst) =>
        Host.Read(state => OpenReservations.Page(state, after, limit, newestFirst), consistency);

    public async ValueTask<MovementPage> ReadMovements(
        long after, int limit, ReadConsistency consistency, bool newestFirst, MovementFilter? filter)
    {
        // Waits for what was decided before, so that a caller finds its own change in the ledger.
        if (await ReadDetails(consistency) is null) return new(false, [], null);

        // Off the grain: a page of a busy product's history can hold many sales, and whoever buys must not wait for it.
        var (history, version) = (History, Host.Version);
        return await Task.Run(() => history.ReadMovements(after, limit, newestFirst, filter ?? MovementFilter.None, version));
    }

    private async ValueTask<ReservationOutcome> End(
        ReservationCommand command, Func<StockState, ReservationCommand, DateTimeOffset, Decision<StockEvent, ReservationOutcome>> rule)
    {
        // The key first: between the reservation's look-up and the decision nothing may be waited for.
        if (command.Operation.Id != Guid.Empty) await Host.LookUpReceipt(command.Operation.Id);
        await LookUpReservation(command);
        var decided = command.Operation.Id == Guid.Empty
            ? Host.Decide(command, rule)
            : Host.Decide(
                command.Operation, command, rule, static (state, command, first) => StockRules.AskedBefore(state, command.Id, first));

        // As decided: the answer waits for all of it.
        var version = Host.State.StockVersion;
        var outcome = await decided;
        return outcome.Status == ReservationOutcomeStatus.Done ? outcome with { StockVersion = version } : outcome;
    }

    private ValueTask<AdjustOutcome> DecideAdjustment(AdjustStock command) =>
        Host.Decide(command.Operation, command, AdjustRules.Adjust, AdjustRules.AdjustedBefore);

    /// <summary>A number that was told before under another key gets the first answer: the ledger has it.</summary>
    private async ValueTask<AdjustOutcome> AdjustByNumber(AdjustStock command)
    {
        var outcome = await DecideAdjustment(command);
        if (outcome is { Status: AdjustStatus.Superseded, Replayed: false }) Services.Signs.Count(RaceSign.Superseded);
        if (!outcome.Replayed || outcome.At != default) return outcome;
        var page = await History.ReadMovements(outcome.Version - 1, 1, newestFirst: false, MovementFilter.None, Host.Version);
        var first = page.Movements.Single(line => line.Version == outcome.Version);
        return outcome with { OnHand = first.OnHand, At = first.At };
    }

    private ProductHistory History => new(Services, Host.Stream);

    /// <summary>
    /// The deadline: the time that is left, counted from now. The asker's clock can be another, and the stream's time can be ahead of ours.
    /// </summary>
    private DateTimeOffset InStreamTime(ReserveStock command)
    {
        var left = command.Within ?? command.Deadline - Services.Clock.GetUtcNow();
        return Host.Now + (left < LongestDeadline ? left : LongestDeadline);
    }

    /// <summary>
    /// A reservation that closed long ago has left the receipts; whoever undoes an old order must not be told that it never was.
    /// </summary>
    private async ValueTask LookUpReservation(ReservationCommand command)
    {
        if (Host.State.Holds.ContainsKey(command.Id)) return;
        await Host.LookUpReceipt(command.Id);
        if (!command.Lasting) return;

        // A receipt that is about to be a day old can be forgotten by the very decision that needs it, when that first records what
        // has expired: what was looked up stays known.
        if (Host.State.Receipts.TryGet(command.Id, out var kept)) Host.State.Receipts.Recall(command.Id, kept);
        else if (await SearchHistory(command) is { } receipt && !Host.State.Receipts.TryGet(command.Id, out _))
        {
            Host.State.Receipts.Recall(command.Id, receipt);
        }
    }

    private async Task<Receipt?> SearchHistory(ReservationCommand command)
    {
        // A caller that has given up comes again, and must not start from the beginning.
        if (_searches.TryGetValue(command.Id, out var running)) return await running;
        var search = _searches[command.Id] = History.Find(command.Id, Host.State.Version, command.Within ?? [new(DateTimeOffset.MinValue, DateTimeOffset.MaxValue)]);
        try
        {
            return await search;
        }
        finally
        {
            _searches.Remove(command.Id);
        }
    }
}
