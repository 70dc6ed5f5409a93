using System.Collections.Concurrent;
using System.Collections.Frozen;
using Holdfast.Api.Http.Problems;
using Holdfast.Contracts.Callers;

namespace Holdfast.Api.Http.Callers;

/// <summary>
/// What this front door knows of the keys: a copy that is never older than <see cref="Bound"/> when somebody is let in by it. While it is
/// younger no request waits for it; when it cannot be renewed nobody comes in.
/// </summary>
/// <param name="look">Asks the owner of the keys.</param>
internal sealed class KnownKeys(Func<LookAtKeys, ValueTask<KeyringView>> look, TimeProvider clock)
{
    /// <summary>Answers that one request waits for.</summary>
    private const int Questions = 3;

    /// <summary>The longest that a revoked key is still let in, anywhere.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    /// <summary>A copy of this age is renewed beside the request that meets it.</summary>
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(2);

    /// <summary>For how long a store without any key has none.</summary>
    private static readonly TimeSpan Empty = TimeSpan.FromSeconds(1);

    private static readonly Problem TooSlow = new(
        ProblemKind.Unavailable, "Whether keys hold is answered too slowly to rely on. Repeat the request after a moment.");

    private readonly ConcurrentDictionary<string, long> _uses = new();
    private readonly Lock _gate = new();
    private Copy? _copy;
    private Task<Copy>? _renewing;
    private long _forgotten;
    private volatile bool _noneHeard;

    /// <summary>Ends with the question that is under way, however that ends.</summary>
    internal Task Idle
    {
        get
        {
            lock (_gate) return _renewing?.ContinueWith(static _ => { }, TaskScheduler.Default) ?? Task.CompletedTask;
        }
    }

    /// <summary>Whether a key was ever made.</summary>
    /// <exception cref="Problems.RefusedRequestException">503: the store does not say.</exception>
    public async ValueTask<bool> WereMade(CancellationToken cancellationToken) =>
        (await Fresh(long.MinValue, cancellationToken)).Version > 0;

    /// <summary>
    /// No key was ever made, as far as this front door has heard, whether or not it still hears anything. Nobody waits: what is not new is
    /// asked for beside.
    /// </summary>
    public bool NoneAsHeard
    {
        get
        {
            if (Volatile.Read(ref _copy) is not { } copy || !IsFresh(copy)) _ = Renew();
            return _noneHeard;
        }
    }

    /// <summary>Who has this key; null when nobody has.</summary>
    /// <exception cref="Problems.RefusedRequestException">503: whether a key of this store still holds cannot be known.</exception>
    public ValueTask<Caller?> Find(string text, CancellationToken cancellationToken)
    {
        if (!KeyText.HasForm(text)) return new((Caller?)null);
        if (Volatile.Read(ref _copy) is not { } copy) return FindInNewer(text, cancellationToken);
        if (copy.MacKey is not { } mac)
            return clock.GetElapsedTime(copy.AskedAt) < Empty ? new((Caller?)null) : FindInNewer(text, cancellationToken);
        Span<byte> hash = stackalloc byte[32];

        // Invented, which the newest copy would say, too: the store has one such key for ever.
        if (!KeyText.TryVerify(text, mac, hash, out var id)) return new((Caller?)null);
        if (IsFresh(copy) && copy.Keys.TryGetValue(id, out var key)) return new(Use(key, hash));
        return FindInNewer(text, cancellationToken);
    }

    /// <summary>A key was made or revoked here: what is known is not what the caller of that was told.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            Interlocked.Increment(ref _forgotten);
            _noneHeard = false;
            Volatile.Write(ref _copy, null);
            _renewing = null;
        }
    }

    private async ValueTask<Caller?> FindInNewer(string text, CancellationToken cancellationToken)
    {
        // It may have been made a moment ago elsewhere: whoever was told so has to find it holds. All who wait do so for one question.
        var copy = await Fresh(clock.GetTimestamp(), cancellationToken);
        var hash = new byte[32];
        return copy.MacKey is { } mac && KeyText.TryVerify(text, mac, hash, out var id) && copy.Keys.TryGetValue(id, out var key)
            ? Use(key, hash)
            : null;
    }

    private Caller? Use(KnownKey key, ReadOnlySpan<byte> hash)
    {
        if (!key.IsOf(hash)) return null;
        var now = clock.GetUtcNow();
        if (!key.IsLive(now)) return null;

        // The first time in each minute: it is told beside the request.
        if (!key.MarkUse(now, out var minute)) return key.Caller;
        _uses[key.Id] = minute;
        _ = Renew();
        return key.Caller;
    }

    /// <param name="since">A timestamp: it was asked for then or later.</param>
    private async ValueTask<Copy> Fresh(long since, CancellationToken cancellationToken)
    {
        var copy = Volatile.Read(ref _copy);
        for (var waited = 0; copy is null || copy.AskedAt < since || !IsFresh(copy); waited++)
        {
            // The question that is under way may have been sent long before somebody joined it; the next one was not.
            if (waited == Questions) throw new RefusedRequestException(TooSlow);
            copy = await Renew().WaitAsync(cancellationToken);
        }

        return copy;
    }

    /// <summary>Whether somebody may be let in by it. One that is not young any more is renewed meanwhile.</summary>
    private bool IsFresh(Copy copy)
    {
        var age = clock.GetElapsedTime(copy.AskedAt);
        if (age >= Renewal) _ = Renew();
        return age < Bound;
    }

    /// <summary>One question at a time, whoever waits for it.</summary>
    private Task<Copy> Renew()
    {
        lock (_gate)
        {
            if (_renewing is { IsCompleted: false } running) return running;

            // It is nobody's request: neither its trace nor what it is for goes along.
            using (ExecutionContext.SuppressFlow()) _renewing = Task.Run(Ask);
            _ = _renewing.ContinueWith(
                static failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            return _renewing;
        }
    }

    private async Task<Copy> Ask()
    {
        var (forgotten, askedAt, known) = (Interlocked.Read(ref _forgotten), clock.GetTimestamp(), Volatile.Read(ref _copy));
        var uses = new List<KeyUse>();
        foreach (var (id, minute) in _uses)
        {
            if (_uses.TryRemove(new(id, minute))) uses.Add(new(id, minute));
        }

        var view = await look(new LookAtKeys(known?.Version ?? 0, [.. uses]));
        var keys = view.Keys is { } newer
            ? newer.ToFrozenDictionary(static key => key.Id, static key => new KnownKey(key))
            : known?.Keys ?? FrozenDictionary<string, KnownKey>.Empty;
        var copy = new Copy(view.Version, view.MacKey, keys, askedAt);

        // Asked before a key was made or revoked here: for who waits for it, and nobody after that.
        lock (_gate)
        {
            if (forgotten != Interlocked.Read(ref _forgotten)) return copy;
            Volatile.Write(ref _copy, copy);
            _noneHeard = view.Version == 0;
        }

        return copy;
    }

    /// <param name="AskedAt">Before the question was sent: all that was acknowledged by then is in it.</param>
    private sealed record Copy(long Version, byte[]? MacKey, FrozenDictionary<string, KnownKey> Keys, long AskedAt);
}
