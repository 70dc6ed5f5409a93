using System.Security.Cryptography;
using System.Text;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Problems;
using Holdfast.Contracts.Callers;
using Microsoft.Extensions.Time.Testing;

namespace Holdfast.Tests.Api.Http.Callers;

/// <summary>What a front door knows of keys: asked in time, never by those who wait, and closed when nobody answers.</summary>
public sealed class KnownKeysTests
{
    private static readonly byte[] Mac = new byte[KeyText.MacKeyBytes];

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
    private readonly List<LookAtKeys> _asked = [];
    private readonly Dictionary<string, StoredKey> _live = [];
    private readonly KnownKeys _keys;
    private long _version = 1;
    private Exception? _away;
    private TaskCompletionSource? _slow;
    private TimeSpan _takes;

    public KnownKeysTests() => _keys = new(Look, _clock);

    [Fact]
    public async Task A_key_that_is_known_costs_no_question_for_seconds()
    {
        var key = Made("shop");
        Assert.Equal("key:shop", (await Find(key))?.Id);
        await Settled();
        var asked = _asked.Count;
        for (var i = 0; i < 100; i++) Assert.NotNull(await Find(key));
        _clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.NotNull(await Find(key));
        Assert.Equal(asked, _asked.Count);
    }

    [Fact]
    public async Task An_invented_key_costs_no_question()
    {
        await Find(Made("shop"));
        await Settled();
        var asked = _asked.Count;
        for (var i = 0; i < 10; i++) Assert.Null(await Find(KeyText.Draw([1]).Text));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(await Find(KeyText.Draw([1]).Text));
        Assert.Equal(asked, _asked.Count);
    }

    [Fact]
    public async Task What_has_not_the_form_of_a_key_costs_no_question()
    {
        var key = KeyText.Draw(Mac).Text;
        string[] texts = ["", "hf_", "hf_x", key[..^1], key + "0", key.ToUpperInvariant(), key.Replace('_', '-'), key[..^1] + "g"];
        foreach (var text in texts) Assert.Null(await Find(text));
        Assert.Empty(_asked);
    }

    [Fact]
    public async Task Before_the_first_key_a_text_costs_one_question_a_second()
    {
        _version = 0;
        for (var i = 0; i < 10; i++) Assert.Null(await Find(KeyText.Draw(Mac).Text));
        Assert.Single(_asked);
        var first = Made("shop");
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(await Find(first));
    }

    [Fact]
    public async Task Whoever_can_make_macs_but_does_not_know_the_secret_has_no_key()
    {
        var parts = Made("shop").Split('_');
        Assert.NotNull(await Find(Signed($"hf_{parts[1]}_{parts[2]}")));
        Assert.Null(await Find(Signed($"hf_{parts[1]}_{new string('0', parts[2].Length)}")));
        await Settled();
        Assert.Null(await Find(Signed($"hf_{parts[1]}_{parts[2][..^1]}{(parts[2][^1] == '0' ? '1' : '0')}")));

        static string Signed(string head) =>
            $"{head}_{Convert.ToHexStringLower(HMACSHA256.HashData(Mac, Encoding.ASCII.GetBytes(head)).AsSpan(0, 16))}";
    }

    [Fact]
    public async Task An_answer_that_was_long_under_way_lets_nobody_in()
    {
        var key = Made("shop");
        _slow = new();
        var (first, joined) = (Find(key), _keys.WereMade(default).AsTask());
        await Eventually.True(() => _asked.Count == 1, static () => "the owner of the keys should be asked");
        _live.Clear();
        _version++;
        _clock.Advance(KnownKeys.Bound);
        Interlocked.Exchange(ref _slow, null).SetResult();
        Assert.Null(await first);
        Assert.True(await joined);
        Assert.InRange(_asked.Count, 2, 4);
    }

    [Fact]
    public async Task Nobody_waits_on_for_an_owner_of_the_keys_who_is_always_too_slow()
    {
        var key = Made("shop");
        _takes = KnownKeys.Bound;
        await Assert.ThrowsAsync<RefusedRequestException>(() => Find(key));
        await Assert.ThrowsAsync<RefusedRequestException>(() => _keys.WereMade(default).AsTask());
        _takes = TimeSpan.Zero;
        Assert.NotNull(await Find(key));
    }

