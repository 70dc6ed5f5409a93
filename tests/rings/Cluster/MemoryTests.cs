using Holdfast.Contracts;
using Holdfast.Contracts.Counters;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Contracts.Profiles;
using Holdfast.Grains.Hosting;
using Holdfast.Tests;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Rings.Cluster;

/// <summary>Who stays in memory, when somebody asks for one owner after the other.</summary>
public sealed class MemoryTests : IAsyncLifetime
{
    private const int Names = 3 * UnknownOwners.Capacity;

    /// <summary>Asked for at a time.</summary>
    private const int Readers = 64;

    private readonly TempDirectory _directory = new();
    private double _share;
    private HoldfastCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await HoldfastCluster.Start(_directory.Path, silo =>
        silo.Services.AddSingleton(new MemoryPressure(TimeProvider.System, NullLogger.Instance, () => Volatile.Read(ref _share), static () => { })));

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("products", "ProductInventory")]
    [InlineData("reservations", "ProductInventory")]
    [InlineData("orders", "OrderSaga")]
    [InlineData("profiles", "UserProfile")]
    [InlineData("counters", "Counter")]
    public async Task Of_the_owners_that_are_not_there_only_the_latest_stay_in_memory(string kind, string grain)
    {
        await Parallel.ForAsync(0, Names, new ParallelOptions { MaxDegreeOfParallelism = Readers }, async (number, _) => await Ask(kind, $"ghost-{number}"));
        await Eventually.True(
            async () => await Activations(grain) <= UnknownOwners.Capacity,
            () => $"no more than {UnknownOwners.Capacity} activations of {grain} should have stayed of {Names} that were asked for");
    }

    [Fact]
    public async Task One_that_is_made_right_after_it_was_asked_for_is_there_and_stays_in_memory()
    {
        await Ask("products", "late");
        await _cluster.CreateProduct("late", 7);
        await Parallel.ForAsync(0, Names, new ParallelOptions { MaxDegreeOfParallelism = Readers }, async (number, _) => await Ask("counters", $"ghost-{number}"));
        Assert.Equal((7, 0), await _cluster.Stock("late"));
        Assert.Equal(1, await Activations("ProductInventory"));
    }

    [Fact]
    public async Task A_silo_that_is_short_of_memory_loads_nobody_and_goes_on_with_whom_it_has()
    {
        await _cluster.CreateProduct("here", 10);
        Volatile.Write(ref _share, 0.9);
        await Eventually.True(() => _cluster.Services.GetRequiredService<MemoryPressure>().IsShort, static () => "memory should have got short");
        foreach (var kind in (string[])["products", "reservations", "orders", "profiles", "counters"])
        {
            var refused = await Assert.ThrowsAsync<RetryableException>(() => Ask(kind, "elsewhere"));
            Assert.Equal(RetryReason.Overloaded, refused.Reason);
        }

        Assert.Equal(ReserveStatus.Reserved, (await Reserve("here")).Status);
        Volatile.Write(ref _share, 0.1);
        await Eventually.True(() => !_cluster.Services.GetRequiredService<MemoryPressure>().IsShort, static () => "there should have been room again");
        Assert.Null(await _cluster.Product("elsewhere").ReadStock());
        Assert.Equal((10, 1), await _cluster.Stock("here"));
    }

    [Theory]
    [InlineData("products")]
    [InlineData("reservations")]
    [InlineData("orders")]
    [InlineData("profiles")]
    [InlineData("counters")]
    public async Task Reads_of_what_is_not_in_memory_wait_for_their_turn_and_keep_nobody_from_what_is_or_from_writing(string kind)
    {
        await _cluster.CreateProduct("here", 10);
        var reads = _cluster.Services.GetRequiredService<ReadLoads>();
        var turns = await TakeAll(reads);
        var waits = Reading(() => Ask(kind, "elsewhere"));
        await Eventually.True(() => reads.Waiting == 1, static () => "the read should wait for its turn");

        Assert.Equal((10, 0), await Reading(() => _cluster.Stock("here")));
        await _cluster.CreateProduct("new", 5);
        await HoldfastCluster.Terminal(await _cluster.Place("tok_ok", new OrderLine("new", 1)));
        Assert.False(waits.IsCompleted);

        foreach (var turn in turns) turn.Dispose();
        await waits;
    }

    [Fact]
    public async Task Idle_owners_leave_the_sooner_the_less_memory_there_is()
    {
        for (var number = 0; number < 20; number++) await _cluster.CreateProduct($"tea-{number}", 1);
        Assert.Equal(20, await Activations("ProductInventory"));
        Volatile.Write(ref _share, 0.7);
        await Eventually.True(async () => await Activations("ProductInventory") == 0, static () => "idle products should have left memory");
        Assert.Equal((1, 0), await _cluster.Stock("tea-0"));
    }

    [Fact]
    public void The_time_that_an_owner_may_be_idle_falls_with_the_memory_that_is_left()
    {
        var ages = new[] { 0.1, 0.4, 0.5, 0.6, 0.65, 0.9 }.Select(static share => IdleOwners.AgeAt(share) ?? TimeSpan.MaxValue).ToArray();
        Assert.Equal(ages.OrderDescending(), ages);
        Assert.Equal(TimeSpan.MaxValue, ages[0]);
        Assert.True(ages[^1] <= TimeSpan.FromSeconds(1));
    }

    /// <summary>Makes calls that are marked as reads, as the front door does with what a GET asks.</summary>
    private static async Task<T> Reading<T>(Func<Task<T>> call)
    {
        CallPurpose.MarkRead();
        return await call();
    }

    private static async Task Reading(Func<Task> call)
    {
        CallPurpose.MarkRead();
        await call();
    }

    private static async Task<List<IDisposable>> TakeAll(ReadLoads reads)
    {
        var turns = new List<IDisposable>();
        while (true)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
            try
            {
                turns.Add((await reads.TakeTurn(patience.Token))!);
            }
            catch (OperationCanceledException)
            {
                return turns;
            }
        }
    }

    private async Task Ask(string kind, string name)
    {
        switch (kind)
        {
            case "products":
                Assert.Null(await _cluster.Product(name).ReadStock());
                break;
            case "reservations":
                Assert.Null(await _cluster.Product(name).ReadReservation(Guid.NewGuid()));
                break;
            case "orders":
                Assert.Null(await _cluster.Order(name).Read());
                break;
            case "profiles":
                Assert.Null(await _cluster.Grains.GetGrain<IUserProfile>(name).Read());
                break;
            default:
                Assert.Equal(0, (await _cluster.Grains.GetGrain<ICounter>(name).Read()).Value);
                break;
        }
    }

    private ValueTask<ReserveOutcome> Reserve(string sku) =>
        _cluster.Product(sku).Reserve(new(HoldfastCluster.NewOperation(), 1, TimeSpan.FromMinutes(5), TimeProvider.System.GetUtcNow() + HoldfastCluster.Patience));

    private async Task<int> Activations(string grain) =>
        (await _cluster.Grains.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics())
            .Where(each => each.GrainType.Contains(grain, StringComparison.Ordinal))
            .Sum(static each => each.ActivationCount);
}
