using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Inventory;
using Holdfast.Domain.Owner;
using Holdfast.Tests.Domain.Owner;

namespace Holdfast.Tests.Domain.Inventory;

public sealed class StockRulesTests
{
    private const ulong Asked = 7;
    private const ulong SomethingElse = 8;

    private static readonly Guid Id = new("11111111-1111-1111-1111-111111111111");
    private static readonly Money Price = new(250, "EUR");
    private static readonly TimeSpan Ttl = TimeSpan.FromMinutes(15);

    private readonly PlayedStream<StockState, StockEvent> _product = new(StockKind.Instance, "sku-1");
    private byte _nextOperation;

    /// <summary>What a command about one reservation can find.</summary>
    public enum Found
    {
        Nothing,
        Open,
        OpenButOver,
        ExpiredWithFreeStock,
        ExpiredAndSoldToOthers,
        Committed,
        CommittedLate,
        Released,
        ReleasedAfterExpiry,
        Returned,
        Tombstone,
    }

    [Theory]
    [InlineData(Found.Nothing, ReservationOutcomeStatus.NotFound, null, false, "")]
    [InlineData(Found.Open, ReservationOutcomeStatus.Done, ReservationStatus.Committed, false, "Committed")]
    [InlineData(Found.OpenButOver, ReservationOutcomeStatus.Done, ReservationStatus.Committed, false, "Committed late")]
    [InlineData(Found.ExpiredWithFreeStock, ReservationOutcomeStatus.Done, ReservationStatus.Committed, false, "Committed late")]
    [InlineData(Found.ExpiredAndSoldToOthers, ReservationOutcomeStatus.Expired, ReservationStatus.Expired, false, "")]
    [InlineData(Found.Committed, ReservationOutcomeStatus.Done, ReservationStatus.Committed, true, "")]
    [InlineData(Found.CommittedLate, ReservationOutcomeStatus.Done, ReservationStatus.Committed, true, "")]
    [InlineData(Found.Released, ReservationOutcomeStatus.AlreadyReleased, ReservationStatus.Released, false, "")]
    [InlineData(Found.ReleasedAfterExpiry, ReservationOutcomeStatus.AlreadyReleased, ReservationStatus.Released, false, "")]
    [InlineData(Found.Returned, ReservationOutcomeStatus.AlreadyReleased, ReservationStatus.Released, false, "")]
    [InlineData(Found.Tombstone, ReservationOutcomeStatus.AlreadyReleased, null, false, "")]
    public void Commit_sells_what_is_held_and_an_expired_hold_only_from_free_stock(
        Found found, ReservationOutcomeStatus status, ReservationStatus? reservation, bool replayed, string events) =>
        Ends(StockRules.Commit, found, status, reservation, replayed, events);

    [Theory]
    [InlineData(Found.Nothing, ReservationOutcomeStatus.NotFound, null, false, "")]
    [InlineData(Found.Open, ReservationOutcomeStatus.Done, ReservationStatus.Released, false, "Released")]
    [InlineData(Found.OpenButOver, ReservationOutcomeStatus.Done, ReservationStatus.Released, false, "Released")]
    [InlineData(Found.ExpiredWithFreeStock, ReservationOutcomeStatus.Done, ReservationStatus.Released, false, "Released")]
    [InlineData(Found.ExpiredAndSoldToOthers, ReservationOutcomeStatus.Done, ReservationStatus.Released, false, "Released")]
    [InlineData(Found.Committed, ReservationOutcomeStatus.AlreadyCommitted, ReservationStatus.Committed, false, "")]
    [InlineData(Found.CommittedLate, ReservationOutcomeStatus.AlreadyCommitted, ReservationStatus.Committed, false, "")]
    [InlineData(Found.Released, ReservationOutcomeStatus.Done, ReservationStatus.Released, true, "")]
    [InlineData(Found.ReleasedAfterExpiry, ReservationOutcomeStatus.Done, ReservationStatus.Released, true, "")]
    [InlineData(Found.Returned, ReservationOutcomeStatus.Done, ReservationStatus.Released, true, "")]
    [InlineData(Found.Tombstone, ReservationOutcomeStatus.Done, null, true, "")]
    public void Release_gives_a_hold_back_and_never_a_sale(
        Found found, ReservationOutcomeStatus status, ReservationStatus? reservation, bool replayed, string events) =>
        Ends(StockRules.Release, found, status, reservation, replayed, events);

