using System.Text;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Domain.Owner;
using Holdfast.Journal;
using Holdfast.Rings.Cluster;
using Holdfast.Tests;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Rings.Delivery;

public sealed class UndoAfterADayTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task An_undo_whose_own_decision_lets_its_receipt_go_still_returns_what_was_sold()
    {
        var clock = new JumpingClock();
        await using var cluster = await HoldfastCluster.Start(_directory.Path, clock.Install);
        await cluster.CreateProduct("tea", 10);
        var sold = await Reserve(cluster, clock, 3);
        Assert.Equal(ReservationOutcomeStatus.Done, (await cluster.Product("tea").Commit(new(sold))).Status);

        // Still open a day later: the next decision records its expiry first, and with it forgets the receipt of the sale.
        await Reserve(cluster, clock, 1);
        clock.Jump(TimeSpan.FromHours(30));
        var undone = await cluster.Product("tea").Undo(new(sold, Lasting: true, LeaveTombstone: true));
        Assert.Equal(ReservationOutcomeStatus.Done, undone.Status);
        Assert.Equal((10L, 0L), await cluster.Stock("tea"));
    }

    /// <summary>An order that was completed in part, whose own times say where its lines can be found.</summary>
    [Fact]
    public async Task An_order_that_is_undone_after_a_day_returns_what_its_lost_step_had_sold()
    {
        var clock = new JumpingClock();
        var looked = 0;
        await using var cluster = await HoldfastCluster.Start(_directory.Path, silo =>
        {
            clock.Install(silo);
            silo.Services.Configure<OrderOptions>(order => order.StepGiveUpAfter = TimeSpan.Zero);
            silo.Services.Decorate<IJournalStore>(inner => new LookingStore(inner, limit => Interlocked.Add(ref looked, limit)));
        });
        await cluster.CreateProduct("tea", 10);
        cluster.Store.Fault = appends => appends.Any(append => Encoding.UTF8.GetString(append.Events.Span).Contains("order.completed", StringComparison.Ordinal))
            ? StoreFault.Refused
            : StoreFault.None;
        var saga = await cluster.Place("tok_ok", new OrderLine("tea", 3));
        await Eventually.True(
            async () =>
            {
                try
                {
                    return await saga.Read() is { Status: OrderStatus.NeedsAttention };
                }
                catch (Holdfast.Contracts.RetryableException)
                {
                    return false;
                }
            },
            () => "the order should be parked");
        cluster.Store.Fault = _ => StoreFault.None;
        Assert.Equal((7L, 0L), await cluster.Stock("tea"));

        // The product forgets: what it records next is more than a day later.
        clock.Jump(TimeSpan.FromHours(30));
        await cluster.Product("tea").Adjust(new(HoldfastCluster.NewOperation(), 1, "received", null));
        Assert.Equal(OrderVerbStatus.Accepted, (await saga.Resolve(OperatorVerb.Compensate)).Status);
        Assert.Equal(OrderStatus.Cancelled, (await HoldfastCluster.Terminal(saga)).Status);
        Assert.Equal((11L, 0L), await cluster.Stock("tea"));
        Assert.True(looked > 0, "the history should have been asked");
    }

    /// <summary>A product with weeks behind it: only the minutes around the order's own are looked at.</summary>
    [Fact]
    public async Task A_long_history_is_looked_at_only_where_the_reservation_can_be()
    {
        const int Rows = 6_000;
        var looked = 0;
        await using var cluster = await HoldfastCluster.Start(_directory.Path, silo => silo.Services.Decorate<IJournalStore>(
            inner => new LookingStore(inner, limit => Interlocked.Add(ref looked, limit))));
        var sold = Guid.NewGuid();
        var now = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        var begin = now.AddMinutes(-10 * Rows);
        var at = begin.AddMinutes(10 * (Rows / 2));
        for (var row = 0; row < Rows; row++)
        {
            var time = begin.AddMinutes(10 * row);
            var events = row switch
            {
                0 => Put,
                1 => Count(10),
                Rows / 2 => Reserved(sold, 3, time.AddMinutes(30)),
                (Rows / 2) + 1 => $$"""{"type":"stock.committed","id":"{{sold}}","quantity":3,"onHand":7}""",
                _ => Count(row <= Rows / 2 ? 10 : 7),
            };
            await Store(cluster, row, time, events);
        }

        var undone = await cluster.Product("tea").Undo(new(sold, Lasting: true, LeaveTombstone: true, [new(at, at.AddMinutes(10))]));
        Assert.Equal(ReservationOutcomeStatus.Done, undone.Status);
        Assert.Equal((10L, 0L), await cluster.Stock("tea"));
        Assert.InRange(looked, 1, 500);

        // Whoever does not say when, has all of it looked at, a page at a time.
        var never = await cluster.Product("tea").Undo(new(Guid.NewGuid(), Lasting: true));
        Assert.Equal(ReservationOutcomeStatus.NotFound, never.Status);
        Assert.InRange(looked, Rows, 2 * Rows);
    }

    /// <summary>The table gives what the owner, in memory, would have forgotten: a late commit must not sell by it.</summary>
    [Fact]
    public async Task A_receipt_in_the_table_counts_for_as_long_as_one_in_memory()
    {
        await using var cluster = await HoldfastCluster.Start(_directory.Path);
        var (old, young) = (Guid.NewGuid(), Guid.NewGuid());
        var now = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        // So close to each other that what is remembered of one part of a day says "perhaps" of both.
        var (first, second) = (now.AddHours(-26), now.AddHours(-22));
        await Store(cluster, 0, first, Put);
        await Store(cluster, 1, first, Count(10));
        await Store(cluster, 2, first, Reserved(old, 1, first.AddMinutes(1)));
        await Store(cluster, 3, first.AddMinutes(2), Expired(first.AddMinutes(1)));
        await Store(cluster, 4, second, Reserved(young, 1, second.AddMinutes(1)));
        await Store(cluster, 5, second.AddMinutes(2), Expired(second.AddMinutes(1)));
        await Store(
            cluster, 6, second.AddMinutes(3), """{"type":"receipts.moved","count":4}""",
            Moved(old, first.AddMinutes(2), first.AddMinutes(1)), Moved(young, second.AddMinutes(2), second.AddMinutes(1)));

        Assert.Equal(ReservationOutcomeStatus.NotFound, (await cluster.Product("tea").Commit(new(old))).Status);
        Assert.Equal((10L, 0L), await cluster.Stock("tea"));
        Assert.Equal(ReservationOutcomeStatus.Done, (await cluster.Product("tea").Commit(new(young))).Status);
        Assert.Equal((9L, 0L), await cluster.Stock("tea"));
    }

    private const string Put = """{"type":"product.put","operation":"00000001-0000-0000-0000-000000000000","fingerprint":1,"name":"Tea","amount":250,"currency":"GBP"}""";

    private static string Count(long onHand) => $$"""{"type":"stock.set","operation":"{{Guid.NewGuid()}}","fingerprint":1,"delta":0,"onHand":{{onHand}}}""";

    private static string Reserved(Guid id, long quantity, DateTimeOffset until) =>
        $$"""{"type":"stock.reserved","id":"{{id}}","fingerprint":1,"quantity":{{quantity}},"expiresAt":{{until.ToUnixTimeMilliseconds()}},"amount":250,"currency":"GBP"}""";

    private static string Expired(DateTimeOffset through) => $$"""{"type":"stock.expired","through":{{through.ToUnixTimeMilliseconds()}}}""";

    private static StoredReceipt Moved(Guid id, DateTimeOffset at, DateTimeOffset expired) => new(
        id, at, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new Receipt(1, at.ToUnixTimeMilliseconds(), 3, 1, expired.ToUnixTimeMilliseconds())));

    private static async Task Store(HoldfastCluster cluster, long version, DateTimeOffset at, string @event, params StoredReceipt[] receipts)
    {
        var append = new Append("product/tea", version, Guid.NewGuid(), at, 1, Encoding.UTF8.GetBytes($"[{@event}]"), [], receipts);
        Assert.Equal([AppendStatus.Committed], (await cluster.Store.Commit([append], [])).Appends);
    }

    /// <summary>Counts the rows that searches may look at.</summary>
    private sealed class LookingStore(IJournalStore inner, Action<int> looks) : ForwardingStore(inner)
    {
        public override async Task<SearchPage> Search(string stream, string text, long after, int limit, CancellationToken cancellationToken)
        {
            var page = await Inner.Search(stream, text, after, limit, cancellationToken);
            looks((int)(page.Through - after));
            return page;
        }
    }

    private static async Task<Guid> Reserve(HoldfastCluster cluster, JumpingClock clock, long quantity)
    {
        var operation = HoldfastCluster.NewOperation();
        var deadline = clock.GetUtcNow() + TimeSpan.FromMinutes(1);
        var outcome = await cluster.Product("tea").Reserve(new(operation, quantity, TimeSpan.FromMinutes(30), deadline));
        Assert.Equal(ReserveStatus.Reserved, outcome.Status);
        return operation.Id;
    }
}
