using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Profiles;

/// <summary>The members of a profile's receipts.</summary>
public static class ProfileReceipts
{
    private const byte Edit = 0;
    private const byte Erasure = 1;
    private const byte Creation = 2;

    /// <param name="version">Of the event.</param>
    /// <param name="creates">There was no profile before.</param>
    public static Receipt Edited(ulong fingerprint, DateTimeOffset at, long version, bool creates) =>
        new(fingerprint, at.ToUnixTimeMilliseconds(), creates ? Creation : Edit, 0, version);

    /// <param name="version">Of the event.</param>
    public static Receipt Erased(ulong fingerprint, DateTimeOffset at, long version) =>
        new(fingerprint, at.ToUnixTimeMilliseconds(), Erasure, 0, version);

    /// <summary>Of what came before an erasure: whoever repeats it hears of that, and not of a profile that came later.</summary>
    public static Receipt Forgotten(Receipt receipt) => receipt with { Fingerprint = 0, Kind = Erasure };

    extension(Receipt receipt)
    {
        public bool IsErasure => receipt.Kind == Erasure;

        public bool IsCreation => receipt.Kind == Creation;
    }
}
