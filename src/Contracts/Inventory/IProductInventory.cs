namespace Holdfast.Contracts.Inventory;

/// <summary>
/// The owner of one product's details and stock. Key: the SKU. Invariant: on hand ≥ reserved ≥ 0, at every version.
/// Every answer waits until the change, and every change it could see, is durable.
/// </summary>
[Alias("holdfast.IProductInventory")]
public interface IProductInventory : IGrainWithStringKey
{
    /// <summary>Creates the product or replaces all of its details.</summary>
    [Alias("PutDetails")]
    ValueTask<PutProductOutcome> PutDetails(PutProduct command);

    /// <summary>Changes some of the details of a product that is there.</summary>
    [Alias("PatchDetails")]
    ValueTask<PatchProductOutcome> PatchDetails(PatchProduct command);

    /// <summary>The product's name, price and what else the shop says of it, or null when it was never created.</summary>
    [Alias("ReadDetails")]
    ValueTask<ProductDetails?> ReadDetails(ReadConsistency consistency = ReadConsistency.Default);

    /// <summary>Says which prices begin and end, from now on.</summary>
    [Alias("PutPrices")]
    ValueTask<PutPricesOutcome> PutPrices(PutPrices command);

    /// <summary>What the product costs now and later, or null when it was never created.</summary>
    [Alias("ReadPrices")]
    ValueTask<ProductPrices?> ReadPrices(ReadConsistency consistency = ReadConsistency.Default);

    /// <summary>What is on hand, reserved and available now, or null when the product was never created.</summary>
    [Alias("ReadStock")]
    ValueTask<StockLevel?> ReadStock(ReadConsistency consistency = ReadConsistency.Default);

    /// <summary>What was on hand at a time, as it was recorded by then; or null when nothing says so behind that mark.</summary>
    /// <param name="mark">
    /// The first version of the last append before that time that is marked; 1 when none is. Whoever lists movements knows the marks.
    /// </param>
    [Alias("ReadOnHandAt")]
    ValueTask<long?> ReadOnHandAt(long mark, DateTimeOffset at);

    /// <summary>Adds to (or takes from) what is on hand, with a reason.</summary>
    [Alias("Adjust")]
    ValueTask<AdjustOutcome> Adjust(AdjustStock command);

    /// <summary>Sets what is on hand to a counted number, compared with the version that the counter saw.</summary>
    [Alias("SetOnHand")]
    ValueTask<SetStockOutcome> SetOnHand(SetStock command);

    /// <summary>Holds units for a while.</summary>
    [Alias("Reserve")]
    ValueTask<ReserveOutcome> Reserve(ReserveStock command);

    /// <summary>Lets an open hold last longer.</summary>
    [Alias("Extend")]
    ValueTask<ReservationOutcome> Extend(ExtendReservation command);

    /// <summary>Turns a hold, or a part of it, into a sale. An expired hold takes free stock, if there is enough.</summary>
    [Alias("Commit")]
    ValueTask<ReservationOutcome> Commit(ReservationCommand command);

    /// <summary>Gives a hold back. An unknown id leaves a tombstone, so that a late reserve with that id is refused.</summary>
    [Alias("Release")]
    ValueTask<ReservationOutcome> Release(ReservationCommand command);

    /// <summary>Takes back whatever the reservation did: an open hold is released, a committed one is returned to stock.</summary>
    [Alias("Undo")]
    ValueTask<ReservationOutcome> Undo(ReservationCommand command);

    /// <summary>One reservation, open or recently closed, or null.</summary>
    [Alias("ReadReservation")]
    ValueTask<Reservation?> ReadReservation(Guid id, ReadConsistency consistency = ReadConsistency.Default);

    /// <summary>The open reservations.</summary>
    /// <param name="after">Where the page begins, in its order; null for the first one.</param>
    [Alias("ReadReservations")]
    ValueTask<ReservationPage> ReadReservations(
        ReservationPlace? after, int limit, ReadConsistency consistency = ReadConsistency.Default, bool newestFirst = false);

    /// <summary>Lines of the ledger of what is on hand.</summary>
    /// <param name="after">The version that the page comes behind, in its order; 0 for the first page.</param>
    /// <param name="filter">Null for all.</param>
    [Alias("ReadMovements")]
    ValueTask<MovementPage> ReadMovements(
        long after,
        int limit,
        ReadConsistency consistency = ReadConsistency.Default,
        bool newestFirst = false,
        MovementFilter? filter = null);
}
