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

    /// <summary>The key by which tokens are made. Read before a lease is acquired: who holds it must not be left without a token.</summary>
    public async ValueTask<byte[]> ReadKey() => (await Ask(async () => await draw()))!;

    /// <summary>The number of the term; null when the text is no token of the lease.</summary>
    public async ValueTask<long?> Verify(string lease, string text)
    {
        if (!LeaseToken.HasForm(text)) return null;
        if (await Ask(read) is not { } key) return null;
        return LeaseToken.TryVerify(text, key, lease, out var number) ? number : null;
    }

    /// <summary>That there is none yet is not remembered: the first one may be drawn at any moment, by any front door.</summary>
    private byte[]? Fresh => Volatile.Read(ref _known) is { } known && clock.GetElapsedTime(known.AskedAt) < Bound ? known.Key : null;

    private async ValueTask<byte[]?> Ask(Func<ValueTask<byte[]?>> ask)
    {
        if (Fresh is { } fresh) return fresh;

        // As old as the question, not as its answer.
        var askedAt = clock.GetTimestamp();
        var key = await ask();
        if (key is not null) Volatile.Write(ref _known, new(key, askedAt));
        return key;
    }

    private sealed record Known(byte[] Key, long AskedAt);
}
