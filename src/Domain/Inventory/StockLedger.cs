using System.Text.Json;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Inventory;

/// <summary>What the rows of a product's history say to those who read them later.</summary>
public static class StockLedger
{
    /// <summary>
    /// Versions of a product's history of which the first published append is marked by its time. Whoever looks for what was on hand at a
    /// time begins at the last mark before it, and has found it, or that there is nothing, in so many appends at the most.
    /// </summary>
    public const int VersionsPerMark = 64;

    /// <summary>Whether a published append is marked.</summary>
    /// <param name="before">The last version of the published append before it; 0 for none.</param>
    /// <param name="last">Its last version.</param>
    public static bool IsMarked(long before, long last) => last / VersionsPerMark > before / VersionsPerMark;

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

    /// <summary>What was on hand after a row; null when none of its events says so.</summary>
    /// <param name="events">As stored.</param>
    public static long? OnHandAfter(ReadOnlyMemory<byte> events) => Read(events)
        .Select(static @event => @event switch
        {
            StockEvent.DetailsPut put => put.OnHand,
            StockEvent.PricesPut put => put.OnHand,
            _ => MovementOf(@event, 0, default)?.OnHand,
        })
        .LastOrDefault(static onHand => onHand is not null);

    /// <summary>Whether a row may correct what was true earlier.</summary>
    /// <param name="events">As stored.</param>
    public static bool MayCorrect(ReadOnlyMemory<byte> events) => events.Span.IndexOf(CorrectionMark) >= 0;

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

    /// <summary>Whether a row changes what the product costs, now or later.</summary>
    /// <param name="events">As stored.</param>
    public static bool ChangesPrices(ReadOnlyMemory<byte> events) =>
        events.Span.IndexOf(PricesMark) >= 0 || ChangesDetails(events);

    /// <summary>What the product costs after one more row, as it was recorded then: without what was over by then.</summary>
    /// <param name="before">What it cost before; null for nothing.</param>
    /// <param name="events">As stored.</param>
    /// <param name="firstVersion">Of the first event.</param>
    /// <param name="at">When the row was recorded.</param>
    public static ProductPrices? PricesAfter(
        ProductPrices? before, string sku, ReadOnlyMemory<byte> events, long firstVersion, DateTimeOffset at)
    {
        var version = firstVersion;
        foreach (var @event in Read(events))
        {
            before = @event switch
            {
                StockEvent.DetailsPut put => PriceSchedule.View(
                    sku, new(put.Amount, put.Currency), PriceSchedule.Of(before), at, before?.Version ?? 0),
                StockEvent.PricesPut put when before is { UnitPrice: var unitPrice } =>
                    PriceSchedule.View(sku, unitPrice, put.Prices, at, version),
                _ => before,
            };
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

    /// <summary>Found in every row that says since when something has been so.</summary>
    private static ReadOnlySpan<byte> CorrectionMark => "\"effectiveAt\""u8;

    /// <summary>As <see cref="DetailsMark"/>, of the periods.</summary>
    private static ReadOnlySpan<byte> PricesMark => "\"prices.put\""u8;

    private static Movement? MovementOf(StockEvent @event, long version, DateTimeOffset at) => @event switch
    {
        StockEvent.Adjusted adjusted => new(
            version, at, MovementKind.Adjusted, adjusted.Delta, adjusted.OnHand, adjusted.Reason, adjusted.Reference, null)
        {
            EffectiveAt = adjusted.EffectiveAt is { } since ? DateTimeOffset.FromUnixTimeMilliseconds(since) : null,
            Number = NumberOf(adjusted.Source, adjusted.Sequence),
        },
        StockEvent.Counted counted => new(
            version, at, MovementKind.Counted, counted.Delta, counted.OnHand, counted.Reason, counted.Reference, null)
        {
            Number = NumberOf(counted.Source, counted.Sequence),
        },
        StockEvent.Superseded late => new(version, at, MovementKind.Superseded, 0, late.OnHand, late.Reason, late.Reference, null)
        {
            Number = new(late.Source, late.Sequence),
        },
        StockEvent.Committed committed => new(
            version, at, MovementKind.Sold, -committed.Quantity, committed.OnHand, null, null, committed.Id),
        StockEvent.Returned returned => new(
            version, at, MovementKind.Returned, returned.Quantity, returned.OnHand, null, null, returned.Id),
        _ => null,
    };

    private static SourceNumber? NumberOf(string? source, long? sequence) =>
        source is not null && sequence is { } number ? new(source, number) : null;

    private static StockEvent[] Read(ReadOnlyMemory<byte> events) =>
        JsonSerializer.Deserialize(events.Span, StockJson.Default.StockEventArray) ?? [];
}
