namespace Holdfast.Contracts;

/// <summary>Bounds on what a caller may send. The front door checks them; the owners check the ones that guard arithmetic.</summary>
public static class Limits
{
    /// <summary>The largest number in a body, and the least without its sign: 2^53 - 1, up to which a double is exact.</summary>
    public const long WholeNumber = (1L << 53) - 1;

    /// <summary>Shards of one counter.</summary>
    public const int CounterShards = 64;

    /// <summary>The largest value of one shard: so the sum of all is within <see cref="WholeNumber"/>.</summary>
    public const long CounterShard = WholeNumber / CounterShards;

    /// <summary>Characters in a SKU, a counter's name or a customer's id.</summary>
    public const int KeyLength = 128;

    /// <summary>Characters in a product's name.</summary>
    public const int NameLength = 200;

    /// <summary>Characters in the reason or the reference of an adjustment.</summary>
    public const int TextLength = 200;

    /// <summary>Characters in a note on what was asked of an order.</summary>
    public const int NoteLength = 500;

    /// <summary>Characters in a reference of the shop's own.</summary>
    public const int ReferenceLength = 100;

    /// <summary>Entries of metadata.</summary>
    public const int MetadataEntries = 50;

    /// <summary>Characters in the name of an entry of metadata.</summary>
    public const int MetadataNameLength = 40;

    /// <summary>Characters in an entry of metadata.</summary>
    public const int MetadataValueLength = 500;

    /// <summary>Units in one reservation, adjustment or order line, and on hand of one SKU.</summary>
    public const long Quantity = 1_000_000_000;

    /// <summary>Minor units in a unit price.</summary>
    public const long UnitPrice = 1_000_000_000_000;

    /// <summary>Lines in one order, before lines of one SKU are summed.</summary>
    public const int OrderLines = 2_000;

    /// <summary>Sources whose numbers one product remembers.</summary>
    public const int Sources = 16;

    /// <summary>Numbers that a product remembers of one source: the highest, and those right below it.</summary>
    public const int SourceNumbers = 256;

    /// <summary>Items in one bulk request.</summary>
    public const int BulkItems = 1_000;

    /// <summary>Characters in an Idempotency-Key.</summary>
    public const int IdempotencyKeyLength = 255;

    /// <summary>Bytes of UTF-8 JSON in one profile.</summary>
    public const int ProfileBytes = 16 * 1024;

    /// <summary>Open reservations of one SKU.</summary>
    public const int OpenReservations = 2_000_000;

    /// <summary>Keys that hold at once; those that have ended are remembered beside them only as far as there is room.</summary>
    public const int Keys = 1_000;

    /// <summary>Characters in the name of a key.</summary>
    public const int KeyNameLength = 64;

    /// <summary>Characters in the name of who holds a lease.</summary>
    public const int HolderLength = 200;

    /// <summary>Leases of which one owner remembers the newest term that it has seen.</summary>
    public const int FenceNames = 16;

    /// <summary>Lines in one page of a list.</summary>
    public const int PageSize = 200;

    /// <summary>Periods of one product's prices that run or are to come.</summary>
    public const int Prices = 100;

    /// <summary>How far back a correction of stock can reach.</summary>
    public static readonly TimeSpan Correction = TimeSpan.FromDays(366);

    /// <summary>The shortest term of a lease: below it a slow network would end it.</summary>
    public static readonly TimeSpan ShortestLease = TimeSpan.FromSeconds(1);

    /// <summary>The longest term of a lease. It can be renewed any number of times.</summary>
    public static readonly TimeSpan LongestLease = TimeSpan.FromHours(1);

    /// <summary>The longest time to live of a reservation.</summary>
    public static readonly TimeSpan ReservationTtl = TimeSpan.FromDays(7);

    /// <summary>The time to live of a reservation whose caller names none.</summary>
    public static readonly TimeSpan DefaultReservationTtl = TimeSpan.FromMinutes(15);
}
