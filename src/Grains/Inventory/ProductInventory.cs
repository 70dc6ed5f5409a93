using System.Text.Json;
using Holdfast.Contracts;
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
    /// <summary>Events that one page of movements may read: holds leave events that are no movements.</summary>
    private const int EventsPerPage = 50_000;

    /// <summary>Nobody who asks for goods waits longer.</summary>
    private static readonly TimeSpan LongestDeadline = TimeSpan.FromDays(1);

    /// <summary>Rows of the journal read at a time.</summary>
    private const int RowsPerRead = 64;

    /// <summary>How far a product's own times may be from those of an order: clocks differ, and a step that was given up may act late.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(5);

    /// <summary>Searches of the history that are under way; whoever asks again meanwhile waits for the same one.</summary>
    private readonly Dictionary<Guid, Task<Receipt?>> _searches = [];

    public ValueTask<PutProductOutcome> PutDetails(PutProduct command) => Decide(command.Operation, command, StockRules.PutDetails);

    public ValueTask<ProductDetails?> ReadDetails(ReadConsistency consistency) => Decide(false, StockRules.ReadDetails, consistency);

    public ValueTask<StockLevel?> ReadStock(ReadConsistency consistency) => Decide(false, StockRules.ReadStock, consistency);

    public ValueTask<AdjustOutcome> Adjust(AdjustStock command) => Decide(command.Operation, command, StockRules.Adjust);

    public ValueTask<SetStockOutcome> SetOnHand(SetStock command) => Decide(command.Operation, command, StockRules.SetOnHand);

    public ValueTask<ReserveOutcome> Reserve(ReserveStock command) => Decide(command.Operation, InStreamTime(command), StockRules.Reserve);

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

    public async ValueTask<Reservation?> ReadReservation(Guid id, ReadConsistency consistency)
    {
        await LookUpReservation(new(id));
        return await Decide(id, StockRules.ReadReservation, consistency);
    }

    public async ValueTask<MovementPage> ReadMovements(long after, int limit, ReadConsistency consistency)
    {
        // Waits for what was decided before, so that a caller finds its own change in the ledger.
        if (await ReadDetails(consistency) is null) return new(false, [], null);
        // Off the grain: a page of a busy product's history can hold many sales, and whoever buys must not wait for it.
        return await Task.Run(() => ReadLedger(after, limit));
    }

    /// <summary>The time that is left, counted from now: the asker's clock can be another, and the stream's time can be ahead of ours.</summary>
    private ReserveStock InStreamTime(ReserveStock command)
    {
        var left = command.Within ?? command.Deadline - Clock.GetUtcNow();
        return command with { Deadline = Now() + (left < LongestDeadline ? left : LongestDeadline) };
    }

    private async Task<MovementPage> ReadLedger(long after, int limit)
    {
        var movements = new List<Movement>();
        for (var read = 0; read < EventsPerPage;)
        {
            var (from, stream) = (after, Stream);
            var rows = await Read(store => store.ReadForward(stream, from, RowsPerRead, CancellationToken.None));
            foreach (var row in rows)
            {
                foreach (var movement in MovementsOf(row).Where(movement => movement.Version > after))
                {
                    if (movements.Count == limit) return new(true, [.. movements], movements[^1].Version);
                    movements.Add(movement);
                }

                (read, after) = (read + (int)(row.LastVersion - row.FirstVersion + 1), row.LastVersion);
            }

            if (rows.Count < RowsPerRead) return new(true, [.. movements], null);
        }

        return new(true, [.. movements], after);
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
        if (!command.Lasting) return;

        // A receipt that is about to be a day old can be forgotten by the very decision that needs it, when that first records what
        // has expired: what was looked up stays known.
        if (State.Receipts.TryGet(command.Id, out var kept)) State.Receipts.Recall(command.Id, kept);
        else if (await SearchHistory(command) is { } receipt) State.Receipts.Recall(command.Id, receipt);
    }

    private async Task<Receipt?> SearchHistory(ReservationCommand command)
    {
        // A caller that has given up comes again, and must not start from the beginning.
        if (_searches.TryGetValue(command.Id, out var running)) return await running;
        var search = _searches[command.Id] = FindInHistory(command.Id, command.Within ?? [new(DateTimeOffset.MinValue, DateTimeOffset.MaxValue)]);
        try
        {
            return await search;
        }
        finally
        {
            _searches.Remove(command.Id);
        }
    }

    /// <summary>Page by page, and only where it can be: a busy product's whole history would take longer than a statement may.</summary>
    private async Task<Receipt?> FindInHistory(Guid id, TimeRange[] within)
    {
        Receipt? found = null;
        var (stream, text, after) = (Stream, id.ToString(), 0L);
        foreach (var range in within)
        {
            var (from, through) = (range.From - Least(range.From - DateTimeOffset.MinValue), range.Through + Least(DateTimeOffset.MaxValue - range.Through));
            after = Math.Max(after, await LastVersionBefore(from));
            for (var more = true; more;)
            {
                var since = after;
                var page = await Read(store => store.Search(stream, text, since, RowsPerRead, CancellationToken.None));
                found = page.Found.Aggregate(found, (known, row) => After(known, row, id));
                (after, more) = (page.Through, page.Through > since && page.RecordedAt <= through);
            }
        }

        return found;
    }

    private static TimeSpan Least(TimeSpan room) => room < Slack ? room : Slack;

    /// <summary>The last version that was recorded before the moment. Time in a stream never goes back, so halving finds it.</summary>
    private async Task<long> LastVersionBefore(DateTimeOffset moment)
    {
        var (stream, low, high) = (Stream, 0L, State.Version);
        while (low < high)
        {
            var middle = low + ((high - low + 1) / 2);
            var rows = await Read(store => store.ReadBackward(stream, middle + 1, 1, CancellationToken.None));
            if (rows is not [var row] || row.RecordedAt < moment) low = rows is [var before] ? Math.Max(middle, before.LastVersion) : middle;
            else high = row.FirstVersion - 1;
        }

        return low;
    }

    /// <summary>What is known of the reservation after one more row.</summary>
    private static Receipt? After(Receipt? found, JournalRow row, Guid id)
    {
        var at = row.RecordedAt.ToUnixTimeMilliseconds();
        foreach (var @event in JsonSerializer.Deserialize(row.Events.Span, StockJson.Default.StockEventArray) ?? [])
        {
            found = @event switch
            {
                // An old hold that is not open any more and was neither committed nor released has expired.
                StockEvent.Reserved reserved when reserved.Id == id =>
                    new(reserved.Fingerprint, at, Closed.Expired, reserved.Quantity, reserved.ExpiresAt),
                StockEvent.Committed committed when committed.Id == id && committed.Late is { } late =>
                    new(late.Fingerprint, at, Closed.Committed, late.Quantity, late.ExpiresAt),
                StockEvent.Committed committed when committed.Id == id => found is { } open ? open with { Kind = Closed.Committed } : found,
                StockEvent.Released released when released.Id == id =>
                    found is { } open ? open with { Kind = Closed.Released } : new(0, at, Closed.Tombstone, 0, 0),
                StockEvent.Returned returned when returned.Id == id =>
                    new(returned.Hold.Fingerprint, at, Closed.Released, returned.Quantity, returned.Hold.ExpiresAt),
                _ => found,
            };
        }

        return found;
    }
}
