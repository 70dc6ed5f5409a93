using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Contracts;
using Holdfast.Contracts.Counters;
using Holdfast.Domain.Counters;
using Holdfast.Domain.Owner;
using Holdfast.Grains.Hosting;
using Holdfast.Journal;
using Holdfast.Journal.Writing;
using Holdfast.Tests;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Holdfast.Rings.Cluster;

/// <summary>Streams that take longer to read than anybody waits.</summary>
public sealed class StreamLoadTests : IDisposable
{
    private const string Stream = "counter/old";

    /// <summary>Several pages; each row is one event that adds one.</summary>
    private const int Rows = 900;

    private readonly TempDirectory _directory = new();
    private SlowStore? _store;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_load_that_is_cut_off_goes_on_and_is_not_begun_again()
    {
        await using (var first = await Start()) await Fill(first.Services);
        using var pages = new SemaphoreSlim(0);
        await using var cluster = await Start(journal => journal.LoadPatience = TimeSpan.FromMilliseconds(50));
        _store!.BeforePage = _ => pages.WaitAsync(HoldfastCluster.Patience);
        var counter = cluster.Grains.GetGrain<ICounter>("old");

        var refused = await Assert.ThrowsAsync<RetryableException>(async () => await counter.Read());
        Assert.Equal(RetryReason.Loading, refused.Reason);
        pages.Release(2);
        refused = await Assert.ThrowsAsync<RetryableException>(async () => await counter.Read());
        Assert.Equal(RetryReason.Loading, refused.Reason);

        // Somebody else has the stream for a while: what is taken up again must not end where the load once wanted to end.
        await Append(cluster.Services.GetRequiredService<IJournalStore>(), Rows);
        pages.Release(100);

        Assert.Equal(Rows + 1, await UntilLoaded(counter));
        Assert.Equal(_store.Pages.Distinct(), _store.Pages);
        Assert.InRange(_store.Pages.Count, 4, 6);
    }

    [Fact]
    public async Task A_load_that_takes_long_leaves_snapshots_from_which_the_next_process_goes_on()
    {
        await using (var first = await Start(EagerlyStored))
        {
            await Fill(first.Services);
            _store!.BeforePage = after => after > Rows / 2 ? Task.FromException(new JournalStoreException("The store is away.")) : Task.CompletedTask;
            var load = Load(first, CounterKind.Instance);
            Assert.False(await load.ReadNewest(default));
            await Assert.ThrowsAsync<JournalStoreException>(() => load.Continue(default));
            Assert.InRange(load.Version, Rows / 2, Rows - 1);
            Assert.Equal(load.Version, (await first.Services.GetRequiredService<ISnapshots>().Read(Stream))!.Version);
        }

        await using var second = await Start();
        Assert.Equal(Rows, await UntilLoaded(second.Grains.GetGrain<ICounter>("old")));
        Assert.InRange(_store!.Pages.Min(), Rows / 2, Rows);
    }

    [Theory]
    [InlineData("counter/2", true)]
    [InlineData("counter/1", true)]
    [InlineData("counter/0", false)]
    public async Task A_snapshot_of_a_former_shape_is_read_as_that(string shape, bool known)
    {
        await using var cluster = await Start();
        await Fill(cluster.Services);
        var state = Encoding.UTF8.GetBytes("""{"value":1000000,"receipts":{"spilledUntil":0,"kept":[]}}""");
        await cluster.Services.GetRequiredService<ISnapshots>().Write(Stream, new(Rows, 0, shape, state, null));

        var load = Load(cluster, new ReshapedCounter());
        if (!await load.ReadNewest(default)) await load.Continue(default);

        Assert.Equal(known ? 1_000_000 : Rows, load.State.Value);
        Assert.Equal(Rows, load.Version);
    }

    [Fact]
    public async Task What_nobody_asks_for_any_more_is_dropped_once_it_is_read()
    {
        var clock = new FakeTimeProvider();
        using var loads = Loads(clock);
        var load = new PacedLoad("a/1");
        await CutOff(loads, load, clock);
        clock.Advance(TimeSpan.FromMinutes(20));
        Assert.Same(load, loads.Take(load.Stream));
        Assert.Null(loads.Take(load.Stream));

        await CutOff(loads, load, clock);
        load.End.SetResult();
        await load.Running!;
        clock.Advance(TimeSpan.FromMinutes(4));
        Assert.Same(load, loads.Take(load.Stream));
        load.Running = null;
        load.End = new();
        await CutOff(loads, load, clock);
        load.End.SetResult();
        await load.Running!;
        clock.Advance(TimeSpan.FromMinutes(7));

        Assert.Null(loads.Take(load.Stream));
    }

    [Fact]
    public async Task Loads_that_go_on_are_bounded_in_number()
    {
        var clock = new FakeTimeProvider();
        using var loads = Loads(clock);
        var all = Enumerable.Range(0, StreamLoads.MaxKept + 1).Select(static i => new PacedLoad($"a/{i}")).ToArray();
        foreach (var load in all) await CutOff(loads, load, clock);

        Assert.All(all[..^1], static load => Assert.False(load.GivenUp));
        Assert.True(all[^1].GivenUp);
        Assert.Null(loads.Take(all[^1].Stream));
        Assert.Same(all[0], loads.Take(all[0].Stream));
    }

