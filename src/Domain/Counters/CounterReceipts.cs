using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Counters;

/// <summary>The members of a counter's receipts.</summary>
public static class CounterReceipts
{
    public static Receipt Incremented(ulong fingerprint, DateTimeOffset at, long value) => new(fingerprint, at.ToUnixTimeMilliseconds(), 0, value, 0);

    extension(Receipt receipt)
    {
        /// <summary>After the increment.</summary>
        public long Value => receipt.A;
    }
}
