using CsCheck;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Inventory;
using Holdfast.Tests.Domain.Owner;

namespace Holdfast.Tests.Domain.Inventory;

public sealed class SourceRulesTests
{
    private const string Sku = "sku-1";
    private const string Warehouse = "warehouse-1";

    /// <summary>A message that a source sends: a delta or a count.</summary>
    private readonly record struct Told(long Sequence, long? Delta, long? Count);

    private static readonly Gen<Told[]> SmallFeeds = Feeds(1, 5);
    private static readonly Gen<Told[]> LargeFeeds = Feeds(50, 250);

    private readonly PlayedStream<StockState, StockEvent> _product = NewProduct(0);
    private int _keys = 1_000;

    [Fact]
    public void Every_order_of_a_small_feed_ends_in_the_same_stock()
    {
        SmallFeeds.Sample(
            static feed =>
            {
                foreach (var order in Permutations(feed)) Assert.Equal(InOrder(feed), Arrive(order, [], restoreAt: -1));
            },
            iter: 400,
            print: Print);
    }

    [Fact]
    public void Any_order_doubling_and_loss_of_a_large_feed_ends_in_the_same_stock_across_a_snapshot()
    {
        Gen.Select(LargeFeeds, Gen.UInt, Gen.Int[0, 200]).Sample(
            static (feed, seed, at) =>
            {
                var random = new Random((int)seed);
                var order = feed.ToArray();
                random.Shuffle(order);

                // Some come twice, at another place.
                var doubled = order.Where(_ => random.Next(4) == 0).ToArray();
                random.Shuffle(doubled);
                Assert.Equal(InOrder(feed), Arrive(order, doubled, at));
            },
            iter: 300,
            print: static drawn => $"{Print(drawn.Item1)} seed {drawn.Item2} restored at {drawn.Item3}");
    }

    [Fact]
    public void A_count_stands_for_what_is_below_its_number_and_what_is_above_is_added()
    {
        Tell(1, delta: 10);
        Tell(4, delta: -2);
        Tell(5, delta: 7);

        var outcome = Tell(3, count: 100);

        Assert.Equal((AdjustStatus.Adjusted, 105L), (outcome.Status, outcome.OnHand));
        var counted = Assert.IsType<StockEvent.Counted>(Assert.Single(_product.Events));
        Assert.Equal((90L, 105L, 100L), (counted.Delta, counted.OnHand, counted.Count));
    }

    [Fact]
    public void What_comes_after_a_later_count_is_recorded_and_changes_nothing()
    {
        Tell(1, delta: 10);
        Tell(3, count: 50);

        var late = Tell(2, delta: 4);
        var (onHand, stockVersion) = (_product.State.OnHand, _product.State.StockVersion);

        Assert.Equal((AdjustStatus.Superseded, 50L), (late.Status, late.OnHand));
        Assert.IsType<StockEvent.Superseded>(Assert.Single(_product.Events));
        Assert.Equal((50L, 3L), (onHand, stockVersion));
        Assert.Equal(4, late.Version);
    }

    [Fact]
    public void A_count_below_a_count_is_superseded_and_above_it_another_one()
    {
        Tell(5, count: 50);
        Tell(6, delta: 1);

        Assert.Equal(AdjustStatus.Superseded, Tell(4, count: 9).Status);
        Assert.Equal(30, Tell(7, count: 30).OnHand);
        Assert.Equal(AdjustStatus.Superseded, Tell(3, delta: 9).Status);
        Assert.Equal(31, Tell(8, delta: 1).OnHand);
    }

    [Fact]
    public void A_number_that_was_used_answers_the_same_message_again_and_refuses_another()
    {
        var first = Tell(1, delta: 10);

        var again = Tell(1, delta: 10);
        Assert.Equal((AdjustStatus.Adjusted, true, first.Version), (again.Status, again.Replayed, again.Version));
        Assert.Equal((AdjustStatus.NumberReused, first.Version), (Tell(1, delta: 11).Status, Tell(1, delta: 11).Version));
        Assert.Equal(AdjustStatus.NumberReused, Tell(1, count: 10).Status);
        Assert.Equal(10, _product.State.OnHand);
        Assert.Equal(2, _product.State.Version);
    }

