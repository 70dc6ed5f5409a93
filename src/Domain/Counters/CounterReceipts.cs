using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Counters;

/// <summary>The members of a counter's receipts.</summary>
public static class CounterReceipts
{
    private const byte Increment = 0;
    private const byte Sharding = 1;

    public static Receipt Incremented(ulong fingerprint, DateTimeOffset at, long value) =>
        new(fingerprint, at.ToUnixTimeMilliseconds(), Increment, value, 0);

    public static Receipt Sharded(ulong fingerprint, DateTimeOffset at, int shards) =>
        new(fingerprint, at.ToUnixTimeMilliseconds(), Sharding, shards, 0);

    extension(Receipt receipt)
    {
        /// <summary>After the increment.</summary>
        public long Value => receipt.A;
    }
}
