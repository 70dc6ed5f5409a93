using CsCheck;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Contracts.Profiles;
using Holdfast.Domain.Inventory;
using Holdfast.Domain.Owner;
using Holdfast.Domain.Profiles;
using Holdfast.Tests.Domain.Orders;

namespace Holdfast.Tests.Domain.Owner;

/// <summary>What once went wrong in the rules, each as the shortest story in which it did.</summary>
public sealed class RegressionTests
{
    private const long Hour = 3_600_000;

    private static readonly TimeSpan Ttl = TimeSpan.FromMinutes(15);

    private readonly PlayedStream<StockState, StockEvent> _product = new(StockKind.Instance, "sku-1");
    private int _nextOperation = 1_000_000;

    [Fact]
    public void A_refund_that_is_made_while_the_order_is_parked_is_not_forgotten()
    {
        var order = OrderReports.After(["reserved", "captured", "committed in part", "park", "refunded"]);

        Assert.Equal("NeedsAttention from Cancelling, Refunded", order.Where);
    }

    [Fact]
    public void An_order_whose_money_may_be_going_back_is_not_completed()
    {
        var order = OrderReports.After(["reserved", "captured", "committed in part", "park"]);

        Assert.Equal(OrderVerbStatus.BeingUndone, order.Report("complete"));
        Assert.Empty(order.Events);
        order.Report("committed");
        Assert.Equal("NeedsAttention from Cancelling, Captured", order.Where);
    }

    [Fact]
    public void A_capture_that_shows_up_while_the_lines_are_reserved_again_cancels_the_order_and_goes_back()
    {
        var order = OrderReports.After(["reserved", "park", "never charged", "retry", "captured"]);

        Assert.Equal("PaymentCaptured CancellingStarted RefundStarted", order.Events);
        Assert.Equal(("Cancelling, Captured", OrderReason.PaymentLate), (order.Where, order.State.Reason));
    }

    [Theory]
    [InlineData("reserved")]
    [InlineData("refused")]
    [InlineData("cancel")]
    public void A_capture_that_shows_up_late_is_not_forgotten_by_what_comes_after_it(string then)
    {
        var order = OrderReports.After(["reserved", "park", "never charged", "retry", "captured", then]);

        Assert.Equal("Cancelling, Captured", order.Where);
        Assert.Empty(order.Events);
    }

    [Theory]
    [InlineData("commit")]
    [InlineData("release")]
    [InlineData("expire")]
    public void A_repeated_reserve_that_tells_no_price_any_more_cancels_the_order_and_charges_nothing(string end)
    {
        Create();
        Reserve(Id(1), 2);
        if (end == "commit") _product.Decide(StockRules.Commit, new ReservationCommand(Id(1)));
        if (end == "release") _product.Decide(StockRules.Release, new ReservationCommand(Id(1)));
        if (end == "expire") _product.Now += Ttl;
        var repeated = Reserve(Id(1), 2);
        Assert.Equal((ReserveStatus.Reserved, true, default(Money)), (repeated.Status, repeated.Replayed, repeated.UnitPrice));

        // The other line is held at a price: the missing one is no other currency.
        var order = OrderReports.Placed();
        order.Reserved(repeated, order.Held("sku-2", 10));

        Assert.Equal(("Cancelling, None", OrderReason.HoldExpired), (order.Where, order.State.Reason));
    }

    [Theory]
    [InlineData(0, "Cancelling, None", OrderReason.HoldExpired)]
    [InlineData(1, "Charging, Pending", null)]
    public void A_line_whose_hold_is_over_when_its_answer_comes_cancels_the_order(int millisecondsLeft, string where, string? reason)
    {
        var order = OrderReports.Placed();
        var held = order.Held("sku-1", 100);
        var over = held with { Reservation = held.Reservation! with { ExpiresAt = order.Stream.Now.AddMilliseconds(millisecondsLeft) } };

        order.Reserved(over, order.Held("sku-2", 10));

        Assert.Equal((where, reason), (order.Where, order.State.Reason));
    }

    [Fact]
    public void A_cancel_of_an_order_that_is_parked_while_it_is_being_undone_is_accepted_and_changes_nothing()
    {
        var order = OrderReports.After(["reserved", "captured", "committed in part", "refunded", "park"]);

        Assert.Equal(OrderVerbStatus.Accepted, order.Report("cancel"));
        Assert.Empty(order.Events);
    }