    [Fact]
    public void A_superseded_number_answers_again_as_superseded_and_so_does_its_key()
    {
        Tell(2, count: 50);
        var first = Tell(1, delta: 4);

        Assert.Equal((AdjustStatus.Superseded, true, first.Version), Short(Tell(1, delta: 4)));
        Assert.Equal((AdjustStatus.Superseded, true, first.Version), Short(Send(_product, _keys, new(1, 4, null))));

        static (AdjustStatus, bool, long) Short(AdjustOutcome outcome) => (outcome.Status, outcome.Replayed, outcome.Version);
    }

    [Fact]
    public void A_number_that_was_used_for_another_time_is_used()
    {
        var (since, number) = (_product.Now.AddDays(-1), new SourceNumber(Warehouse, 1));
        AdjustOutcome Tell(DateTimeOffset? time) => _product.Adjust(
            new(new(OperationId(++_keys), 1), 4, "found", null) { EffectiveAt = time, Number = number });
        Assert.Equal(AdjustStatus.Adjusted, Tell(since).Status);

        Assert.True(Tell(since).Replayed);
        Assert.Equal(AdjustStatus.NumberReused, Tell(since.AddHours(1)).Status);
        Assert.Equal(AdjustStatus.NumberReused, Tell(null).Status);
    }

    [Fact]
    public void The_key_of_what_was_superseded_is_no_reservation()
    {
        Tell(2, count: 5);
        Tell(1, delta: 4);
        Assert.Null(_product.Find(OperationId(_keys)));
        Assert.Equal(
            ReservationOutcomeStatus.NotFound,
            _product.Ask(new ReservationCommand(OperationId(_keys)), StockRules.Commit).Status);
    }

    [Fact]
    public void A_refused_number_stays_unused_and_is_taken_when_there_is_room()
    {
        Assert.Equal(AdjustStatus.BelowReserved, Tell(1, delta: -3).Status);
        Assert.Equal(AdjustStatus.AboveLimit, Tell(3, delta: Limits.Quantity + 1).Status);
        Assert.Equal(1, _product.State.Version);

        Assert.Equal(5, Tell(2, delta: 5).OnHand);
        Assert.Equal(2, Tell(1, delta: -3).OnHand);
    }

    [Fact]
    public void A_count_never_takes_what_is_reserved()
    {
        Tell(1, delta: 10);
        Tell(3, delta: -4);
        _product.Reserve(new(new(OperationId(900), 1), 5, TimeSpan.FromHours(1), _product.Now.AddHours(1)));

        var refused = Tell(2, count: 8);

        Assert.Equal((AdjustStatus.BelowReserved, 6L, 5L), (refused.Status, refused.OnHand, refused.Reserved));
        Assert.Equal(5, Tell(2, count: 9).OnHand);
    }

    [Fact]
    public void The_newest_256_numbers_can_be_used_and_lower_ones_are_refused_with_the_lowest_that_can()
    {
        Tell(1, delta: 1);
        Tell(257, delta: 1);

        var outcome = Tell(1, delta: 1);
        Assert.Equal((AdjustStatus.NumberTooOld, 2L), (outcome.Status, outcome.Oldest));
        Assert.Equal(AdjustStatus.Adjusted, Tell(2, delta: 1).Status);
        Assert.Equal(2, _product.State.Sources!.Size);
        Tell(1_000, delta: 1);
        Assert.Equal(1, _product.State.Sources!.Size);
        Assert.Equal(745, Tell(3, delta: 1).Oldest);
    }

    [Fact]
    public void Sources_do_not_know_of_each_other_and_the_17th_is_refused()
    {
        for (var i = 1; i <= Limits.Sources; i++) Tell(1, delta: i, source: $"source-{i}");

        Assert.Equal(AdjustStatus.TooManySources, Tell(1, delta: 1, source: "one-more").Status);
        Assert.Equal(AdjustStatus.Adjusted, Tell(2, delta: 1, source: "source-3").Status);
        Assert.Equal(137, _product.State.OnHand);
        Assert.Equal(AdjustStatus.Adjusted, _product.Adjust(new(new(OperationId(901), 1), 1, "received", null)).Status);
    }