    [Fact]
    public async Task A_load_that_failed_on_what_it_read_is_not_taken_up()
    {
        var clock = new FakeTimeProvider();
        using var loads = Loads(clock);
        var (unreadable, away) = (new PacedLoad("a/1"), new PacedLoad("a/2"));
        await CutOff(loads, unreadable, clock);
        await CutOff(loads, away, clock);
        unreadable.End.SetException(new JsonException("Half a row is in the state."));
        away.End.SetException(new JournalStoreException("The store is away."));

        await Assert.ThrowsAsync<JsonException>(() => unreadable.Running!);
        await Assert.ThrowsAsync<JournalStoreException>(() => away.Running!);
        Assert.Null(loads.Take(unreadable.Stream));
        Assert.Same(away, loads.Take(away.Stream));
    }

    private static StreamLoads Loads(TimeProvider clock) => new(clock, Options.Create(new JournalOptions()), NullLogger<StreamLoads>.Instance);

    private static async Task CutOff(StreamLoads loads, PacedLoad load, FakeTimeProvider clock)
    {
        var finishing = loads.Finish(load, default);
        clock.Advance(new JournalOptions().LoadPatience);
        Assert.Equal(RetryReason.Loading, (await Assert.ThrowsAsync<RetryableException>(() => finishing)).Reason);
    }

    private static StreamLoad<CounterState, CounterEvent> Load(HoldfastCluster cluster, OwnerKind<CounterState, CounterEvent> definition) =>
        new(definition, "old", cluster.Services.GetRequiredService<OwnerServices>(), NullLogger.Instance);

    private static void EagerlyStored(JournalOptions journal) => (journal.LoadSnapshotPeriod, journal.MinSnapshotTail) = (TimeSpan.Zero, 1);

    private async Task<HoldfastCluster> Start(Action<JournalOptions>? configure = null) => await HoldfastCluster.Start(_directory.Path, silo =>
    {
        silo.Services.Decorate<IJournalStore>(inner => _store = new SlowStore(inner));
        if (configure is not null) silo.Services.Configure(configure);
    });

    private static async Task<long> UntilLoaded(ICounter counter)
    {
        var until = TimeProvider.System.GetUtcNow() + HoldfastCluster.Patience;
        while (true)
        {
            try
            {
                return (await counter.Read()).Value;
            }
            catch (RetryableException exception) when (exception.Reason == RetryReason.Loading && TimeProvider.System.GetUtcNow() < until)
            {
                await Task.Yield();
            }
        }
    }

    private static async Task Fill(IServiceProvider services)
    {
        var store = services.GetRequiredService<IJournalStore>();
        for (var i = 0; i < Rows; i++) await Append(store, i);
    }

    private static async Task Append(IJournalStore store, long version)
    {
        var at = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddSeconds(version);
        CounterEvent[] events = [new CounterEvent.Incremented(Guid.NewGuid(), 1, 1, version + 1)];
        var json = JsonSerializer.SerializeToUtf8Bytes(events, CounterKind.Instance.Events);
        var result = await store.Commit([new(Stream, version, Guid.NewGuid(), at, 1, json, [], [])], []);
        Assert.Equal([AppendStatus.Committed], result.Appends);
    }

    private sealed class SlowStore(IJournalStore inner) : ForwardingStore(inner)
    {
        public ConcurrentQueue<long> Pages { get; } = [];

        /// <summary>Hears after which version a page is asked for.</summary>
        public Func<long, Task> BeforePage { get; set; } = static _ => Task.CompletedTask;

        public override async Task<IReadOnlyList<JournalRow>> ReadForward(string stream, long after, int limit, CancellationToken cancellationToken)
        {
            await BeforePage(after);
            var page = await Inner.ReadForward(stream, after, limit, cancellationToken);
            if (stream == Stream) Pages.Enqueue(after);
            return page;
        }
    }

    private sealed class PacedLoad(string stream) : IStreamLoad
    {
        public TaskCompletionSource End { get; set; } = new();

        public bool GivenUp { get; private set; }

        public string Stream => stream;

        public long Version => 0;

        public long LastVersion => 1;

        public Task? Running { get; set; }

        public Task Continue(CancellationToken cancellationToken) => End.Task;

        public void GiveUp() => GivenUp = true;
    }

    /// <summary>A counter as a later version might write it.</summary>
    private sealed class ReshapedCounter : OwnerKind<CounterState, CounterEvent>
    {
        private static readonly SnapshotFormat<CounterState> Today = CounterKind.Instance.Snapshots;

        public override string Name => "counter";

        public override JsonTypeInfo<CounterEvent[]> Events => CounterKind.Instance.Events;

        public override SnapshotFormat<CounterState> Snapshots { get; } =
            Today with { Shape = "counter/2", Former = new Dictionary<string, Func<string, ReadOnlyMemory<byte>, CounterState>> { [Today.Shape] = Today.Restore } };

        public override CounterState NewState(string key) => CounterKind.Instance.NewState(key);

        public override bool Publishes(CounterEvent @event) => CounterKind.Instance.Publishes(@event);
    }
}
