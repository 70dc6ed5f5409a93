using Holdfast.Contracts;
using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Inventory;

/// <summary>What a product's receipt is of. Stored.</summary>
public static class StockReceiptKind
{
    /// <summary>A reservation that holds its units. Never stored: the hold is its receipt.</summary>
    public const byte Open = 0;

    public const byte Committed = 1;
    public const byte Released = 2;
    public const byte Expired = 3;

    /// <summary>A reservation that was released before it was ever made.</summary>
    public const byte Tombstone = 4;

    /// <summary>A reservation of which a part was sold, and the rest released.</summary>
    public const byte CommittedInPart = 5;

    /// <summary>An adjustment or a count.</summary>
    public const byte StockChange = 10;

    /// <summary>The details were put.</summary>
    public const byte DetailsChange = 11;

    /// <summary>Something was asked of a reservation. What became of it the reservation's own receipt says.</summary>
    public const byte Verb = 12;

    /// <summary>The prices that begin and end were put.</summary>
    public const byte PricesChange = 13;

    /// <summary>A source told of the time before its last count, and changed nothing.</summary>
    public const byte Superseded = 14;
}

/// <summary>The members of a product's receipts, by what they are of.</summary>
public static class StockReceipts
{
    /// <summary>Bits of a number that shares its member with another one.</summary>
    private const int PartBits = 32;

    /// <param name="at">Unix milliseconds.</param>
    /// <param name="kind">How it ended.</param>
    public static Receipt Ended(EndedHold hold, long at, byte kind) => new(hold.Fingerprint, at, kind, hold.Quantity, hold.ExpiresAt);

    /// <param name="reservation">Open, or expired.</param>
    /// <param name="at">Unix milliseconds.</param>
    /// <param name="sold">
    /// Units. When fewer than were held, both numbers share one member: each is within <see cref="Limits.Quantity"/>.
    /// </param>
    public static Receipt Sold(in Receipt reservation, long at, long sold) => sold == reservation.A
        ? reservation with { At = at, Kind = StockReceiptKind.Committed }
        : reservation with { At = at, Kind = StockReceiptKind.CommittedInPart, A = (reservation.A << PartBits) | sold };

    /// <param name="at">Unix milliseconds.</param>
    public static Receipt Verb(ulong fingerprint, long at) => new(fingerprint, at, StockReceiptKind.Verb, 0, 0);

    public static Receipt Open(Hold hold) => new(hold.Fingerprint, 0, StockReceiptKind.Open, hold.Quantity, hold.ExpiresAt);

    /// <summary>It binds no body: whatever comes under its id is late.</summary>
    /// <param name="at">Unix milliseconds.</param>
    public static Receipt Tombstone(long at) => new(0, at, StockReceiptKind.Tombstone, 0, 0);

    /// <param name="at">Unix milliseconds.</param>
    /// <param name="onHand">After the change.</param>
    /// <param name="version">Of the event.</param>
    public static Receipt StockChange(ulong fingerprint, long at, long onHand, long version) =>
        new(fingerprint, at, StockReceiptKind.StockChange, onHand, version);

    /// <param name="at">Unix milliseconds.</param>
    /// <param name="onHand">As it was, and stayed.</param>
    /// <param name="version">Of the event.</param>
    public static Receipt Superseded(ulong fingerprint, long at, long onHand, long version) =>
        new(fingerprint, at, StockReceiptKind.Superseded, onHand, version);

    /// <param name="at">Unix milliseconds.</param>
    /// <param name="creates">There was no such product before.</param>
    /// <param name="version">Of the event.</param>
    public static Receipt DetailsChange(ulong fingerprint, long at, bool creates, long version) =>
        new(fingerprint, at, StockReceiptKind.DetailsChange, creates ? 1 : 0, version);

    /// <param name="at">Unix milliseconds.</param>
    /// <param name="version">Of the event.</param>
    public static Receipt PricesChange(ulong fingerprint, long at, long version) =>
        new(fingerprint, at, StockReceiptKind.PricesChange, 0, version);

    extension(Receipt receipt)
    {
        /// <summary>Of a reservation that was made and has ended: how it did so is its kind.</summary>
        public bool IsEnded => receipt.IsSold || receipt.Kind is StockReceiptKind.Released or StockReceiptKind.Expired;

        /// <summary>Of a reservation that was committed, whole or in part.</summary>
        public bool IsSold => receipt.Kind is StockReceiptKind.Committed or StockReceiptKind.CommittedInPart;

        /// <summary>Of a reservation: units that were held.</summary>
        public long Quantity => receipt.Kind == StockReceiptKind.CommittedInPart ? receipt.A >> PartBits : receipt.A;

        /// <summary>Of one that was committed: units that were sold.</summary>
        public long Sold => receipt.Kind == StockReceiptKind.CommittedInPart ? receipt.A & ((1L << PartBits) - 1) : receipt.A;

        /// <summary>Of a reservation: when its hold ended or would have, Unix milliseconds.</summary>
        public long ExpiresAt => receipt.B;

        /// <summary>Of a reservation: what it was.</summary>
        public EndedHold Hold => new(receipt.Fingerprint, receipt.Quantity, receipt.B);

        /// <summary>Of a change of stock: units on hand after it.</summary>
        public long OnHand => receipt.A;

        /// <summary>Of a change: the version of its event.</summary>
        public long Version => receipt.B;

        /// <summary>Of a change of details: there was no such product before.</summary>
        public bool Creates => receipt.A == 1;
    }
}