    [Fact]
    public void A_snapshot_keeps_what_sources_told()
    {
        Tell(1, delta: 10);
        Tell(5, count: 7);
        Tell(4, delta: 2);
        Tell(6, delta: -1, source: "till");

        Assert.Equal(StateText.Of(_product.State), StateText.Of(_product.Restore()));
        Assert.Equal(StateText.Of(_product.State), StateText.Of(_product.Replay()));
        var restored = _product.Restore();
        Assert.Equal(
            AdjustStatus.Superseded, AdjustRules.Adjust(restored, Command(9_000, new(3, 1, null), Warehouse), _product.Now).Outcome.Status);
    }

    /// <summary>In order, with no number lost: valid, so never below zero.</summary>
    private static Gen<Told[]> Feeds(int least, int most) => Gen.Select(Gen.Bool, Gen.Long[-6, 9], Gen.Long[0, 12])
        .Array[least, most]
        .Select(static drawn =>
        {
            var (feed, onHand) = (new List<Told>(), 5L);
            foreach (var (isCount, delta, count) in drawn)
            {
                // One in three or so is a count.
                var told = isCount && count > 4
                    ? new Told(feed.Count + 1, null, count)
                    : new Told(feed.Count + 1, Math.Max(delta == 0 ? 1 : delta, onHand == 0 ? 1 : -onHand), null);
                onHand = told.Count ?? onHand + told.Delta!.Value;
                feed.Add(told);
            }

            return feed.ToArray();
        });

    private static long InOrder(Told[] feed) => feed.Aggregate(5L, static (onHand, told) => told.Count ?? onHand + told.Delta!.Value);

    /// <summary>Sends the messages in this order; what is refused, again at the end, as often as it takes.</summary>
    private static long Arrive(Told[] order, Told[] doubled, int restoreAt)
    {
        var product = NewProduct(5);
        var (state, key, sent) = (product.State, 10, 0);
        var waiting = new Queue<Told>(order.Concat(doubled));
        for (var tries = 0; waiting.Count > 0; tries++)
        {
            Assert.True(tries < 100 + (order.Length * order.Length), $"{waiting.Count} messages are never taken.");
            if (sent++ == restoreAt) state = product.Restore();
            var told = waiting.Dequeue();
            var before = state.OnHand;
            var decision = AdjustRules.Adjust(state, Command(++key, told, Warehouse), product.Now);
            foreach (var @event in decision.Events) state.Apply(@event, state.Version + 1, product.Now);
            state.Check();
            if (decision.Outcome.Status == AdjustStatus.BelowReserved) waiting.Enqueue(told);
            else Assert.Contains(decision.Outcome.Status, (AdjustStatus[])[AdjustStatus.Adjusted, AdjustStatus.Superseded]);
            if (decision.Outcome.Replayed || decision.Outcome.Status == AdjustStatus.Superseded) Assert.Equal(before, state.OnHand);
        }

        return state.OnHand;
    }

    private static IEnumerable<Told[]> Permutations(Told[] feed)
    {
        if (feed.Length <= 1) return [feed];
        return feed.SelectMany((first, at) =>
            Permutations([.. feed.Where((_, other) => other != at)]).Select(rest => (Told[])[first, .. rest]));
    }

    private static PlayedStream<StockState, StockEvent> NewProduct(long onHand)
    {
        var product = new PlayedStream<StockState, StockEvent>(StockKind.Instance, Sku);
        product.Put(new PutProduct(new(OperationId(1), 1), "Tea", new(250, "EUR"), null, false));
        if (onHand > 0) product.Adjust(new(new(OperationId(2), 1), onHand, "received", null));
        return product;
    }

    private AdjustOutcome Tell(long sequence, long? delta = null, long? count = null, string source = Warehouse) =>
        Send(_product, ++_keys, new(sequence, delta, count), source);

    private static AdjustOutcome Send(
        PlayedStream<StockState, StockEvent> product, int key, Told told, string source = Warehouse) =>
        product.Adjust(Command(key, told, source));

    private static AdjustStock Command(int key, Told told, string source) => new(new(OperationId(key), 1), told.Delta ?? 0, "feed", null)
    {
        Number = new(source, told.Sequence),
        Count = told.Count,
    };

    private static Guid OperationId(int number) => new(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    private static string Print(Told[] feed) =>
        string.Join(' ', feed.Select(static told => told.Count is { } count ? $"={count}" : $"{told.Delta:+0;-0}"));
}
