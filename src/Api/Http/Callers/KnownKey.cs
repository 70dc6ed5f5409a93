using System.Security.Cryptography;
using Holdfast.Contracts.Callers;

namespace Holdfast.Api.Http.Callers;

/// <summary>A key that holds, as a front door keeps it.</summary>
internal sealed class KnownKey(StoredKey key)
{
    private readonly byte[] _hash = Convert.FromHexString(key.Hash);
    private long _usedMinute;

    public string Id => key.Id;

    public Caller Caller { get; } = new($"key:{key.Name}", Caller.Known(key.Scopes));

    /// <summary>Whether the secret is the one that it was made with; in one time, wherever they differ.</summary>
    public bool IsOf(ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(hash, _hash);

    public bool IsLive(DateTimeOffset now) => key.IsLive(now);

    /// <returns>Whether it is the first use that this front door sees in the minute.</returns>
    public bool MarkUse(DateTimeOffset now, out long minute)
    {
        minute = now.ToUnixTimeSeconds() / 60;
        return Volatile.Read(ref _usedMinute) != minute && Interlocked.Exchange(ref _usedMinute, minute) != minute;
    }
}