    [Theory]
    [InlineData(Found.Nothing, ReservationOutcomeStatus.NotFound, null, false, "")]
    [InlineData(Found.Open, ReservationOutcomeStatus.Done, ReservationStatus.Released, false, "Released")]
    [InlineData(Found.OpenButOver, ReservationOutcomeStatus.Done, ReservationStatus.Released, false, "Released")]
    [InlineData(Found.ExpiredWithFreeStock, ReservationOutcomeStatus.Done, ReservationStatus.Released, false, "Released")]
    [InlineData(Found.ExpiredAndSoldToOthers, ReservationOutcomeStatus.Done, ReservationStatus.Released, false, "Released")]
    [InlineData(Found.Committed, ReservationOutcomeStatus.Done, ReservationStatus.Released, false, "Returned")]
    [InlineData(Found.CommittedLate, ReservationOutcomeStatus.Done, ReservationStatus.Released, false, "Returned")]
    [InlineData(Found.Released, ReservationOutcomeStatus.Done, ReservationStatus.Released, true, "")]
    [InlineData(Found.ReleasedAfterExpiry, ReservationOutcomeStatus.Done, ReservationStatus.Released, true, "")]
    [InlineData(Found.Returned, ReservationOutcomeStatus.Done, ReservationStatus.Released, true, "")]
    [InlineData(Found.Tombstone, ReservationOutcomeStatus.Done, null, true, "")]
    public void Undo_takes_back_a_hold_and_a_sale_alike(
        Found found, ReservationOutcomeStatus status, ReservationStatus? reservation, bool replayed, string events) =>
        Ends(StockRules.Undo, found, status, reservation, replayed, events);

    [Theory]
    [InlineData(Found.Open, ReservationStatus.Reserved)]
    [InlineData(Found.OpenButOver, ReservationStatus.Expired)]
    [InlineData(Found.ExpiredWithFreeStock, ReservationStatus.Expired)]
    [InlineData(Found.Committed, ReservationStatus.Committed)]
    [InlineData(Found.CommittedLate, ReservationStatus.Committed)]
    [InlineData(Found.Released, ReservationStatus.Released)]
    [InlineData(Found.ReleasedAfterExpiry, ReservationStatus.Released)]
    [InlineData(Found.Returned, ReservationStatus.Released)]
    public void A_reservation_is_read_as_it_is_now(Found found, ReservationStatus status)
    {
        var expiresAt = Arrange(found);

        Assert.Equal(Seen(status, expiresAt), _product.Find(Id));
        Assert.Empty(_product.Events);
    }

    [Theory]
    [InlineData(Found.Nothing)]
    [InlineData(Found.Tombstone)]
    public void A_reservation_that_never_was_reads_as_none(Found found)
    {
        Arrange(found);

        Assert.Null(_product.Find(Id));
    }

    [Theory]
    [InlineData(Found.Open)]
    [InlineData(Found.OpenButOver)]
    [InlineData(Found.ExpiredWithFreeStock)]
    [InlineData(Found.Committed)]
    [InlineData(Found.CommittedLate)]
    [InlineData(Found.Released)]
    [InlineData(Found.ReleasedAfterExpiry)]
    [InlineData(Found.Returned)]
    public void A_repeated_reserve_gets_the_first_answer_whatever_became_of_the_hold(Found found)
    {
        var expiresAt = Arrange(found);

        var outcome = Reserve(Id, 4);

        Assert.Equal(ReserveStatus.Reserved, outcome.Status);
        Assert.True(outcome.Replayed);
        Assert.Equal(Seen(ReservationStatus.Reserved, expiresAt) with { CreatedAt = outcome.Reservation!.CreatedAt }, outcome.Reservation);
        Assert.Empty(_product.Events);
    }

