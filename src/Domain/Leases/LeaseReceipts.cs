using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Leases;

/// <summary>The members of a lease's receipts.</summary>
public static class LeaseReceipts
{
    private const byte Acquisition = 0;
    private const byte Renewal = 1;
    private const byte Release = 2;

    /// <param name="expiresAt">Unix milliseconds.</param>
    public static Receipt Acquired(ulong fingerprint, DateTimeOffset at, long number, long expiresAt) =>
        new(fingerprint, at.ToUnixTimeMilliseconds(), Acquisition, number, expiresAt);

    /// <param name="expiresAt">Unix milliseconds.</param>
    public static Receipt Renewed(ulong fingerprint, DateTimeOffset at, long number, long expiresAt) =>
        new(fingerprint, at.ToUnixTimeMilliseconds(), Renewal, number, expiresAt);

    public static Receipt Released(ulong fingerprint, DateTimeOffset at, long number) =>
        new(fingerprint, at.ToUnixTimeMilliseconds(), Release, number, 0);

    extension(Receipt receipt)
    {
        /// <summary>Of the term.</summary>
        public long Number => receipt.A;

        /// <summary>When the term was to end, then.</summary>
        public DateTimeOffset ExpiresAt => DateTimeOffset.FromUnixTimeMilliseconds(receipt.B);
    }
}
