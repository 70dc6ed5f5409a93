using System.Collections.Concurrent;
using System.Text;
using Holdfast.Contracts;
using Holdfast.Contracts.Counters;
using Holdfast.Journal;
using Holdfast.Journal.Writing;
using Holdfast.Tests;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Rings.Cluster;

/// <summary>Which snapshots an owner writes, and which ones it believes.</summary>
public sealed class SnapshotTests : IDisposable
{
    /// <summary>More than an owner reads before it looks for a snapshot.</summary>
    private const int LongStream = 40;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Nothing_is_in_a_snapshot_before_it_is_committed()
    {
        const int Failures = 10;
        HoldfastCluster? cluster = null;
        var ahead = new ConcurrentQueue<string>();
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var started = cluster = await HoldfastCluster.Start(_directory.Path, silo =>
        {
            silo.Services.Configure<JournalOptions>(journal => journal.MinSnapshotTail = 1);
            silo.Services.Decorate<ISnapshots>(inner => new WatchedSnapshots(inner, async (stream, version) =>
            {
                var durable = await cluster!.Store.ReadBackward(stream, long.MaxValue, 1, CancellationToken.None);
                if (durable.Count == 0 || durable[0].LastVersion < version) ahead.Enqueue($"{stream} at {version}");
                if (durable.Count > 0) written.TrySetResult();
            }));
        });
        var counter = cluster.Grains.GetGrain<ICounter>("young");
        var left = Failures;
        cluster.Store.Fault = appends => appends.Any(append => append.Stream == "counter/young") && Interlocked.Decrement(ref left) >= 0
            ? StoreFault.LostBefore
            : StoreFault.None;
        var failed = 0;
        for (; ; failed++)
        {
            try
            {
                await counter.Increment(new(HoldfastCluster.NewOperation(), 1));
                break;
            }
            catch (RetryableException) when (failed < 10 * Failures)
            {
                await Task.Yield();
            }
        }

        await written.Task.WaitAsync(HoldfastCluster.Patience);
        Assert.True(failed >= Failures, $"Only {failed} appends failed.");
        Assert.Empty(ahead);
    }

    [Theory]
    [InlineData(LongStream, "counter/1", true)]
    [InlineData(LongStream - 10, "counter/1", true)]
    [InlineData(1, "counter/1", true)]
    [InlineData(LongStream, "counter/0", false)]
    [InlineData(LongStream + 1, "counter/1", false)]
    public async Task A_snapshot_is_used_only_in_its_own_shape_and_at_the_end_of_an_append(int version, string shape, bool used)
    {
        var operations = Enumerable.Range(0, LongStream).Select(static _ => HoldfastCluster.NewOperation()).ToArray();
        await using (var first = await HoldfastCluster.Start(_directory.Path))
        {
            var counter = first.Grains.GetGrain<ICounter>("old");
            foreach (var operation in operations) await counter.Increment(new(operation, 1));
            var state = Encoding.UTF8.GetBytes("""{"value":1000,"receipts":{"spilledUntil":0,"kept":[]}}""");
            await first.Services.GetRequiredService<ISnapshots>().Write("counter/old", new(version, 0, shape, state, null));
        }

        await using var second = await HoldfastCluster.Start(_directory.Path);
        var loaded = second.Grains.GetGrain<ICounter>("old");
        Assert.Equal(used && version == LongStream ? 1_000 : LongStream, (await loaded.Read()).Value);

        // This snapshot has no receipts: those that are known are of the rows that were replayed, each of which is.
        for (var i = 0; i < LongStream; i++) Assert.Equal(!used || i >= version, (await loaded.Increment(new(operations[i], 1))).Replayed);
    }

    private sealed class WatchedSnapshots(ISnapshots inner, Func<string, long, Task> watch) : ISnapshots
    {
        public Task<Snapshot?> Read(string stream) => inner.Read(stream);

        public async Task<Snapshot> Write(string stream, Snapshot snapshot)
        {
            await watch(stream, snapshot.Version);
            return await inner.Write(stream, snapshot);
        }

        public Task Erase(string stream) => inner.Erase(stream);
    }
}
