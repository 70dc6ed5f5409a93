using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Callers;

/// <summary>The members of a keyring's receipts.</summary>
public static class KeyringReceipts
{
    private const byte Making = 0;
    private const byte Revocation = 1;

    /// <param name="number">Of the key.</param>
    public static Receipt Made(ulong fingerprint, DateTimeOffset at, long number) =>
        new(fingerprint, at.ToUnixTimeMilliseconds(), Making, number, 0);

    /// <param name="number">Of the key.</param>
    public static Receipt Revoked(ulong fingerprint, DateTimeOffset at, long number) =>
        new(fingerprint, at.ToUnixTimeMilliseconds(), Revocation, number, 0);

    extension(Receipt receipt)
    {
        /// <summary>Of the key.</summary>
        public long Number => receipt.A;
    }
}
