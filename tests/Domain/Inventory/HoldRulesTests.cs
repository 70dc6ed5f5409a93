using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Inventory;
using Holdfast.Domain.Owner;
using Holdfast.Tests.Domain.Owner;

namespace Holdfast.Tests.Domain.Inventory;

/// <summary>What can be asked of a hold besides selling all of it, and what is kept with it.</summary>
public sealed class HoldRulesTests
{
    private static readonly Guid Id = new("11111111-1111-1111-1111-111111111111");
    private static readonly TimeSpan Ttl = TimeSpan.FromMinutes(15);

    private readonly PlayedStream<StockState, StockEvent> _product = new(StockKind.Instance, "sku-1");
    private byte _nextOperation;

    public HoldRulesTests()
    {
        _product.Put(new PutProduct(Next(), "Tea", new(250, "EUR"), null, IfAbsent: false));
        _product.Adjust(new AdjustStock(Next(), 10, "received", null));
    }

    [Fact]
    public void A_part_of_a_hold_is_sold_and_the_rest_is_free_in_the_same_append()
    {
        Reserve(5);

        var sold = Commit(2);
        Assert.Equal((ReservationOutcomeStatus.Done, 5L, 2L), (sold.Status, sold.Reservation!.Quantity, sold.Reservation.Committed));
        Assert.Equal([new StockEvent.Committed(Id, 2, 8)], _product.Events);
        Assert.Equal((8L, 0L, 8L), (_product.State.OnHand, _product.State.Reserved, _product.State.Available));
        Assert.Equal(sold.Reservation, _product.Find(Id));
        Assert.Equal(StateText.Of(_product.State), StateText.Of(_product.Replay()));
        Assert.Equal(StateText.Of(_product.State), StateText.Of(_product.Restore()));

        // An order, say, that wanted all of it must not take this for what it asked.
        Assert.Equal(sold with { Replayed = true }, Commit(2));
        Assert.Equal(ReservationOutcomeStatus.AlreadyCommitted, Commit(null).Status);
        Assert.Equal(ReservationOutcomeStatus.AlreadyCommitted, Commit(3).Status);
        Assert.True(_product.Refused);
    }

    [Fact]
    public void What_was_sold_in_part_comes_back_in_part()
    {
        Reserve(5);
        Commit(2);

        var undone = _product.Decide(StockRules.Undo, new ReservationCommand(Id)).Reservation!;
        Assert.Equal((ReservationStatus.Released, 5L, 0L), (undone.Status, undone.Quantity, undone.Committed));
        Assert.Equal((10L, 10L), (_product.State.OnHand, _product.State.Available));
        Assert.Equal((ReserveStatus.Reserved, 5L), (Reserve(5).Status, Reserve(5).Reservation!.Quantity));
    }

    [Fact]
    public void More_than_was_held_cannot_be_sold()
    {
        Reserve(5);
        Assert.Equal((ReservationOutcomeStatus.QuantityTooLarge, 5L), (Commit(6).Status, Commit(6).Reservation!.Quantity));
        Assert.True(_product.Refused);
        _product.Now += Ttl;
        Assert.Equal(ReservationOutcomeStatus.QuantityTooLarge, Commit(6).Status);
    }

    [Fact]
    public void A_part_of_an_expired_hold_is_sold_when_there_is_enough_for_the_part()
    {
        Reserve(5);
        _product.Now += Ttl;
        Hold(8);

        Assert.Equal(ReservationOutcomeStatus.Expired, Commit(3).Status);
        Assert.Equal(2, Commit(2).Reservation!.Committed);
        Assert.Equal((8L, 0L), (_product.State.OnHand, _product.State.Available));
        Assert.Equal(2, StockRules.Find(_product.Replay(), Id)!.Committed);
    }