    [Theory]
    [InlineData(Found.Open)]
    [InlineData(Found.ExpiredWithFreeStock)]
    [InlineData(Found.Committed)]
    [InlineData(Found.Released)]
    [InlineData(Found.Returned)]
    public void The_same_id_with_another_quantity_is_key_reuse(Found found)
    {
        Arrange(found);

        Assert.Equal(new(ReserveStatus.KeyReused), Reserve(Id, 5, SomethingElse));
        Assert.Empty(_product.Events);
    }

    [Fact]
    public void A_reserve_that_was_released_before_it_came_holds_nothing()
    {
        Arrange(Found.Tombstone);

        Assert.Equal(new(ReserveStatus.Released), Reserve(Id, 4));
        Assert.Equal(0, _product.State.Reserved);
    }

    [Fact]
    public void A_repeat_is_answered_after_its_deadline_too()
    {
        Arrange(Found.Open);

        Assert.True(Reserve(Id, 4, deadline: _product.Now.AddTicks(-1)).Replayed);
    }

    [Fact]
    public void A_reserve_after_its_deadline_holds_nothing_and_at_its_deadline_it_does()
    {
        Create(10);

        Assert.Equal(new(ReserveStatus.DeadlinePassed), Reserve(Id, 4, deadline: _product.Now.AddTicks(-1)));
        Assert.Empty(_product.Events);
        Assert.Equal(ReserveStatus.Reserved, Reserve(Id, 4, deadline: _product.Now).Status);
    }

    [Fact]
    public void Nothing_of_an_unknown_product_can_be_held_changed_or_read()
    {
        Assert.Equal(new(ReserveStatus.UnknownProduct), Reserve(Id, 1));
        Assert.True(_product.Refused);
        Assert.Equal(new(AdjustStatus.UnknownProduct), Adjust(1));
        Assert.True(_product.Refused);
        Assert.Equal(new(SetStockStatus.UnknownProduct, null), Set(1));
        Assert.True(_product.Refused);
        Assert.Null(_product.Read(DetailsRules.Read));
        Assert.Null(_product.Read(StockRules.Level));
        Assert.Equal(0, _product.State.Version);
    }

    [Fact]
    public void A_hold_records_the_price_and_the_expiry_it_was_given()
    {
        Create(10);

        var outcome = Reserve(Id, 4);

        var expiresAt = _product.Now + Ttl;
        Assert.Equal(new(ReserveStatus.Reserved, Seen(ReservationStatus.Reserved, expiresAt), Price), outcome);
        Assert.Equal([new StockEvent.Reserved(Id, Asked, 4, expiresAt.ToUnixTimeMilliseconds(), 250, "EUR")], _product.Events);
        Assert.Equal((10, 4, 6), (_product.State.OnHand, _product.State.Reserved, _product.State.Available));
    }

    [Fact]
    public void A_repeat_of_an_open_hold_is_told_the_price_of_then()
    {
        Create(10);
        Reserve(Id, 4);
        Put("Dearer", new(999, "EUR"));

        Assert.Equal(Price, Reserve(Id, 4).UnitPrice);
    }

    [Fact]
    public void The_last_unit_can_be_held_once()
    {
        Create(1);

        Assert.Equal(ReserveStatus.Reserved, Reserve(Id, 1).Status);
        Assert.Equal(new(ReserveStatus.InsufficientStock, Available: 0), Reserve(Next().Id, 1));
        Assert.True(_product.Refused);
    }

    [Fact]
    public void A_refused_reserve_says_what_was_available()
    {
        Create(10);
        Reserve(Id, 4);

        Assert.Equal(new(ReserveStatus.InsufficientStock, Available: 6), Reserve(Next().Id, 7));
        Assert.Equal(ReserveStatus.Reserved, Reserve(Next().Id, 6).Status);
    }

    [Fact]
    public void A_hold_is_over_at_its_expiry_and_not_a_millisecond_before()
    {
        Create(4);
        Reserve(Id, 4);

        _product.Now += Ttl - TimeSpan.FromMilliseconds(1);
        Assert.Equal(new(ReserveStatus.InsufficientStock, Available: 0), Reserve(Next().Id, 1));
        _product.Now += TimeSpan.FromMilliseconds(1);
        Assert.Equal(ReserveStatus.Reserved, Reserve(Next().Id, 4).Status);
    }

