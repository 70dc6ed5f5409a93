using Holdfast.Contracts;
using Holdfast.Contracts.Counters;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Counters;
using Holdfast.Domain.Inventory;
using Holdfast.Domain.Leases;
using Holdfast.Domain.Orders;
using Holdfast.Domain.Owner;
using Holdfast.Domain.Profiles;
using Holdfast.Tests.Domain.Orders;

namespace Holdfast.Tests.Domain.Owner;

/// <summary>What is asked under a lease, of owners of every kind: who has lost the lease changes nothing any more.</summary>
public sealed class FenceTests
{
    private static readonly Guid Account = Id(1_000);

    public static TheoryData<string> Kinds() => ["product", "counter", "profile", "order"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_earlier_term_is_refused_once_a_later_one_has_been_here(string kind)
    {
        var owner = Player.Of(kind);
        Assert.True(owner.Change(1, new("a", 2)));

        var refusal = Assert.Throws<FencedException>(() => owner.Change(2, new("a", 1)));

        Assert.Equal((new Fence("a", 1), 2L, false), (refusal.Fence, refusal.Newest, refusal.IsFull));
        Assert.True(owner.Change(3, new("a", 2)));
        Assert.True(owner.Change(4, new("b", 1)));
        Assert.True(owner.Change(5, null));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_term_that_was_seen_costs_no_event_again_and_no_fence_costs_none(string kind)
    {
        var owner = Player.Of(kind);
        owner.Change(1, null);
        Assert.Null(owner.Seen);
        owner.Change(2, new("a", 2));
        owner.Change(3, new("a", 2));
        owner.Change(4, null);

        Assert.Equal(1, owner.FencesStored);
        Assert.Equal([new("a", 2)], owner.Seen!);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_was_accepted_is_told_again_under_whichever_term_it_comes(string kind)
    {
        var owner = Player.Of(kind);
        Assert.True(owner.Change(1, new("a", 1)));
        Assert.True(owner.Change(2, new("a", 9)));

        Assert.False(owner.Change(1, new("a", 1)));
        Assert.False(owner.Change(1, new("a", 10)));
        Assert.Equal([new("a", 9)], owner.Seen!);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_later_term_is_remembered_although_the_rule_refuses(string kind)
    {
        var owner = Player.Of(kind);
        owner.Change(1, new("a", 1));

        owner.Refuse(2, new("a", 5));

        Assert.Throws<FencedException>(() => owner.Change(3, new("a", 4)));
        Assert.Equal(2, owner.FencesStored);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_was_seen_is_there_after_a_reload(string kind)
    {
        var owner = Player.Of(kind);
        owner.Change(1, new("a", 3));
        owner.Change(2, new("b", 7));
        owner.Change(3, new("a", 4));

        Assert.Equal([new("b", 7), new("a", 4)], owner.SeenAfterReplay!);
        if (owner.TakesSnapshots) Assert.Equal([new("b", 7), new("a", 4)], owner.SeenAfterSnapshot!);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_owner_remembers_sixteen_leases_and_goes_on_with_those(string kind)
    {
        var owner = Player.Of(kind);
        for (var i = 1; i <= Limits.FenceNames; i++) Assert.True(owner.Change(i, new($"lease {i}", 1)));

        var refusal = Assert.Throws<FencedException>(() => owner.Change(17, new("one more", 1)));

        Assert.Equal((new Fence("one more", 1), true), (refusal.Fence, refusal.IsFull));
        Assert.Equal(16, Limits.FenceNames);
        Assert.True(owner.Change(18, new("lease 3", 2)));
        Assert.Throws<FencedException>(() => owner.Change(19, new("lease 3", 1)));
        Assert.Equal(16, owner.SeenAfterReplay!.Length);
    }

    [Theory]
    [InlineData("profile")]
    [InlineData("order")]
    public void An_erasure_lets_no_earlier_holder_in(string kind)
    {
        var owner = Player.Of(kind);
        owner.Change(1, new("a", 3));

        owner.Erase(2, new("a", 4));

        Assert.Equal([new("a", 4)], owner.Seen!);
        Assert.Equal([new("a", 4)], owner.SeenAfterTombstone!);
    }

    [Fact]
    public void What_an_order_has_seen_moves_no_version_that_its_callers_name()
    {
        var order = OrderReports.After(["reserved"]);
        var (version, updatedAt) = (order.State.Version, order.State.UpdatedAt);
        order.Stream.Now += TimeSpan.FromMinutes(1);

        // The version that the caller has seen holds also when its fence is new; a refusal leaves the fence, and the order as it was.
        Assert.Equal(DescribeOrderStatus.VersionMismatch, Describe(1, version + 1));
        Assert.Equal((version, updatedAt, 1), (order.State.Version, order.State.UpdatedAt, order.State.Fences!.Length));
        Assert.Equal(DescribeOrderStatus.Described, Describe(2, version));
        Assert.Equal(version + 3, order.State.Version);
        Assert.Equal(
            ["placed", "reserving", "reserved", "charging", "described"],
            order.Stream.Stored.SelectMany(static row => OrderLedger.EntriesOf(row.Events, 1, row.At)).Select(static entry => entry.What));

        DescribeOrderStatus Describe(int term, long seen) => order.Stream.Once(
            new(Id(100 + term), 7, new("a", term)),
            new DescribeOrder(new(Id(100 + term), 7), seen, true, "A-7", false, []),
            OrderVerbs.Describe,
            OrderVerbs.DescribedBefore).Status;
    }

    [Fact]
    public void An_order_that_has_only_seen_a_lease_was_never_placed()
    {
        var order = new PlayedStream<OrderState, OrderEvent>(OrderKind.Instance, "ord_1");
        var outcome = order.Once(
            new(Id(1), 7, new("a", 1)),
            new EraseOrder(new(Id(1), 7)),
            new OrderErasure(OrderReports.Options).Erase,
            OrderErasure.ErasedBefore);

        Assert.Equal(EraseOrderStatus.NotFound, outcome.Status);
        Assert.Equal((false, 1), (order.State.Exists, order.State.Fences!.Length));
    }

    [Fact]
    public void A_counter_that_has_only_seen_a_lease_can_still_get_shards()
    {
        var counter = new PlayedStream<CounterState, CounterEvent>(CounterKind.Instance, "c");
        counter.Record(new CounterEvent.FenceSeen("a", 1));

        Assert.False(counter.Restore().IsStarted);
        Assert.Equal(ShardCounterStatus.Sharded, counter.Shard(new(new(Id(1), 7), 4)).Status);
        Assert.Equal(4, counter.Restore().Shards);
    }

    [Fact]
    public void A_lease_itself_looks_at_no_fence() =>
        Assert.Throws<NotSupportedException>(() => LeaseKind.Instance.FenceSeen("a", 1));

    private static Guid Id(int id) => new(id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>An owner of some kind, of which changes are asked.</summary>
    private abstract class Player
    {
        public static Player Of(string kind) => kind switch
        {
            "product" => new Product(),
            "counter" => new Counter(),
            "profile" => new Profile(),
            _ => new Order(),
        };

        public abstract SeenFence[]? Seen { get; }

        public abstract SeenFence[]? SeenAfterReplay { get; }

        public abstract SeenFence[]? SeenAfterTombstone { get; }

        public abstract SeenFence[]? SeenAfterSnapshot { get; }

        public abstract bool TakesSnapshots { get; }

        public abstract int FencesStored { get; }

        /// <summary>Whether it was made now, and not before.</summary>
        public abstract bool Change(int id, Fence? fence);

        /// <summary>Asks what the rule refuses.</summary>
        public abstract void Refuse(int id, Fence? fence);

        public virtual void Erase(int id, Fence? fence) => throw new NotSupportedException();
    }

    private abstract class Player<TState, TEvent>(OwnerKind<TState, TEvent> kind, PlayedStream<TState, TEvent> stream) : Player
        where TState : class, IOwnerState<TEvent>
        where TEvent : class
    {
        protected PlayedStream<TState, TEvent> Stream { get; } = stream;

        public override SeenFence[]? Seen => Stream.State.Fences;

        public override SeenFence[]? SeenAfterReplay => Stream.Replay().Fences;

        /// <summary>Of an erased owner only the last row is left.</summary>
        public override SeenFence[]? SeenAfterTombstone => Stream.ReplayFrom(kind.NewState("ord_1"), Stream.Rows - 1).Fences;

        public override SeenFence[]? SeenAfterSnapshot => Stream.Restore().Fences;

        public override bool TakesSnapshots => kind.Snapshots is not null;

        public override int FencesStored => Stream.Stored.Sum(static row =>
            System.Text.Encoding.UTF8.GetString(row.Events).Split("\"fence.seen\"").Length - 1);

        protected static Operation With(int id, Fence? fence) => new(Id(100 + id), 7, fence);
    }

    private sealed class Product : Player<StockState, StockEvent>
    {
        public Product() : base(StockKind.Instance, new(StockKind.Instance, "sku-1")) =>
            Stream.Put(new PutProduct(new(Account, 1), "Tea", new(250, "EUR"), null, IfAbsent: true));

        public override bool Change(int id, Fence? fence) =>
            Stream.Adjust(new(With(id, fence), 1, "received", null)) is { Status: AdjustStatus.Adjusted, Replayed: false };

        public override void Refuse(int id, Fence? fence) =>
            Assert.Equal(AdjustStatus.BelowReserved, Stream.Adjust(new(With(id, fence), -99, "gone", null)).Status);
    }

    private sealed class Counter() : Player<CounterState, CounterEvent>(CounterKind.Instance, new(CounterKind.Instance, "c"))
    {
        public override bool Change(int id, Fence? fence) =>
            Stream.Increment(new(With(id, fence), 1)) is { Status: IncrementStatus.Incremented, Replayed: false };

        public override void Refuse(int id, Fence? fence) =>
            Assert.Equal(IncrementStatus.Overflow, Stream.Increment(new(With(id, fence), Limits.WholeNumber)).Status);
    }

    private sealed class Profile() : Player<ProfileState, ProfileEvent>(ProfileKind.Instance, new(ProfileKind.Instance, "u"))
    {
        public override bool Change(int id, Fence? fence) => !Stream.Put(new(With(id, fence), $$"""{"n":{{id}}}""")).Replayed;

        public override void Refuse(int id, Fence? fence) => Assert.Equal(
            Holdfast.Contracts.Profiles.ProfileStatus.VersionMismatch, Stream.Put(new(With(id, fence), "{}", IfAbsent: true)).Status);

        public override void Erase(int id, Fence? fence) => Assert.Equal(
            Holdfast.Contracts.Profiles.ProfileStatus.Erased, Stream.Erase(new(With(id, fence))).Status);
    }

    private sealed class Order : Player<OrderState, OrderEvent>
    {
        private readonly OrderReports _reports;

        public Order() : this(OrderReports.After(["refused", "undone"]))
        {
        }

        private Order(OrderReports reports) : base(OrderKind.Instance, reports.Stream) => _reports = reports;

        public override bool Change(int id, Fence? fence) =>
            Describe(id, fence, null) is { Status: DescribeOrderStatus.Described, Replayed: false };

        public override void Refuse(int id, Fence? fence) =>
            Assert.Equal(DescribeOrderStatus.VersionMismatch, Describe(id, fence, 999).Status);

        public override void Erase(int id, Fence? fence)
        {
            var erasure = new OrderErasure(OrderReports.Options);
            var operation = With(id, fence);
            Assert.Equal(
                EraseOrderStatus.Erased,
                _reports.Stream.Once(operation, new EraseOrder(operation), erasure.Erase, OrderErasure.ErasedBefore).Status);
        }

        private DescribeOrderOutcome Describe(int id, Fence? fence, long? version)
        {
            var operation = With(id, fence);
            return Stream.Once(
                operation,
                new DescribeOrder(operation, version, true, $"A-{id}", false, []),
                OrderVerbs.Describe,
                OrderVerbs.DescribedBefore);
        }
    }
}