    [Fact]
    public void A_hold_lasts_longer_when_it_is_extended_and_never_shorter()
    {
        var expiresAt = Reserve(5).Reservation!.ExpiresAt;
        Assert.Equal(expiresAt, Extend(TimeSpan.FromMinutes(1)).Reservation!.ExpiresAt);
        _product.Now += TimeSpan.FromMinutes(10);
        expiresAt = Extend(Ttl).Reservation!.ExpiresAt;
        Assert.Equal(_product.Now + Ttl, expiresAt);
        Assert.Equal([new StockEvent.Extended(Id, expiresAt.ToUnixTimeMilliseconds())], _product.Events.Select(Bare));

        _product.Now = expiresAt.AddMilliseconds(-1);
        Assert.Equal(5, _product.Read(StockRules.Level)!.Reserved);
        foreach (var state in new[] { _product.Replay(), _product.Restore() })
            Assert.Equal((expiresAt.ToUnixTimeMilliseconds(), 5L), (state.NextExpiry, state.Reserved));
        _product.Now = expiresAt;
        Assert.Equal(0, _product.Read(StockRules.Level)!.Reserved);
        Assert.Equal(ReservationStatus.Expired, _product.Find(Id)!.Status);
    }

    [Fact]
    public void What_has_ended_is_not_extended()
    {
        Assert.Equal(new(ReservationOutcomeStatus.NotFound), Extend(Ttl));
        Reserve(5);
        _product.Now += Ttl;
        Assert.Equal((ReservationOutcomeStatus.Expired, ReservationStatus.Expired), Ends());
        _product.Decide(StockRules.Commit, new ReservationCommand(Id));
        Assert.Equal((ReservationOutcomeStatus.AlreadyCommitted, ReservationStatus.Committed), Ends());
        _product.Decide(StockRules.Undo, new ReservationCommand(Id));
        Assert.Equal((ReservationOutcomeStatus.AlreadyReleased, ReservationStatus.Released), Ends());

        (ReservationOutcomeStatus, ReservationStatus) Ends()
        {
            var refused = Extend(Ttl);
            Assert.True(_product.Refused);
            return (refused.Status, refused.Reservation!.Status);
        }
    }

    [Fact]
    public void A_verb_takes_effect_once_under_its_key()
    {
        Reserve(5);
        var key = Next();
        var longer = _product.Extend(new(key, Id, Ttl * 2)).Reservation!;
        _product.Now += TimeSpan.FromMinutes(1);
        Assert.Equal(new(ReservationOutcomeStatus.Done, longer, Replayed: true), _product.Extend(new(key, Id, Ttl * 2)));
        Assert.Empty(_product.Events);
        Assert.Equal(ReservationOutcomeStatus.KeyReused, _product.Extend(new(key with { Fingerprint = 8 }, Id, Ttl)).Status);

        var some = new ReservationCommand(Id) { Operation = Next(), Quantity = 2 };
        var sold = _product.Ask(some, StockRules.Commit);
        Assert.Equal(sold with { Replayed = true }, _product.Ask(some, StockRules.Commit));
        Assert.Equal(
            ReservationOutcomeStatus.KeyReused,
            _product.Ask(some with { Operation = some.Operation with { Fingerprint = 8 } }, StockRules.Commit).Status);
        Assert.Equal(ReservationOutcomeStatus.KeyReused, _product.Ask(some with { Operation = Used }, StockRules.Release).Status);
        Assert.Equal(StateText.Of(_product.State), StateText.Of(_product.Replay()));
    }

    [Fact]
    public void A_refused_verb_is_decided_afresh()
    {
        Reserve(5);
        var key = new ReservationCommand(Id) { Operation = Next(), Quantity = 6 };
        Assert.Equal(ReservationOutcomeStatus.QuantityTooLarge, _product.Ask(key, StockRules.Commit).Status);
        Assert.Equal(ReservationOutcomeStatus.Done, _product.Ask(key with { Quantity = 5 }, StockRules.Commit).Status);
    }

