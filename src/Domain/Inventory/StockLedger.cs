using System.Text.Json;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Inventory;

/// <summary>What the rows of a product's history say to those who read them later.</summary>
public static class StockLedger
{
    /// <summary>The movements among the events of a row: whatever changed what is on hand, and counts.</summary>
    /// <param name="events">As stored.</param>
    /// <param name="firstVersion">Of the first event.</param>
    /// <param name="at">When the row was recorded.</param>
    public static IEnumerable<Movement> MovementsOf(ReadOnlyMemory<byte> events, long firstVersion, DateTimeOffset at)
    {
        var version = firstVersion;
        foreach (var @event in Read(events))
        {
            if (MovementOf(@event, version++, at) is { } movement) yield return movement;
        }
    }

    /// <summary>Whether others than the owner hear of a row.</summary>
    /// <param name="events">As stored.</param>
    public static bool IsPublished(ReadOnlyMemory<byte> events) => Array.Exists(Read(events), StockKind.Instance.Publishes);

    /// <summary>Whether a row changes what the shop shows of the product.</summary>
    /// <param name="events">As stored.</param>
    public static bool ChangesDetails(ReadOnlyMemory<byte> events) => events.Span.IndexOf(DetailsMark) >= 0;

    /// <summary>What the shop shows of the product after one more row.</summary>
    /// <param name="before">What it showed before; null for nothing.</param>
    /// <param name="events">As stored.</param>
    /// <param name="firstVersion">Of the first event.</param>
    /// <param name="at">When the row was recorded.</param>
    public static ProductDetails? DetailsAfter(
        ProductDetails? before, string sku, ReadOnlyMemory<byte> events, long firstVersion, DateTimeOffset at)
    {
        var version = firstVersion;
        foreach (var @event in Read(events))
        {
            if (@event is StockEvent.DetailsPut put)
            {
                before = new(sku, put.Name, new(put.Amount, put.Currency), version)
                {
                    Reference = put.Reference,
                    Metadata = StoredMetadata.Entries(put.Metadata),
                    Archived = put.Archived == true,
                    CreatedAt = before?.CreatedAt ?? at,
                    UpdatedAt = at,
                };
            }

            version++;
        }

        return before;
    }

    /// <summary>What is known of a reservation after one more row that names it.</summary>
    /// <param name="found">What was known before; null for nothing.</param>
    /// <param name="events">As stored.</param>
    /// <param name="recordedAt">When the row was recorded.</param>
    public static Receipt? After(Receipt? found, Guid id, ReadOnlyMemory<byte> events, DateTimeOffset recordedAt)
    {
        var at = recordedAt.ToUnixTimeMilliseconds();
        foreach (var @event in Read(events))
        {
            found = @event switch
            {
                // An old hold that is not open any more and was neither committed nor released has expired.
                StockEvent.Reserved reserved when reserved.Id == id =>
                    StockReceipts.Ended(new(reserved.Fingerprint, reserved.Quantity, reserved.ExpiresAt), at, StockReceiptKind.Expired),
                StockEvent.Extended extended when extended.Id == id => found is { } open ? open with { B = extended.ExpiresAt } : found,
                StockEvent.Committed committed when committed.Id == id && committed.Late is { } late =>
                    StockReceipts.Sold(StockReceipts.Ended(late, at, StockReceiptKind.Expired), at, committed.Quantity),
                StockEvent.Committed committed when committed.Id == id =>
                    found is { } open ? StockReceipts.Sold(open, open.At, committed.Quantity) : found,
                StockEvent.Released released when released.Id == id =>
                    found is { } open ? open with { Kind = StockReceiptKind.Released } : StockReceipts.Tombstone(at),
                StockEvent.Returned returned when returned.Id == id =>
                    StockReceipts.Ended(returned.Hold, at, StockReceiptKind.Released),
                _ => found,
            };
        }

        return found;
    }

    /// <summary>Found in every row that changes the details, and seldom in another.</summary>
    private static ReadOnlySpan<byte> DetailsMark => "\"product.put\""u8;

    private static Movement? MovementOf(StockEvent @event, long version, DateTimeOffset at) => @event switch
    {
        StockEvent.Adjusted adjusted => new(
            version, at, MovementKind.Adjusted, adjusted.Delta, adjusted.OnHand, adjusted.Reason, adjusted.Reference, null),
        StockEvent.Counted counted => new(
            version, at, MovementKind.Counted, counted.Delta, counted.OnHand, counted.Reason, counted.Reference, null),
        StockEvent.Committed committed => new(
            version, at, MovementKind.Sold, -committed.Quantity, committed.OnHand, null, null, committed.Id),
        StockEvent.Returned returned => new(
            version, at, MovementKind.Returned, returned.Quantity, returned.OnHand, null, null, returned.Id),
        _ => null,
    };

    private static StockEvent[] Read(ReadOnlyMemory<byte> events) =>
        JsonSerializer.Deserialize(events.Span, StockJson.Default.StockEventArray) ?? [];
}