    [Fact]
    public void A_receipt_that_is_recorded_again_is_kept_for_24_hours_from_then()
    {
        var book = new ReceiptBook();
        book.Record(Id(1), At(0));
        book.Record(Id(1), At(23 * Hour));

        book.Record(Id(2), At(25 * Hour));

        Assert.True(book.TryGet(Id(1), out _));
    }

    [Fact]
    public void A_restored_book_forgets_what_the_original_forgets()
    {
        var book = new ReceiptBook();
        book.Record(Id(1), At(0));
        book.Record(Id(2), At(Hour));
        book.Record(Id(1), At(23 * Hour));
        var restored = ReceiptBook.Restore(book.Capture());

        book.Record(Id(3), At(26 * Hour));
        restored.Record(Id(3), At(26 * Hour));

        Assert.Equal(StateText.Of(book), StateText.Of(restored));
    }

    [Fact]
    public void A_late_commit_is_replayed_for_24_hours_from_the_commit()
    {
        Create();
        Reserve(Id(1), 2);
        _product.Now += Ttl;
        _product.Read(StockRules.Level);
        _product.Now += TimeSpan.FromHours(23);
        _product.Decide(StockRules.Commit, new ReservationCommand(Id(1)));
        _product.Now += TimeSpan.FromHours(2);
        Create();

        var again = _product.Decide(StockRules.Commit, new ReservationCommand(Id(1)));

        Assert.Equal((ReservationOutcomeStatus.Done, true), (again.Status, again.Replayed));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Holds_that_expire_together_leave_their_receipts_in_one_order(bool snapshot)
    {
        Create();
        for (var i = 1; i <= 40; i++) Reserve(Id(i), 1);
        for (var i = 1; i <= 40; i += 3) _product.Decide(StockRules.Release, new ReservationCommand(Id(i)));
        var (restored, rows) = (_product.Restore(), _product.Rows);
        _product.Now += TimeSpan.FromHours(1);
        _product.Read(StockRules.Level);

        var other = snapshot ? _product.ReplayFrom(restored, rows) : _product.Replay();

        Assert.Equal(StateText.Of(_product.State), StateText.Of(other));
    }

    [Fact]
    public void Holds_that_expire_together_do_so_in_the_same_order_after_any_history()
    {
        // Many open holds with few different ends, reserved and released until the queue of expiries has been rebuilt.
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 40]).List[0, 300].Sample(
            static steps =>
            {
                var product = new PlayedStream<StockState, StockEvent>(StockKind.Instance, "sku-1");
                product.Record(
                    new StockEvent.DetailsPut(Id(100), 1, "Tea", 1, "EUR"),
                    new StockEvent.Adjusted(Id(101), 1, 1_000, 1_000, "received", null));
                foreach (var (verb, number) in steps) Play(product, verb, number);
                var (restored, rows) = (product.Restore(), product.Rows);
                product.Now += TimeSpan.FromHours(1);
                product.Read(StockRules.Level);

                Assert.Equal(StateText.Of(product.State), StateText.Of(product.Replay()));
                Assert.Equal(StateText.Of(product.State), StateText.Of(product.ReplayFrom(restored, rows)));
            },
            iter: 1_000,
            threads: 1,
            print: static steps => string.Join(' ', steps));