    [Fact]
    public void For_whom_units_are_held_goes_with_the_hold()
    {
        var text = new HoldText("c-1", "cart-9");
        var made = Reserve(5, text).Reservation!;
        Assert.Equal((text, (DateTimeOffset?)_product.Now), (made.Text, made.CreatedAt));
        foreach (var state in new[] { _product.State, _product.Replay(), _product.Restore() })
            Assert.Equal(made, StockRules.Find(state, Id));

        _product.Decide(StockRules.Release, new ReservationCommand(Id));
        Assert.Equal((null, null), (_product.Find(Id)!.Text, _product.Find(Id)!.CreatedAt));
        Assert.Equal(text, Reserve(5, text).Reservation!.Text);
    }

    [Theory]
    [InlineData("ada", ReservationOutcomeStatus.Done)]
    [InlineData("Ada", ReservationOutcomeStatus.NotFound)]
    [InlineData("bob", ReservationOutcomeStatus.NotFound)]
    public void A_customer_finds_no_hold_but_its_own(string customer, ReservationOutcomeStatus expected)
    {
        Reserve(5, new HoldText("ada", null));
        Assert.Equal(expected, _product.Extend(new(Next(), Id, Ttl) { OnlyOf = customer }).Status);
        Assert.Equal(expected, Release(customer).Status);
        Assert.Equal(expected == ReservationOutcomeStatus.Done ? 10 : 5, _product.State.Available);

        // Of one that has ended nobody knows any more whose it was; of one that names nobody neither.
        _product.Decide(StockRules.Release, new ReservationCommand(Id));
        Assert.Equal(ReservationOutcomeStatus.NotFound, Release(customer).Status);
        Assert.Equal(ReservationOutcomeStatus.NotFound, _product.Extend(new(Next(), Id, Ttl) { OnlyOf = customer }).Status);
    }

    [Fact]
    public void The_queue_of_expiries_stays_small_however_often_a_hold_is_extended()
    {
        Reserve(1);
        for (var i = 0; i < 500; i++)
        {
            _product.Now += TimeSpan.FromSeconds(1);
            _product.Decide(StockRules.Extend, new ExtendReservation(default, Id, Ttl));
        }

        Assert.Equal(_product.Now + Ttl, DateTimeOffset.FromUnixTimeMilliseconds(_product.State.NextExpiry!.Value));
        Assert.InRange(_product.State.Expected, 1, 100);
    }

    [Fact]
    public void An_old_reservation_is_found_in_the_rows_as_it_was()
    {
        Reserve(5);
        Extend(Ttl * 2);
        Commit(2);
        Receipt? found = null;
        foreach (var (events, at) in _product.Stored) found = StockLedger.After(found, Id, events, at);

        Assert.Equal((StockReceiptKind.CommittedInPart, 5L, 2L), (found!.Value.Kind, found.Value.Quantity, found.Value.Sold));
        Assert.Equal((_product.Now + (Ttl * 2)).ToUnixTimeMilliseconds(), found.Value.ExpiresAt);
    }

    private static Operation Used { get; } = new(new Guid(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), 7);

    private static StockEvent Bare(StockEvent @event) => @event is StockEvent.Extended extended ? extended with { By = null } : @event;

    private ReserveOutcome Reserve(long quantity, HoldText? text = null) =>
        _product.Reserve(new ReserveStock(new(Id, (ulong)quantity), quantity, Ttl, DateTimeOffset.MaxValue) { Text = text });

    private void Hold(long quantity) => Assert.Equal(
        ReserveStatus.Reserved, _product.Reserve(new ReserveStock(Next(), quantity, Ttl, DateTimeOffset.MaxValue)).Status);

    private ReservationOutcome Release(string customer) =>
        _product.Decide(StockRules.Release, new ReservationCommand(Id) { OnlyOf = customer });

    private ReservationOutcome Commit(long? quantity) =>
        _product.Decide(StockRules.Commit, new ReservationCommand(Id) { Quantity = quantity });

    private ReservationOutcome Extend(TimeSpan ttl) => _product.Extend(new(Next(), Id, ttl));

    private Operation Next() => new(new Guid(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ++_nextOperation), 7);
}
