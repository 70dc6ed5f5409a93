using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Grains.Callers;
using Holdfast.Journal;
using Holdfast.Journal.Sqlite;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Holdfast.Tests.Grains.Callers;

/// <summary>When keys were last used: stored beside those who ask, and lost by no store that is away for a while.</summary>
public sealed class KeyUsesTests : IAsyncLifetime
{
    private const string Stream = "keyring/keys";

    private static readonly StoredKey[] Keys =
        [.. new[] { "a", "b" }.Select(static id => new StoredKey(id, id, [], "", 1, DateTimeOffset.UnixEpoch))];

    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
    private WeakStore _store = null!;
    private KeyUses _uses = null!;

    public async Task InitializeAsync()
    {
        _store = new(new SqliteJournalStore(new(_directory.Path), _clock, NullLogger<SqliteJournalStore>.Instance));
        await _store.Initialize(default);
        _uses = new(_store, _clock);
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task What_the_store_does_not_take_is_stored_when_it_does()
    {
        _store.Write = static () => throw new JournalStoreException("It is read-only.");
        await Add(("a", 5));
        Assert.Empty(await Stored());

        _store.Write = static () => Task.CompletedTask;
        await Add();
        Assert.Empty(await Stored());
        _clock.Advance(TimeSpan.FromMinutes(1));
        await Add();
        Assert.Equal([("a", 5L)], await Stored());
    }

    [Fact]
    public async Task One_write_is_under_way_at_a_time_and_nobody_waits_for_it()
    {
        var written = new TaskCompletionSource();
        _store.Write = () => written.Task;
        _uses.Add(Stream, [new("a", 5)], Keys);
        await Eventually.True(() => Task.FromResult(_store.Writes == 1), static () => "the use should be on its way to the store");
        _clock.Advance(TimeSpan.FromHours(1));
        _uses.Add(Stream, [new("b", 6)], Keys);
        Assert.False(_uses.Idle.IsCompleted);
        Assert.Equal([("a", 5L), ("b", 6L)], Pairs(await _uses.Read(Stream)));

        written.SetResult();
        await _uses.Idle;
        Assert.Equal(1, _store.Writes);
        await Add();
        Assert.Equal([("a", 5L), ("b", 6L)], await Stored());
    }

    [Fact]
    public async Task The_row_is_read_once_whoever_asks_meanwhile_and_again_when_it_could_not_be_read()
    {
        await Add(("a", 5));
        var read = new TaskCompletionSource();
        _store.Read = () => read.Task;
        var uses = new KeyUses(_store, _clock);
        var before = _store.Reads;
        uses.Add(Stream, [new("b", 6)], Keys);
        var (first, second) = (uses.Read(Stream).AsTask(), uses.Read(Stream).AsTask());
        read.SetResult();
        Assert.Same(await first, await second);
        await uses.Idle;
        Assert.Equal(before + 1, _store.Reads);
        Assert.Equal([("a", 5L), ("b", 6L)], await Stored());

        _store.Read = static () => throw new JournalStoreException("It is away.");
        uses = new KeyUses(_store, _clock);
        await Assert.ThrowsAsync<RetryableException>(() => uses.Read(Stream).AsTask());
        _store.Read = static () => Task.CompletedTask;
        Assert.Equal([("a", 5L), ("b", 6L)], Pairs(await uses.Read(Stream)));
    }

    [Fact]
    public async Task Of_a_key_that_is_forgotten_nothing_is_kept()
    {
        await Add(("a", 5), ("b", 6));
        _clock.Advance(TimeSpan.FromMinutes(1));
        _uses.Add(Stream, [new("b", 7)], [Keys[1]]);
        await _uses.Idle;
        Assert.Equal([("b", 7L)], await Stored());
    }

    private async Task Add(params (string Id, long Minute)[] uses)
    {
        _uses.Add(Stream, [.. uses.Select(static use => new KeyUse(use.Id, use.Minute))], Keys);
        await _uses.Idle;
    }

    private async Task<(string Id, long Minute)[]> Stored() => Pairs(await new KeyUses(_store, _clock).Read(Stream));

    private static (string Id, long Minute)[] Pairs(IReadOnlyDictionary<string, long> minutes) =>
        [.. minutes.OrderBy(static use => use.Key, StringComparer.Ordinal).Select(static use => (use.Key, use.Value))];

    private sealed class WeakStore(IJournalStore inner) : ForwardingStore(inner)
    {
        public Func<Task> Read { get; set; } = static () => Task.CompletedTask;

        public Func<Task> Write { get; set; } = static () => Task.CompletedTask;

        public int Reads { get; private set; }

        public int Writes { get; private set; }

        public override async Task<ReadOnlyMemory<byte>?> ReadSecret(string stream, string name, CancellationToken cancellationToken)
        {
            Reads++;
            await Read();
            return await base.ReadSecret(stream, name, cancellationToken);
        }

        public override async Task<ReadOnlyMemory<byte>> WriteSecret(
            string stream, string name, ReadOnlyMemory<byte> value, bool replaces, CancellationToken cancellationToken)
        {
            Writes++;
            await Write();
            return await base.WriteSecret(stream, name, value, replaces, cancellationToken);
        }
    }
}
