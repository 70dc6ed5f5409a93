using System.Text.Json;
using Holdfast.Contracts.Inventory;
using Holdfast.Grains.GroupCommit;
using Holdfast.Journal;
using Orleans.Concurrency;

namespace Holdfast.Grains.Inventory;

/// <summary>Hosts <see cref="StockRules"/> for one SKU.</summary>
[Reentrant]
internal sealed class ProductInventory(GroupCommitServices services)
    : GroupCommitGrain<StockState, StockEvent>(StockStream.Definition, services), IProductInventory
{
    /// <summary>Rows of the journal that one page of movements may read: holds leave rows that are no movements.</summary>
    private const int RowsPerPage = 500;

    public ValueTask<PutProductOutcome> PutDetails(PutProduct command) => Decide(command.Operation, command, StockRules.PutDetails);

    public ValueTask<ProductDetails?> ReadDetails() => Decide(false, StockRules.ReadDetails);

    public ValueTask<StockLevel?> ReadStock() => Decide(false, StockRules.ReadStock);

    public ValueTask<AdjustOutcome> Adjust(AdjustStock command) => Decide(command.Operation, command, StockRules.Adjust);

    public ValueTask<SetStockOutcome> SetOnHand(SetStock command) => Decide(command.Operation, command, StockRules.SetOnHand);

    public ValueTask<ReserveOutcome> Reserve(ReserveStock command) => Decide(command.Operation, command, StockRules.Reserve);

    public async ValueTask<ReservationOutcome> Commit(ReservationCommand command)
    {
        await LookUpReservation(command);
        return await Decide(command, StockRules.Commit);
    }

    public async ValueTask<ReservationOutcome> Release(ReservationCommand command)
    {
        await LookUpReservation(command);
        return await Decide(command, StockRules.Release);
    }

    public async ValueTask<ReservationOutcome> Undo(ReservationCommand command)
    {
        await LookUpReservation(command);
        return await Decide(command, StockRules.Undo);
    }

    public async ValueTask<Reservation?> ReadReservation(Guid id)
    {
        await LookUpReservation(new(id));
        return await Decide(id, StockRules.ReadReservation);
    }

    public async Task<MovementPage> ReadMovements(long after, int limit)
    {
        // Waits for what was decided before, so that a caller finds its own change in the ledger.
        if (await ReadDetails() is null) return new(false, [], null);
        var rows = await Store.ReadForward(Stream, after, RowsPerPage, CancellationToken.None);
        var movements = new List<Movement>();
        foreach (var row in rows)
        {
            foreach (var movement in MovementsOf(row).Where(movement => movement.Version > after))
            {
                if (movements.Count == limit) return new(true, [.. movements], movements[^1].Version);
                movements.Add(movement);
            }
        }

        return new(true, [.. movements], rows.Count < RowsPerPage ? null : rows[^1].LastVersion);
    }

    private static IEnumerable<Movement> MovementsOf(JournalRow row)
    {
        var version = row.FirstVersion;
        foreach (var @event in JsonSerializer.Deserialize(row.Events.Span, StockJson.Default.StockEventArray) ?? [])
        {
            if (MovementOf(@event, version++, row.RecordedAt) is { } movement) yield return movement;
        }
    }

    private static Movement? MovementOf(StockEvent @event, long version, DateTimeOffset at) => @event switch
    {
        StockEvent.Adjusted adjusted => new(version, at, "adjusted", adjusted.Delta, adjusted.OnHand, adjusted.Reason, adjusted.Reference, null),
        StockEvent.Counted counted => new(version, at, "set", counted.Delta, counted.OnHand, null, null, null),
        StockEvent.Committed committed => new(version, at, "sold", -committed.Quantity, committed.OnHand, null, null, committed.Id),
        StockEvent.Returned returned => new(version, at, "returned", returned.Quantity, returned.OnHand, null, null, returned.Id),
        _ => null,
    };

    /// <summary>
    /// A reservation that closed long ago has left the receipts; whoever undoes an old order must not be told that it never was.
    /// </summary>
    private async ValueTask LookUpReservation(ReservationCommand command)
    {
        if (State.Holds.ContainsKey(command.Id)) return;
        await LookUpReceipt(command.Id);
        if (!command.Lasting || State.Receipts.TryGet(command.Id, out _)) return;
        var found = new StockState(State.Sku);
        foreach (var row in await Store.Search(Stream, command.Id.ToString(), CancellationToken.None)) Replay(found, row, command.Id);
        if (found.Receipts.TryGet(command.Id, out var receipt)) State.Receipts.Recall(command.Id, receipt);
    }

    private static void Replay(StockState state, JournalRow row, Guid id)
    {
        foreach (var @event in JsonSerializer.Deserialize(row.Events.Span, StockJson.Default.StockEventArray) ?? [])
        {
            var concerns = @event switch
            {
                StockEvent.Reserved reserved => reserved.Id == id,
                StockEvent.Committed committed => committed.Id == id,
                StockEvent.Released released => released.Id == id,
                StockEvent.Returned returned => returned.Id == id,
                _ => false,
            };
            if (concerns) state.Apply(@event, row.FirstVersion, row.RecordedAt.ToUnixTimeMilliseconds());
        }
    }
}
