using Holdfast.Contracts;
using Holdfast.Contracts.Counters;
using Holdfast.Contracts.Profiles;
using Holdfast.Journal;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Rings.Cluster;

/// <summary>What the base that all owners share promises, seen through real grains on the real store.</summary>
public sealed class GroupCommitTests : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private HoldfastCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await HoldfastCluster.Start(_directory.Path);

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Parallel_increments_share_appends_and_none_is_lost()
    {
        var counter = _cluster.Grains.GetGrain<ICounter>("visits");
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 2_000).Select(async _ => await counter.Increment(new(HoldfastCluster.NewOperation(), 1))));
        Assert.Equal(Enumerable.Range(1, 2_000).Select(i => (long)i), outcomes.Select(outcome => outcome.Value).Order());
        var rows = await _cluster.Store.ReadForward("counter/visits", 0, 10_000, CancellationToken.None);
        Assert.InRange(rows.Count, 1, 1_000);
        Assert.Equal(2_000, rows[^1].LastVersion);
    }

    [Fact]
    public async Task A_repeated_operation_gets_the_first_answer_and_another_content_is_refused()
    {
        var counter = _cluster.Grains.GetGrain<ICounter>("repeats");
        var operation = HoldfastCluster.NewOperation();
        Assert.Equal(new(IncrementStatus.Incremented, 5), await counter.Increment(new(operation, 5)));
        await counter.Increment(new(HoldfastCluster.NewOperation(), 1));
        Assert.Equal(new(IncrementStatus.Incremented, 5, Replayed: true), await counter.Increment(new(operation, 5)));
        Assert.Equal(IncrementStatus.KeyReused, (await counter.Increment(new(operation with { Fingerprint = 2 }, 6))).Status);
        Assert.Equal(6, (await counter.Read()).Value);
    }

    [Theory]
    [InlineData(StoreFault.LostBefore, RetryReason.Unknown)]
    [InlineData(StoreFault.LostAfter, RetryReason.Unknown)]
    [InlineData(StoreFault.Refused, RetryReason.Refused)]
    internal async Task A_failed_append_ends_the_activation_and_a_retry_takes_effect_once(StoreFault fault, RetryReason reason)
    {
        var counter = _cluster.Grains.GetGrain<ICounter>("faults");
        await counter.Increment(new(HoldfastCluster.NewOperation(), 1));
        var armed = 1;
        _cluster.Store.Fault = appends =>
            appends.Any(append => append.Stream == "counter/faults") && Interlocked.Exchange(ref armed, 0) == 1 ? fault : StoreFault.None;
        var operation = HoldfastCluster.NewOperation();
        var failure = await Assert.ThrowsAsync<RetryableException>(async () => await counter.Increment(new(operation, 10)));
        Assert.Equal(reason, failure.Reason);
        var outcome = await Retry(() => counter.Increment(new(operation, 10)));
        Assert.Equal((11L, fault == StoreFault.LostAfter), (outcome.Value, outcome.Replayed));
        Assert.Equal(11, (await counter.Read()).Value);
    }

    [Fact]
    public async Task Everyone_behind_a_failed_append_is_told_at_once_and_no_decision_survives_it()
    {
        var product = _cluster.Product("tea");
        await _cluster.CreateProduct("tea", 100);
        using var held = new ManualResetEventSlim();
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _cluster.Store.BeforeCommit = appends =>
        {
            if (!appends.Any(append => append.Stream == "product/tea")) return;
            first.TrySetResult();
            held.Wait(HoldfastCluster.Patience);
        };
        _cluster.Store.Fault = appends => appends.Any(append => append.Stream == "product/tea") ? StoreFault.LostBefore : StoreFault.None;
        var deadline = TimeProvider.System.GetUtcNow() + HoldfastCluster.Patience;
        var reserves = Enumerable.Range(0, 50)
            .Select(_ => product.Reserve(new(HoldfastCluster.NewOperation(), 1, TimeSpan.FromMinutes(1), deadline)).AsTask())
            .ToArray();
        await first.Task.WaitAsync(HoldfastCluster.Patience);
        held.Set();
        foreach (var reserve in reserves) await Assert.ThrowsAsync<RetryableException>(() => reserve);
        (_cluster.Store.BeforeCommit, _cluster.Store.Fault) = (null, _ => StoreFault.None);
        var stock = await Retry(() => product.ReadStock());
        Assert.Equal((100L, 0L), (stock!.OnHand, stock.Reserved));
    }

    [Fact]
    public async Task A_read_is_not_answered_before_what_it_saw_is_durable()
    {
        var product = _cluster.Product("cup");
        await _cluster.CreateProduct("cup", 5);
        using var held = new ManualResetEventSlim();
        var committing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _cluster.Store.BeforeCommit = appends =>
        {
            if (!appends.Any(append => append.Stream == "product/cup")) return;
            committing.TrySetResult();
            held.Wait(HoldfastCluster.Patience);
        };
        var adjust = product.Adjust(new(HoldfastCluster.NewOperation(), 3, "received", null)).AsTask();
        await committing.Task.WaitAsync(HoldfastCluster.Patience);
        var read = product.ReadStock().AsTask();
        var other = await _cluster.Grains.GetGrain<ICounter>("unrelated").Read().AsTask().WaitAsync(HoldfastCluster.Patience);
        Assert.Equal(0, other.Value);
        Assert.False(read.IsCompleted, "The read must wait for the append that it saw.");
        held.Set();
        Assert.Equal(8, (await adjust).OnHand);
        Assert.Equal(8, (await read)!.OnHand);
    }

    [Fact]
    public async Task A_stale_activation_conflicts_instead_of_overwriting()
    {
        var counter = _cluster.Grains.GetGrain<ICounter>("stale");
        await counter.Increment(new(HoldfastCluster.NewOperation(), 1));

        await Overtake("stale", 1);
        var operation = HoldfastCluster.NewOperation();
        var failure = await Assert.ThrowsAsync<RetryableException>(async () => await counter.Increment(new(operation, 1)));
        Assert.Equal(RetryReason.Conflict, failure.Reason);
        Assert.Equal(102, (await Retry(() => counter.Increment(new(operation, 1)))).Value);
    }

    [Theory]
    [InlineData(ReadConsistency.Strong, true)]
    [InlineData(ReadConsistency.Default, false)]
    public async Task An_append_that_was_committed_before_a_read_came_does_not_vouch_for_it(ReadConsistency consistency, bool leaseIsHeld)
    {
        await _cluster.DisposeAsync();
        var lease = new SwitchedLease { IsHeld = leaseIsHeld };
        _cluster = await HoldfastCluster.Start(_directory.Path, silo => silo.Services.AddSingleton<IReadLease>(lease));
        var counter = _cluster.Grains.GetGrain<ICounter>("late");

        // The store has committed, and its word is late: as of a silo that is paused in this moment and declared dead.
        using var held = new ManualResetEventSlim();
        var committed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _cluster.Store.AfterCommit = (appends, _) =>
        {
            if (appends is not [{ Stream: "counter/late", FirstVersion: 1 }]) return;
            committed.TrySetResult();
            held.Wait(HoldfastCluster.Patience);
        };
        var increment = counter.Increment(new(HoldfastCluster.NewOperation(), 1)).AsTask();
        await committed.Task.WaitAsync(HoldfastCluster.Patience);
        await Overtake("late", 1);
        var read = counter.Read(consistency).AsTask();
        var unrelated = await _cluster.Grains.GetGrain<ICounter>("unrelated").Read().AsTask().WaitAsync(HoldfastCluster.Patience);
        Assert.Equal(0, unrelated.Value);
        held.Set();

        Assert.Equal(1, (await increment).Value);
        var failure = await Assert.ThrowsAsync<RetryableException>(() => read);
        Assert.Equal(RetryReason.Conflict, failure.Reason);
        Assert.Equal(101, (await Retry(() => counter.Read(consistency))).Value);
    }

    [Fact]
    public async Task A_history_longer_than_a_page_is_loaded_from_its_snapshot()
    {
        var counter = _cluster.Grains.GetGrain<ICounter>("long");
        for (var round = 0; round < 300; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => await counter.Increment(new(HoldfastCluster.NewOperation(), 1))));
        }

        await _cluster.Kill();
        _cluster = await HoldfastCluster.Start(_directory.Path);
        counter = _cluster.Grains.GetGrain<ICounter>("long");
        Assert.Equal(6_000, (await counter.Read()).Value);
        Assert.Equal(6_001, (await counter.Increment(new(HoldfastCluster.NewOperation(), 1))).Value);
    }

    [Fact]
    public async Task An_erased_profile_is_gone_from_every_file_and_is_not_brought_back_by_a_late_retry()
    {
        const string Secret = "Wilhelmina-Unforgettable";
        var profile = _cluster.Grains.GetGrain<IUserProfile>("u1");
        var put = new EditProfile(HoldfastCluster.NewOperation(), $$"""{"displayName":"{{Secret}}"}""");
        Assert.Equal(ProfileStatus.Created, (await profile.Put(put)).Status);
        await profile.Patch(new(HoldfastCluster.NewOperation(), $$"""{"locale":"{{Secret}}"}"""));
        Assert.NotEmpty(_directory.FilesWith(Secret));
        Assert.Equal(ProfileStatus.Erased, (await profile.Erase(new(HoldfastCluster.NewOperation()))).Status);
        Assert.Empty(_directory.FilesWith(Secret));
        await _cluster.Kill();
        _cluster = await HoldfastCluster.Start(_directory.Path);
        profile = _cluster.Grains.GetGrain<IUserProfile>("u1");
        Assert.Null(await profile.Read());
        Assert.Equal(ProfileStatus.Erased, (await profile.Put(put)).Status);
        Assert.Null(await profile.Read());
        Assert.Equal(ProfileStatus.Created, (await profile.Put(put with { Operation = HoldfastCluster.NewOperation() })).Status);
    }

    /// <summary>Another writer adds 100 to a counter that stands at 1, as a second activation of the same grain would.</summary>
    private async Task Overtake(string counter, long version)
    {
        var other = "[{\"type\":\"counter.incremented\",\"operation\":\"" + Guid.NewGuid() + "\",\"fingerprint\":1,\"delta\":100,\"value\":101}]";
        var result = await _cluster.Store.Commit(
            [new($"counter/{counter}", version, Guid.NewGuid(), TimeProvider.System.GetUtcNow(), 1, System.Text.Encoding.UTF8.GetBytes(other), [], [])], []);
        Assert.Equal([AppendStatus.Committed], result.Appends);
    }

    private static async Task<T> Retry<T>(Func<ValueTask<T>> call)
    {
        for (var left = 100; ; left--)
        {
            try
            {
                return await call();
            }
            catch (RetryableException) when (left > 0)
            {
                await Task.Yield();
            }
        }
    }
}
