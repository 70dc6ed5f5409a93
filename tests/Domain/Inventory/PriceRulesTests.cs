using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Inventory;
using Holdfast.Tests.Domain.Owner;

namespace Holdfast.Tests.Domain.Inventory;

public sealed class PriceRulesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset One = Noon.AddHours(1);
    private static readonly DateTimeOffset Two = Noon.AddHours(2);
    private static readonly DateTimeOffset Three = Noon.AddHours(3);

    private readonly PlayedStream<StockState, StockEvent> _product = new(StockKind.Instance, "sku-1") { Now = Noon };
    private byte _nextOperation;

    public PriceRulesTests()
    {
        Details(250);
        _product.Adjust(new AdjustStock(Next(), 100, "received", null));
    }

    [Fact]
    public void A_hold_costs_what_holds_at_its_recorded_time_from_the_beginning_on_and_at_the_end_no_more()
    {
        Assert.Equal(PutPricesStatus.Put, Put(new(Eur(200), One, Two), new(Eur(150), Two, Three)).Status);

        Assert.Equal(250, Reserve(One.AddMilliseconds(-1)));
        Assert.Equal(200, Reserve(One));
        Assert.Equal(200, Reserve(Two.AddMilliseconds(-1)));
        Assert.Equal(150, Reserve(Two));
        Assert.Equal(250, Reserve(Three));
    }

    /// <summary>A clock that steps over a boundary and back takes nobody back to the price before it.</summary>
    [Fact]
    public void Once_a_price_is_recorded_as_begun_a_clock_that_is_set_back_does_not_undo_it()
    {
        Put(new(Eur(200), One, Two), new(Eur(150), Two, null));

        Assert.Equal(200, Reserve(One));
        Assert.Equal(200, Reserve(Noon));
        Assert.Equal(150, Reserve(Two));
        Assert.Equal(150, Reserve(Noon));
        Assert.Equal(Two, _product.Stored.Last().At);
    }

    [Fact]
    public void A_repeated_reserve_is_told_the_price_of_then()
    {
        Put(new AskedPrice(Eur(200), null, One));
        var first = new ReserveStock(Next(), 1, TimeSpan.FromHours(9), DateTimeOffset.MaxValue);
        Assert.Equal(Eur(200), _product.Reserve(first).UnitPrice);

        _product.Now = Two;
        var again = _product.Reserve(first);
        Assert.Equal((true, Eur(200)), (again.Replayed, again.UnitPrice));
        Assert.Equal(250, Reserve(Two));
    }

    [Fact]
    public void A_put_replaces_what_is_still_to_come_and_nothing_of_the_past()
    {
        Put(new(Eur(200), One, Three), new(Eur(100), Three, null));
        Assert.Equal(200, Reserve(One));

        // At two, the rest of the running one is still to come: who does not name it ends it.
        _product.Now = Two;
        var put = Put(new AskedPrice(Eur(150), Three, null));
        Assert.Equal([new PricePeriod(Eur(150), Three, null)], put.Prices!.Prices);
        Assert.Equal((Eur(250), Two, Three), (put.Prices.Now.UnitPrice, put.Prices.Now.At, put.Prices.Now.Until));
        Assert.Equal(250, Reserve(Two));
        Assert.Equal(150, Reserve(Three));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_running_one_goes_on_with_its_own_beginning_and_may_get_another_end(bool named)
    {
        Put(new AskedPrice(Eur(200), One, null));
        _product.Now = Two;

        var put = Put(new AskedPrice(Eur(200), named ? One : null, Three));
        Assert.Equal([new PricePeriod(Eur(200), One, Three)], put.Prices!.Prices);
        Assert.Equal((200, 250), (Reserve(Two), Reserve(Three)));
    }

    [Fact]
    public void Without_a_beginning_another_price_begins_now()
    {
        Put(new AskedPrice(Eur(200), One, Three));
        _product.Now = Two;

        Assert.Equal([new PricePeriod(Eur(190), Two, null)], Put(new AskedPrice(Eur(190), null, null)).Prices!.Prices);
        Assert.Equal([], Put().Prices!.Prices);
        Assert.Equal(250, Reserve(Two));
    }

    [Fact]
    public void Nobody_changes_what_was_the_price()
    {
        Put(new AskedPrice(Eur(200), One, Three));
        Assert.Equal(200, Reserve(Two));
        var before = StateText.Of(_product.State);

        foreach (var late in new AskedPrice[]
        {
            new(Eur(200), Noon, Three),
            new(Eur(199), One, Three),
            new(Eur(200), Two.AddMilliseconds(-1), null),
            new(Eur(200), One, Two),
            new(Eur(200), null, Two),
        })
        {
            var refused = Put(late);
            Assert.Equal((PutPricesStatus.Past, 0, Two), (refused.Status, refused.Place, refused.Prices!.Now.At));
            Assert.True(_product.Refused);
        }

        // The stream's time counts, and no clock that is behind it.
        _product.Now = Noon;
        var behind = Put(new(Eur(200), One, Three), new(Eur(1), Three, null), new(Eur(1), One, null));
        Assert.Equal((PutPricesStatus.Past, 2), (behind.Status, behind.Place));
        Assert.Equal(before, StateText.Of(_product.State));
        Assert.Equal(PutPricesStatus.Put, Put(new AskedPrice(Eur(1), Two, null)).Status);
    }

    [Fact]
    public void A_product_is_sold_in_one_currency_while_prices_are_to_come()
    {
        var foreign = Put(new(Eur(200), One, Two), new(new(1, "USD"), Two, null));
        Assert.Equal((PutPricesStatus.OtherCurrency, 1), (foreign.Status, foreign.Place));
        Put(new AskedPrice(Eur(200), One, Two));

        Assert.Equal(PutProductStatus.CurrencyScheduled, Details(250, "USD").Status);
        Assert.True(_product.Refused);
        Assert.Equal(PatchProductStatus.CurrencyScheduled, Patch("USD").Status);
        Assert.True(_product.Refused);
        Assert.Equal((PutProductStatus.Replaced, PatchProductStatus.Patched), (Details(300).Status, Patch("EUR").Status));

        // What is over keeps nobody.
        _product.Now = Two;
        Assert.Equal(PutProductStatus.Replaced, Details(300, "USD").Status);
        Assert.Equal(new Money(300, "USD"), _product.Read(PriceRules.Read)!.Now.UnitPrice);
        Assert.Equal(PutPricesStatus.OtherCurrency, Put(new AskedPrice(Eur(200), Three, null)).Status);
        Assert.Equal(new(PutPricesStatus.UnknownProduct), PutOn(new(StockKind.Instance, "none")));
    }

    [Fact]
    public void Others_are_put_over_by_their_version_only()
    {
        var absent = PutIf([new(Eur(200), One, Two)], ifAbsent: true);
        var version = absent.Prices!.Version;
        Assert.Equal((PutPricesStatus.Put, _product.State.Version), (absent.Status, version));

        Assert.Equal(PutPricesStatus.VersionMismatch, PutIf([new(Eur(100), One, Two)], ifAbsent: true).Status);
        Assert.True(_product.Refused);
        Assert.Equal(PutPricesStatus.VersionMismatch, PutIf([], ifVersion: version - 1).Status);
        Assert.Equal(PutPricesStatus.Put, PutIf([new(Eur(100), One, Two)], ifVersion: version).Status);

        // Prices that are over are not put over, and the details have a version of their own.
        _product.Now = Two;
        Assert.Equal(PutPricesStatus.Put, PutIf([new(Eur(100), Three, null)], ifAbsent: true).Status);
        Assert.Equal(1, _product.State.DetailsVersion);
    }

    [Fact]
    public void What_is_there_may_be_said_again_and_leaves_no_trace_unless_a_key_binds_it()
    {
        AskedPrice[] sale = [new(Eur(200), One, Three)];
        PutIf(sale, ifAbsent: true);
        _product.Now = Two;
        foreach (var price in new[] { sale[0], sale[0] with { From = null } })
        {
            var again = _product.Put(new PutPrices(new(Next().Id, 0), [price], null, IfAbsent: true));
            Assert.Equal((PutPricesStatus.Put, One), (again.Status, Assert.Single(again.Prices!.Prices).From));
            Assert.Empty(_product.Events);
        }

        var keyed = new PutPrices(Next(), sale, null, IfAbsent: true);
        Assert.Equal(PutPricesStatus.Put, _product.Put(keyed).Status);
        Assert.Single(_product.Events);
        Put();
        Assert.Equal(new(PutPricesStatus.Put, Replayed: true), _product.Put(keyed));
        Assert.Equal(PutPricesStatus.KeyReused, _product.Put(keyed with { Operation = keyed.Operation with { Fingerprint = 8 } }).Status);
    }

    [Fact]
    public void An_operation_that_put_prices_is_no_reservation_and_no_put_of_details()
    {
        var operation = Next();
        _product.Put(new PutPrices(operation, [], null, IfAbsent: false));

        Assert.Null(_product.Find(operation.Id));
        Assert.Equal(
            ReserveStatus.KeyReused,
            _product.Reserve(new ReserveStock(operation, 1, TimeSpan.FromMinutes(1), DateTimeOffset.MaxValue)).Status);
        Assert.Equal(
            PutProductStatus.KeyReused, _product.Put(new PutProduct(operation, "Tea", Eur(250), null, IfAbsent: false)).Status);
    }

    [Fact]
    public void What_is_over_is_forgotten_by_whatever_is_recorded_next()
    {
        Put(new(Eur(200), One, Two), new(Eur(150), Two, Three));
        _product.Now = Two;
        Assert.Equal(2, _product.State.Prices!.Length);
        _product.Adjust(new AdjustStock(Next(), 1, "received", null));
        Assert.Equal(150, Assert.Single(_product.State.Prices!).Amount);

        _product.Now = Three;
        _product.Adjust(new AdjustStock(Next(), 1, "received", null));
        Assert.Null(_product.State.Prices);
        Assert.Equal(StateText.Of(_product.State), StateText.Of(_product.Replay()));
        Assert.Equal(StateText.Of(_product.State), StateText.Of(_product.Restore()));
    }

    [Fact]
    public void Whoever_reserves_a_product_without_periods_pays_no_memory_for_them()
    {
        PriceRules.UnitPrice(_product.State, Noon);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var price = PriceRules.UnitPrice(_product.State, Noon);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(Eur(250), price);
    }

    private static Money Eur(long amount) => new(amount, "EUR");

    private long Reserve(DateTimeOffset clock)
    {
        _product.Now = clock;
        var outcome = _product.Reserve(new ReserveStock(Next(), 1, TimeSpan.FromHours(9), DateTimeOffset.MaxValue));
        Assert.Equal(ReserveStatus.Reserved, outcome.Status);
        return outcome.UnitPrice.Amount;
    }

    private PutPricesOutcome Put(params AskedPrice[] prices) => PutIf(prices);

    private PutPricesOutcome PutIf(AskedPrice[] prices, bool ifAbsent = false, long? ifVersion = null) =>
        _product.Put(new PutPrices(Next(), prices, ifVersion, ifAbsent));

    private PutPricesOutcome PutOn(PlayedStream<StockState, StockEvent> product) =>
        product.Put(new PutPrices(Next(), [], null, IfAbsent: false));

    private PutProductOutcome Details(long amount, string currency = "EUR") =>
        _product.Put(new PutProduct(Next(), "Tea", new(amount, currency), null, IfAbsent: false));

    private PatchProductOutcome Patch(string currency) =>
        _product.Patch(new PatchProduct(Next(), null, null, null, currency, null, false, null, false, []));

    private Operation Next() => new(new Guid(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ++_nextOperation), 7);
}