    [Fact]
    public void What_comes_due_is_one_event_for_all_holds_that_are_over()
    {
        Create(10);
        Reserve(Id, 1);
        Reserve(Next().Id, 2);
        Reserve(Next().Id, 3, ttl: 2 * Ttl);
        _product.Now += Ttl;

        Assert.Equal(new StockEvent.Expired(_product.Now.ToUnixTimeMilliseconds()), _product.State.Elapse(_product.Now));
        Assert.Equal(3, _product.Read(StockRules.Level)!.Reserved);
        Assert.Null(_product.State.Elapse(_product.Now));
    }

    [Fact]
    public void A_released_hold_never_comes_due()
    {
        Arrange(Found.Released);

        Assert.Null(_product.State.Elapse(_product.Now + (2 * Ttl)));
    }

    [Fact]
    public void A_sale_takes_the_units_out_of_on_hand_and_out_of_reserved()
    {
        Arrange(Found.Open);

        _product.Decide(StockRules.Commit, new ReservationCommand(Id));

        Assert.Equal([new StockEvent.Committed(Id, 4, 6)], _product.Events);
        Assert.Equal((6, 0), (_product.State.OnHand, _product.State.Reserved));
    }

    [Fact]
    public void A_late_sale_takes_its_units_from_free_stock_and_leaves_other_holds_alone()
    {
        var expiresAt = Arrange(Found.ExpiredWithFreeStock);
        Reserve(Next().Id, 6);

        _product.Decide(StockRules.Commit, new ReservationCommand(Id));

        var committed = Assert.IsType<StockEvent.Committed>(Assert.Single(_product.Events));
        Assert.Equal((Id, 4, 6), (committed.Id, committed.Quantity, committed.OnHand));
        Assert.Equal((4, expiresAt.ToUnixTimeMilliseconds()), (committed.Late!.Quantity, committed.Late.ExpiresAt));
        Assert.Equal((6, 6), (_product.State.OnHand, _product.State.Reserved));
    }