    [Fact]
    public async Task A_revoked_key_holds_for_no_longer_than_five_seconds()
    {
        var key = Made("shop");
        Assert.NotNull(await Find(key));
        await Settled();
        _live.Clear();
        _version++;
        _clock.Advance(KnownKeys.Bound - TimeSpan.FromTicks(1));
        await Find(key);
        await Settled();
        Assert.Null(await Find(key));

        // And when the front door has not been asked anything meanwhile.
        _clock.Advance(TimeSpan.FromTicks(1));
        var other = Made("other");
        Assert.NotNull(await Find(other));
        await Settled();
        _live.Clear();
        _version++;
        _clock.Advance(KnownKeys.Bound);
        Assert.Null(await Find(other));
    }

    [Fact]
    public async Task Nobody_comes_in_when_the_owner_of_the_keys_is_away_for_longer_than_that()
    {
        var key = Made("shop");
        Assert.NotNull(await Find(key));
        await Settled();
        _away = new TimeoutException("nobody answers");
        _clock.Advance(KnownKeys.Bound - TimeSpan.FromTicks(1));
        Assert.NotNull(await Find(key));
        await Settled();
        _clock.Advance(TimeSpan.FromTicks(1));
        await Assert.ThrowsAsync<TimeoutException>(() => Find(key));
        await Assert.ThrowsAsync<TimeoutException>(() => _keys.WereMade(default).AsTask());

        _away = null;
        Assert.NotNull(await Find(key));
    }

    [Fact]
    public async Task Nobody_comes_in_before_the_owner_of_the_keys_has_answered_once()
    {
        _away = new TimeoutException("nobody answers");
        await Assert.ThrowsAsync<TimeoutException>(() => Find(Made("shop")));
        await Assert.ThrowsAsync<TimeoutException>(() => _keys.WereMade(default).AsTask());
    }

    [Fact]
    public async Task A_key_that_was_made_elsewhere_a_moment_ago_is_found()
    {
        Assert.NotNull(await Find(Made("shop")));
        await Settled();
        _clock.Advance(TimeSpan.FromSeconds(1));
        var other = Made("other");
        Assert.Equal("key:other", (await Find(other))?.Id);
    }

    [Fact]
    public async Task A_key_ends_at_its_end_without_a_question()
    {
        var key = Made("shop", _clock.GetUtcNow().AddSeconds(1));
        Assert.NotNull(await Find(key));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await Find(key));
    }

    [Fact]
    public async Task The_use_of_a_key_is_told_once_a_minute()
    {
        var key = Made("shop");
        for (var i = 0; i < 10; i++) await Find(key);
        await Settled();
        await Find(Made("other"));
        await Settled();
        var minute = _clock.GetUtcNow().ToUnixTimeSeconds() / 60;
        Assert.Equal([minute], Uses(key));

        _clock.Advance(TimeSpan.FromMinutes(1));
        await Find(key);
        await Settled();
        Assert.Equal([minute, minute + 1], Uses(key));
    }

    [Fact]
    public async Task A_known_key_is_found_with_little_to_collect()
    {
        var key = Made("shop");
        for (var i = 0; i < 10; i++) await Find(key);
        await Settled();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++) await _keys.Find(key, default);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1_000, 0, 128);
    }

    private long[] Uses(string key) => [.. _asked.SelectMany(static look => look.Uses)
        .Where(use => key.Contains(use.Id, StringComparison.Ordinal)).Select(static use => use.Minute).Order()];

    private Task<Caller?> Find(string key) => _keys.Find(key, default).AsTask();

    /// <summary>Waits for the question that is under way beside the requests, which would not join one that has ended.</summary>
    private async Task Settled()
    {
        for (var seen = -1; seen != _asked.Count;)
        {
            seen = _asked.Count;
            await _keys.Idle;
        }
    }

    private string Made(string name, DateTimeOffset? expiresAt = null)
    {
        var (id, hash, text) = KeyText.Draw(Mac);
        _live[id] = new(id, name, [Scopes.OrdersRead], hash, _live.Count + 1, _clock.GetUtcNow(), expiresAt);
        _version++;
        return text;
    }

    private async ValueTask<KeyringView> Look(LookAtKeys question)
    {
        lock (_asked) _asked.Add(question);
        if (_away is not null) throw _away;
        _clock.Advance(_takes);
        if (_version == 0) return new(0);
        var view = new KeyringView(_version, Mac, question.Known == _version ? null : [.. _live.Values]);
        if (_slow is { } slow) await slow.Task;
        return view;
    }
}
