using System.Text;
using Holdfast.Contracts;
using Holdfast.Contracts.Counters;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Profiles;
using Holdfast.Domain.Owner;
using Holdfast.Grains.Hosting;
using Holdfast.Tests;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Core.Internal;

namespace Holdfast.Rings.Cluster;

/// <summary>The memory that the receipts of all owners on a silo take together.</summary>
public sealed class ReceiptBudgetTests : IDisposable
{
    private const int Owners = 20;
    private const int Operations = 150;

    /// <summary>A third of what they would take.</summary>
    private const long Allowed = Owners * Operations * ReceiptBook.BytesPerReceipt / 3;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Many_owners_receipts_stay_within_the_silos_budget_and_each_still_answers_a_repeat()
    {
        var operations = Enumerable.Range(0, Owners).Select(static _ => Enumerable.Range(0, Operations).Select(static _ => HoldfastCluster.NewOperation()).ToArray()).ToArray();
        await using (var cluster = await Start())
        {
            await Task.WhenAll(operations.Select(async (own, owner) =>
            {
                foreach (var operation in own) await Counter(cluster, owner).Increment(new(operation, 1));
            }));

            // By themselves: nobody calls the owners any more.
            var budget = cluster.Services.GetRequiredService<ReceiptBudget>();
            await Eventually.True(() => budget.UsedBytes is > 0 and <= Allowed, () => $"receipts should take {Allowed} bytes at most, but take {budget.UsedBytes}");
            await AssertReplayed(cluster, operations);
        }

        await using var restarted = await Start();
        await AssertReplayed(restarted, operations);
        Assert.Equal(Operations, (await Counter(restarted, 0).Read()).Value);
    }

    [Fact]
    public async Task An_owner_that_leaves_memory_gives_its_share_back()
    {
        await using var cluster = await Start();
        var budget = cluster.Services.GetRequiredService<ReceiptBudget>();
        for (var owner = 0; owner < Owners; owner++) await Counter(cluster, owner).Increment(new(HoldfastCluster.NewOperation(), 1));
        Assert.InRange(budget.UsedBytes, Owners, long.MaxValue);

        for (var owner = 0; owner < Owners; owner++) await Counter(cluster, owner).AsReference<IGrainManagementExtension>().DeactivateOnIdle(default);

        await Eventually.True(() => budget.UsedBytes == 0, () => $"nothing should be taken, but {budget.UsedBytes} bytes are");
    }

    [Fact]
    public async Task A_late_edit_of_an_erased_person_is_known_however_little_memory_there_was()
    {
        await using var cluster = await Start(allowed: 1);
        var (profile, counter, edit) = (cluster.Grains.GetGrain<IUserProfile>("ada"), Counter(cluster, 0), new EditProfile(HoldfastCluster.NewOperation(), "{}"));
        var moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Store.AfterCommit = (appends, _) =>
        {
            if (appends.Any(static append => append is { Stream: "counter/c-0", Receipts.Count: > 0 })) moved.TrySetResult();
        };
        await profile.Put(edit);
        for (var i = 0; i < Operations; i++) await profile.Patch(new(HoldfastCluster.NewOperation(), """{"name":"Ada"}"""));
        for (var i = 0; i < Operations; i++) await counter.Increment(new(HoldfastCluster.NewOperation(), 1));
        await moved.Task.WaitAsync(HoldfastCluster.Patience);

        Assert.Equal(ProfileStatus.Erased, (await profile.Erase(new(HoldfastCluster.NewOperation()))).Status);

        Assert.Equal(ProfileStatus.Erased, (await profile.Put(edit)).Status);
        Assert.Null(await profile.Read());
    }

    [Fact]
    public async Task A_receipt_that_comes_late_from_the_table_does_not_hide_what_was_decided_meanwhile()
    {
        await using var cluster = await Start(allowed: 1);
        await cluster.CreateProduct("tea", 10);
        var (product, sale) = (cluster.Product("tea"), HoldfastCluster.NewOperation());
        await product.Reserve(new(sale, 3, TimeSpan.FromMinutes(5), TimeProvider.System.GetUtcNow().AddMinutes(1)));
        await product.Commit(new(sale.Id));
        var sold = await Spilled(cluster, sale.Id, than: null);

        // Somebody reads the sale, and hears from the table only when it has been taken back.
        var (first, asked, heard) = (1, NewSignal(), NewSignal());
        cluster.Store.AfterReceipt = async _ =>
        {
            if (Interlocked.Exchange(ref first, 0) == 0) return;
            asked.SetResult();
            await heard.Task;
        };
        var read = product.ReadReservation(sale.Id).AsTask();
        await asked.Task.WaitAsync(HoldfastCluster.Patience);
        Assert.Equal(ReservationOutcomeStatus.Done, (await product.Undo(new(sale.Id))).Status);
        heard.SetResult();
        await read;

        await Spilled(cluster, sale.Id, than: sold);
        var before = (await cluster.Stock("tea")).OnHand;
        Assert.Equal(ReservationOutcomeStatus.Done, (await product.Undo(new(sale.Id))).Status);
        Assert.Equal(before, (await cluster.Stock("tea")).OnHand);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Has the product's receipts move to the table until that of the operation is there, another one than there was.</summary>
    private static async Task<string> Spilled(HoldfastCluster cluster, Guid operation, string? than)
    {
        for (var i = 0; i < Operations; i++) await cluster.Product("tea").Adjust(new(HoldfastCluster.NewOperation(), 1, "received", null));
        string? found = null;
        await Eventually.True(
            async () =>
            {
                var stored = await cluster.Store.FindReceipt("product/tea", operation, default);
                found = stored is null ? null : Encoding.UTF8.GetString(stored.Body.Span);
                return found is not null && found != than;
            },
            () => $"the receipt should have moved to the table, but there is {found}");
        return found!;
    }

    private async Task<HoldfastCluster> Start(long allowed = Allowed) =>
        await HoldfastCluster.Start(_directory.Path, silo => silo.Services.Configure<ReceiptOptions>(receipts => receipts.MemoryBytes = allowed));

    private static ICounter Counter(HoldfastCluster cluster, int owner) => cluster.Grains.GetGrain<ICounter>($"c-{owner}");

    private static Task AssertReplayed(HoldfastCluster cluster, Operation[][] operations) =>
        Task.WhenAll(operations.Select(async (own, owner) =>
        {
            for (var i = 0; i < own.Length; i++)
            {
                var again = await Counter(cluster, owner).Increment(new(own[i], 1));
                Assert.True(again is { Replayed: true } && again.Value == i + 1, $"Operation {i} of owner {owner} was answered {again}.");
            }
        }));
}