        static void Play(PlayedStream<StockState, StockEvent> product, int verb, int number)
        {
            switch (verb)
            {
                case 0 or 1:
                    var ttl = Ttl + TimeSpan.FromMinutes(number % 2);
                    product.Reserve(new ReserveStock(new(Id(number), 1), 1, ttl, product.Now));
                    break;
                case 2:
                    product.Decide(StockRules.Release, new ReservationCommand(Id(number)));
                    break;
                default:
                    product.Now += TimeSpan.FromMinutes(1);
                    break;
            }
        }
    }

    [Fact]
    public void What_became_of_a_reservation_that_was_looked_up_survives_a_replay()
    {
        Create();
        Reserve(Id(1), 2);
        _product.Decide(StockRules.Commit, new ReservationCommand(Id(1)));
        _product.State.Receipts.TryGet(Id(1), out var sold);
        _product.Now += TimeSpan.FromHours(30);
        Create();
        Assert.False(_product.State.Receipts.TryGet(Id(1), out _));

        _product.State.Receipts.Recall(Id(1), sold);
        _product.Decide(StockRules.Undo, new ReservationCommand(Id(1), Lasting: true));

        Assert.Equal(StateText.Of(_product.State), StateText.Of(_product.Replay()));
    }

    [Fact]
    public void The_release_of_an_expired_hold_whose_receipt_had_moved_out_survives_snapshot_and_tail()
    {
        Create();
        Reserve(Id(1), 2);
        _product.Now += TimeSpan.FromHours(1);
        _product.Read(StockRules.Level);
        _product.State.Receipts.TryGet(Id(1), out var expired);
        _product.Record(new StockEvent.ReceiptsMoved(3));
        _product.State.Receipts.ForgetMoved();
        var (restored, rows) = (_product.Restore(), _product.Rows);

        _product.State.Receipts.Recall(Id(1), expired);
        _product.Decide(StockRules.Release, new ReservationCommand(Id(1)));

        Assert.Equal(StateText.Of(_product.State), StateText.Of(_product.ReplayFrom(restored, rows)));
    }

    [Fact]
    public void A_tombstone_that_is_left_twice_shows_no_reservation_either_time()
    {
        Create();
        var command = new ReservationCommand(Id(1), LeaveTombstone: true);

        Assert.Equal(new(ReservationOutcomeStatus.Done), _product.Decide(StockRules.Release, command));
        Assert.Equal(new(ReservationOutcomeStatus.Done, Replayed: true), _product.Decide(StockRules.Release, command));
    }

    [Fact]
    public void A_profile_is_measured_as_it_is_written_not_as_html_would_escape_it()
    {
        var profile = new PlayedStream<ProfileState, ProfileEvent>(ProfileKind.Instance, "ada");

        // Three bytes of UTF-8 a character, where an escape takes six.
        var json = $$"""{"a":"{{new string('字', Limits.ProfileBytes / 4)}}"}""";

        Assert.Equal(ProfileStatus.Created, profile.Put(new EditProfile(new(Id(1), 7), json)).Status);
    }

    [Fact]
    public void An_erased_profile_knows_the_same_operations_after_a_replay()
    {
        var profile = new PlayedStream<ProfileState, ProfileEvent>(ProfileKind.Instance, "ada");
        for (var i = 0; i < 1_100; i++) profile.Put(new EditProfile(new(Id(i), 7), "{}"));
        profile.Erase(new EraseProfile(new(Id(9_999), 7)));

        var survivor = profile.ReplayFrom(new ProfileState("ada"), skip: 1_100);

        Assert.Equal(StateText.Of(profile.State.Receipts), StateText.Of(survivor.Receipts));
    }

    [Fact]
    public void Stock_above_the_limit_can_be_taken_from_and_not_added_to()
    {
        Create();
        Set(Limits.Quantity);
        Reserve(Id(1), 10);
        _product.Decide(StockRules.Commit, new ReservationCommand(Id(1)));
        Set(Limits.Quantity);
        _product.Decide(StockRules.Undo, new ReservationCommand(Id(1)));

        Assert.Equal(AdjustStatus.AboveLimit, Adjust(1).Status);
        Assert.Equal((AdjustStatus.Adjusted, Limits.Quantity + 9), (Adjust(-1).Status, _product.State.OnHand));
    }

    [Fact]
    public void A_repeated_first_put_is_told_again_that_it_created_the_product()
    {
        var put = new PutProduct(new(Id(1), 1), "Tea", new(1, "EUR"), null, IfAbsent: false);
        var first = _product.Put(put);

        Assert.Equal(PutProductStatus.Created, first.Status);
        Assert.Equal(first with { Replayed = true }, _product.Put(put));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void No_version_matches_a_product_that_is_not_there(long ifVersion)
    {
        var put = new PutProduct(new(Id(1), 1), "Tea", new(1, "EUR"), ifVersion, IfAbsent: false);

        var outcome = _product.Put(put);

        Assert.Equal(new(PutProductStatus.VersionMismatch, null), outcome);
    }

    private void Create()
    {
        _product.Put(new PutProduct(Next(), "Tea", new(250, "EUR"), null, IfAbsent: false));
        Adjust(100);
    }

    private AdjustOutcome Adjust(long delta) => _product.Adjust(new AdjustStock(Next(), delta, "received", null));

    private void Set(long onHand) => _product.Count(new SetStock(Next(), onHand, null));

    private ReserveOutcome Reserve(Guid id, long quantity) =>
        _product.Reserve(new ReserveStock(new(id, 7), quantity, Ttl, _product.Now.AddMinutes(1)));

    private Operation Next() => new(Id(++_nextOperation), 1);

    private static Guid Id(int number) => new(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    private static Receipt At(long at) => new(7, at, 1, 2, 3);
}