    [Fact]
    public void A_return_puts_the_units_on_hand_again()
    {
        Arrange(Found.Committed);

        _product.Decide(StockRules.Undo, new ReservationCommand(Id));

        var returned = Assert.IsType<StockEvent.Returned>(Assert.Single(_product.Events));
        Assert.Equal((Id, 4, 10, 4), (returned.Id, returned.Quantity, returned.OnHand, returned.Hold.Quantity));
        Assert.Equal((10, 0), (_product.State.OnHand, _product.State.Reserved));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_release_or_undo_of_an_unknown_id_can_leave_a_tombstone(bool undo)
    {
        Create(10);

        var outcome = GiveBack(undo);

        Assert.Equal(new(ReservationOutcomeStatus.Done), outcome);
        Assert.Equal([new StockEvent.Released(Id)], _product.Events);
        Assert.Equal(ReserveStatus.Released, Reserve(Id, 1).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_tombstone_is_left_once(bool undo)
    {
        Arrange(Found.Tombstone);

        var outcome = GiveBack(undo);

        Assert.Equal(new(ReservationOutcomeStatus.Done, Replayed: true), outcome);
        Assert.Empty(_product.Events);
    }

    [Fact]
    public void An_adjustment_says_what_is_on_hand_after_it()
    {
        Create(10);

        var operation = Next();
        var outcome = _product.Adjust(new AdjustStock(operation, -3, "damaged", "doc-1"));

        Assert.Equal(new(AdjustStatus.Adjusted, 7, 0, _product.State.Version, _product.Now), outcome);
        Assert.Equal([new StockEvent.Adjusted(operation.Id, Asked, -3, 7, "damaged", "doc-1")], _product.Events);
        Assert.Equal(_product.State.Version, _product.State.StockVersion);
    }

    [Theory]
    [InlineData(-6, AdjustStatus.Adjusted)]
    [InlineData(-7, AdjustStatus.BelowReserved)]
    [InlineData(-11, AdjustStatus.BelowReserved)]
    [InlineData(long.MinValue, AdjustStatus.BelowReserved)]
    [InlineData(Limits.Quantity - 10, AdjustStatus.Adjusted)]
    [InlineData(Limits.Quantity - 9, AdjustStatus.AboveLimit)]
    public void An_adjustment_stays_between_what_is_reserved_and_the_limit(long delta, AdjustStatus status)
    {
        Arrange(Found.Open);

        var outcome = Adjust(delta);

        Assert.Equal(status, outcome.Status);
        Assert.Equal(status == AdjustStatus.Adjusted ? 1 : 0, _product.Events.Length);
        if (status != AdjustStatus.Adjusted) Assert.Equal((10, 4, true), (outcome.OnHand, outcome.Reserved, _product.Refused));
    }

    [Fact]
    public void A_repeated_adjustment_gets_the_first_answer_and_no_second_effect()
    {
        Create(10);
        var command = new AdjustStock(Next(), 5, "received", null);
        var first = _product.Adjust(command);
        var decidedAt = _product.Now;
        _product.Now += TimeSpan.FromHours(1);
        Adjust(1);

        var again = _product.Adjust(command);

        Assert.Equal((AdjustStatus.Adjusted, 15L, first.Version, decidedAt, true), (again.Status, again.OnHand, again.Version, again.At, again.Replayed));
        Assert.Equal(16, _product.State.OnHand);
    }

    [Fact]
    public void Setting_records_what_the_count_changed()
    {
        Create(10);

        var operation = Next();
        var outcome = _product.Count(new SetStock(operation, 4, _product.State.StockVersion));

        Assert.Equal(new(SetStockStatus.Set, new("sku-1", 4, 0, _product.State.Version)), outcome);
        Assert.Equal([new StockEvent.Counted(operation.Id, Asked, -6, 4)], _product.Events);
    }

    [Theory]
    [InlineData(4, SetStockStatus.Set)]
    [InlineData(3, SetStockStatus.BelowReserved)]
    public void A_count_below_what_is_reserved_is_refused(long onHand, SetStockStatus status)
    {
        Arrange(Found.Open);

        Assert.Equal(status, Set(onHand).Status);
        Assert.Equal(status != SetStockStatus.Set, _product.Refused);
    }

    [Fact]
    public void A_count_is_refused_after_whatever_changed_what_is_on_hand_and_the_counter_did_not_see()
    {
        Create(10);
        var seen = _product.State.StockVersion;
        Put("Renamed", Price);
        Reserve(Id, 4);
        Assert.Equal(SetStockStatus.Set, Set(9, seen).Status);
        Assert.Equal(new(SetStockStatus.VersionMismatch, new("sku-1", 9, 4, _product.State.StockVersion)), Set(8, seen));

        seen = _product.State.StockVersion;
        _product.Decide(StockRules.Commit, new ReservationCommand(Id));
        Assert.Equal(new(SetStockStatus.VersionMismatch, new("sku-1", 5, 0, _product.State.StockVersion)), Set(9, seen));

        seen = _product.State.StockVersion;
        _product.Decide(StockRules.Undo, new ReservationCommand(Id));
        Assert.Equal(new(SetStockStatus.VersionMismatch, new("sku-1", 9, 0, _product.State.StockVersion)), Set(5, seen));
    }

    [Fact]
    public void A_repeated_count_succeeds_although_its_version_is_stale_by_its_own_effect()
    {
        Create(10);
        var command = new SetStock(Next(), 4, _product.State.StockVersion);
        _product.Count(command);
        Adjust(1);

        Assert.Equal(new(SetStockStatus.Set, new("sku-1", 5, 0, _product.State.StockVersion), Replayed: true), _product.Count(command));
    }

    [Fact]
    public void Details_are_created_once_and_replaced_afterwards()
    {
        var operation = Next();
        var created = _product.Put(new PutProduct(operation, "Tea", Price, null, IfAbsent: true));
        Assert.Equal([new StockEvent.DetailsPut(operation.Id, Asked, "Tea", 250, "EUR") { OnHand = 0 }], _product.Events);
        var replaced = Put("Green tea", new(300, "USD"));

        Assert.Equal(new(PutProductStatus.Created, Details("Tea", Price, 1)), created);
        Assert.Equal(new(PutProductStatus.Replaced, Details("Green tea", new(300, "USD"), 2)), replaced);
        Assert.Equal(replaced.Details, _product.Read(DetailsRules.Read));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(2L, false)]
    [InlineData(0L, false)]
    public void Details_with_another_version_than_the_caller_saw_are_not_replaced(long? ifVersion, bool ifAbsent)
    {
        Put("Tea", Price);

        var outcome = _product.Put(new PutProduct(Next(), "Coffee", Price, ifVersion, ifAbsent));

        Assert.Equal(new(PutProductStatus.VersionMismatch, Details("Tea", Price, 1)), outcome);
        Assert.True(_product.Refused);
    }

    [Fact]
    public void Details_with_a_version_that_never_was_are_not_created()
    {
        var outcome = _product.Put(new PutProduct(Next(), "Tea", Price, 1, IfAbsent: false));

        Assert.Equal(new(PutProductStatus.VersionMismatch, null), outcome);
    }

    [Fact]
    public void Sales_and_adjustments_do_not_move_the_version_of_the_details()
    {
        Create(10);
        Reserve(Id, 4);
        _product.Decide(StockRules.Commit, new ReservationCommand(Id));

        Assert.Equal(1, _product.Read(DetailsRules.Read)!.Version);
    }

    [Fact]
    public void A_repeated_put_succeeds_although_its_version_is_stale_by_its_own_effect()
    {
        Put("Tea", Price);
        var command = new PutProduct(Next(), "Coffee", Price, 1, IfAbsent: false);
        _product.Put(command);

        Assert.Equal(new(PutProductStatus.Replaced, Details("Coffee", Price, 2), Replayed: true), _product.Put(command));
        Assert.Empty(_product.Events);
    }

    [Fact]
    public void An_id_that_was_used_for_something_else_is_key_reuse_everywhere()
    {
        Create(10);
        var used = Next();
        _product.Adjust(new AdjustStock(used, 1, "received", null));
        var other = used with { Fingerprint = SomethingElse };

        Assert.Equal(AdjustStatus.KeyReused, _product.Adjust(new AdjustStock(other, 1, "received", null)).Status);
        Assert.Equal(SetStockStatus.KeyReused, _product.Count(new SetStock(other, 1, null)).Status);
        Assert.Equal(PutProductStatus.KeyReused, _product.Put(new PutProduct(other, "Tea", Price, null, false)).Status);
        Assert.Equal(ReserveStatus.KeyReused, Reserve(used.Id, 1).Status);
        Assert.Equal(ReservationOutcomeStatus.NotFound, _product.Decide(StockRules.Commit, new ReservationCommand(used.Id)).Status);
        Assert.Null(_product.Find(used.Id));
    }

    [Fact]
    public void The_id_of_an_ended_hold_is_no_adjustment()
    {
        Arrange(Found.Released);

        Assert.Equal(AdjustStatus.KeyReused, _product.Adjust(new AdjustStock(new(Id, Asked), 1, "received", null)).Status);
        Assert.Equal(SetStockStatus.KeyReused, _product.Count(new SetStock(new(Id, Asked), 1, null)).Status);
    }

    [Fact]
    public void More_reserved_than_on_hand_is_a_bug_that_throws()
    {
        Create(1);

        Assert.Throws<InvariantViolationException>(
            () => _product.Record(new StockEvent.Reserved(Id, Asked, 2, _product.Now.AddHours(1).ToUnixTimeMilliseconds(), 1, "EUR")));
    }

    [Fact]
    public void The_queue_of_expiries_stays_as_small_as_the_open_holds()
    {
        Create(1);
        for (var i = 0; i < 1_000; i++)
        {
            var id = Next().Id;
            Reserve(id, 1);
            _product.Decide(StockRules.Release, new ReservationCommand(id));
            _nextOperation = 0;
            _product.Now += ReceiptsForgotten;
        }

        Assert.Null(_product.State.NextExpiry);
        Assert.Equal((1, 0), (_product.State.OnHand, _product.State.Reserved));
    }

    private static TimeSpan ReceiptsForgotten => TimeSpan.FromMilliseconds(ReceiptBook.KeepMilliseconds + 1);

    private void Ends(
        Func<StockState, ReservationCommand, DateTimeOffset, Decision<StockEvent, ReservationOutcome>> rule,
        Found found,
        ReservationOutcomeStatus status,
        ReservationStatus? reservation,
        bool replayed,
        string events)
    {
        var expiresAt = Arrange(found);

        var outcome = _product.Decide(rule, new ReservationCommand(Id));

        Assert.Equal((status, replayed), (outcome.Status, outcome.Replayed));
        Assert.Equal(reservation, outcome.Reservation?.Status);
        if (outcome.Reservation is { } view) Assert.Equal(Seen(view.Status, expiresAt), view);
        Assert.Equal(events, string.Join(", ", _product.Events.Select(Name)));
    }

    private static string Name(StockEvent @event) => @event is StockEvent.Committed { Late: not null } ? "Committed late" : @event.GetType().Name;

    /// <summary>Ten on hand, and one reservation of four, in the state asked for. Gives the reservation's expiry.</summary>
    private DateTimeOffset Arrange(Found found)
    {
        Create(10);
        var expiresAt = _product.Now + Ttl;
        if (found == Found.Tombstone) _product.Decide(StockRules.Release, new ReservationCommand(Id, LeaveTombstone: true));
        if (found is Found.Nothing or Found.Tombstone) return expiresAt;
        Reserve(Id, 4);
        if (found is Found.OpenButOver or Found.ExpiredWithFreeStock or Found.ExpiredAndSoldToOthers or Found.CommittedLate or Found.ReleasedAfterExpiry)
        {
            _product.Now += Ttl;
        }

        switch (found)
        {
            case Found.ExpiredWithFreeStock:
                _product.Read(StockRules.Level);
                break;
            case Found.ExpiredAndSoldToOthers:
                Reserve(Next().Id, 7);
                break;
            case Found.Committed or Found.CommittedLate:
                _product.Decide(StockRules.Commit, new ReservationCommand(Id));
                break;
            case Found.Released or Found.ReleasedAfterExpiry:
                _product.Decide(StockRules.Release, new ReservationCommand(Id));
                break;
            case Found.Returned:
                _product.Decide(StockRules.Commit, new ReservationCommand(Id));
                _product.Decide(StockRules.Undo, new ReservationCommand(Id));
                break;
        }

        return expiresAt;
    }

    /// <summary>Of the four units; what has ended does not say any more when it began.</summary>
    private static Reservation Seen(ReservationStatus status, DateTimeOffset expiresAt) => new(Id, "sku-1", 4, status, expiresAt)
    {
        Committed = status == ReservationStatus.Committed ? 4 : 0,
        CreatedAt = status == ReservationStatus.Reserved ? expiresAt - Ttl : null,
    };

    private ReservationOutcome GiveBack(bool undo)
    {
        var command = new ReservationCommand(Id, LeaveTombstone: true);
        return undo ? _product.Decide(StockRules.Undo, command) : _product.Decide(StockRules.Release, command);
    }

    private void Create(long onHand)
    {
        Put("Tea", Price);
        Adjust(onHand);
    }

    /// <summary>With the time that has not passed.</summary>
    private ProductDetails Details(string name, Money price, long version) =>
        new("sku-1", name, price, version) { CreatedAt = _product.Now, UpdatedAt = _product.Now };

    private PutProductOutcome Put(string name, Money price) =>
        _product.Put(new PutProduct(Next(), name, price, null, IfAbsent: false));

    private AdjustOutcome Adjust(long delta) => _product.Adjust(new AdjustStock(Next(), delta, "received", null));

    private SetStockOutcome Set(long onHand, long? ifVersion = null) =>
        _product.Count(new SetStock(Next(), onHand, ifVersion));

    private ReserveOutcome Reserve(
        Guid id, long quantity, ulong fingerprint = Asked, TimeSpan? ttl = null, DateTimeOffset? deadline = null) => _product.Reserve(new ReserveStock(new(id, fingerprint), quantity, ttl ?? Ttl, deadline ?? DateTimeOffset.MaxValue));

    private Operation Next() => new(new Guid(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ++_nextOperation), Asked);
}
