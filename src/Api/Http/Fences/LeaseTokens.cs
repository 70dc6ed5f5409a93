using Holdfast.Contracts;

namespace Holdfast.Api.Http.Fences;

/// <summary>Makes and verifies the tokens of leases, with the store's key: it is another one after the store was restored.</summary>
/// <param name="read">The key, or null when there is none yet.</param>
/// <param name="draw">The key, which is drawn when there is none yet.</param>
internal sealed class LeaseTokens(Func<ValueTask<byte[]?>> read, Func<ValueTask<byte[]>> draw, TimeProvider clock)
{
    /// <summary>For how long a key that was read is taken for the store's.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    private Known? _known;

    /// <summary>The token of a term that the owner of the lease has given out.</summary>
    public async ValueTask<string> Make(string lease, long number) => LeaseToken.Make(Fresh ?? Remember(await draw()), lease, number);

    /// <summary>The number of the term; null when the text is no token of the lease.</summary>
    public async ValueTask<long?> Verify(string lease, string text)
    {
        if (!LeaseToken.HasForm(text)) return null;
        if ((Fresh ?? await read()) is not { } key) return null;
        return LeaseToken.TryVerify(text, Remember(key), lease, out var number) ? number : null;
    }

    /// <summary>That there is none yet is not remembered: the first one may be drawn at any moment, by any front door.</summary>
    private byte[]? Fresh => Volatile.Read(ref _known) is { } known && clock.GetElapsedTime(known.AskedAt) < Bound ? known.Key : null;

    private byte[] Remember(byte[] key)
    {
        if (!ReferenceEquals(Fresh, key)) Volatile.Write(ref _known, new(key, clock.GetTimestamp()));
        return key;
    }

    private sealed record Known(byte[] Key, long AskedAt);
}
