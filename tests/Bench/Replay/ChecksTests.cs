using Holdfast.Bench.Replay;

namespace Holdfast.Tests.Bench.Replay;

/// <summary>A run that went right, then the same run with one wrong answer in it: each must be found by its own check.</summary>
public sealed class ChecksTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_run_that_went_right_passes_every_check()
    {
        Assert.DoesNotContain(Checks.Of(Right()), check => !check.Ok);
    }

    [Fact]
    public void Every_check_looks_at_something_in_the_run_that_these_tests_make_wrong()
    {
        var idle = Checks.Of(Right()).Where(check => check.Checked == 0).Select(check => check.Name);

        // Its subjects exist only when stock covers everything, which would rule out the cancelled order that others look at.
        Assert.Equal(["with stock for all, no order was cancelled"], idle);
    }

    public static IEnumerable<object[]> WrongAnswers => Wrongs.Select(w => new object[] { w.What, w.Finds });

    [Theory]
    [MemberData(nameof(WrongAnswers))]
    public void A_wrong_answer_is_found(string what, string finds)
    {
        var wrong = Wrongs.Single(w => w.What == what).Make(Right());

        var failed = Checks.Of(wrong).Where(check => !check.Ok).ToArray();

        Assert.Contains(failed, check => check.Name.Contains(finds, StringComparison.Ordinal));
        Assert.All(failed, check => Assert.NotEmpty(check.Offenders));
    }

    private static readonly (string What, string Finds, Func<ReplayFacts, ReplayFacts> Make)[] Wrongs =
    [
        ("an order was refused", "was accepted", f => Order(f, 0, o => o with { Answer = null, Final = null, Refusal = "400 validation" })),
        ("a return was refused", "was accepted", f => f with { Returns = [f.Returns[0] with { Refusal = "409 stock_above_limit" }] }),
        ("an order needs attention", "ended completed or cancelled", f => Final(f, 0, o => o with { Status = "needsAttention" })),
        ("an order was lost", "ended completed or cancelled", f => Order(f, 0, o => o with { Final = null })),
        ("a completed order was cancelled later", "reads the same", f => Final(f, 0, o => o with { Status = "cancelled" })),
        ("an order lost a line", "invoice's lines", f => Final(f, 0, o => o with { Lines = [o.Lines[0]] })),
        ("an order sold more than asked", "invoice's lines", f => Final(f, 0, o => o with { Lines = [o.Lines[0] with { Quantity = 3 }, o.Lines[1]] })),
        ("a total is not its lines' sum", "invoice's lines", f => Final(f, 0, o => o with { Total = new Money(1, "GBP") })),
        ("an order was cancelled with stock for all", "no order was cancelled", f => f with { CoversAll = true }),
        ("a refusal names no shortfall", "names what was short", f => Final(f, 1, o => o with { Shortfalls = [] })),
        ("a unit was lost", "on hand, for every SKU", f => Sku(f, 0, s => s with { Stock = Stock("A", 8) })),
        ("a unit was sold twice", "on hand, for every SKU", f => Sku(f, 1, s => s with { Stock = Stock("B", 3) })),
        ("a return was counted twice", "on hand, for every SKU", f => Sku(f, 0, s => s with { Stock = Stock("A", 10) })),
        ("a hold was left over", "reserved = 0", f => Sku(f, 0, s => s with { Stock = new StockAnswer("A", 9, 1, 8) })),
        ("stock is below zero", "on hand ≥ 0", f => Sku(f, 0, s => s with { Stock = Stock("A", -1) })),
        ("available is not on hand minus reserved", "on hand ≥ 0", f => Sku(f, 0, s => s with { Stock = new StockAnswer("A", 9, 0, 8) })),
        ("a movement is missing", "movements sum", f => Sku(f, 0, s => s with { Movements = [.. s.Movements!.Skip(1)] })),
        ("a movement shows another on hand", "movements sum", f => Sku(f, 0, s => s with { Movements = [s.Movements![0] with { OnHand = 11 }, .. s.Movements!.Skip(1)] })),
        ("goods without money", "one captured charge", f => f with { Charges = [f.Charges[1]] }),
        ("an order is in no list", "list of orders", f => f with { Listed = f.Listed!.Take(1).ToDictionary() }),
        ("an order is listed as it was", "list of orders", f => f with { Listed = Listed(f, o => o with { Status = "charging" }) }),
        ("a movement is in no list", "list of all movements", f => f with { Moved = f.Moved!.ToDictionary(m => m.Key, m => m.Value - 1) }),
        ("charged twice", "one captured charge", f => f with { Charges = [.. f.Charges, f.Charges[0] with { Number = 9 }] }),
        ("charged another amount", "one captured charge", f => Charge(f, c => c with { Amount = new Money(299, "GBP") })),
        ("charged in another currency", "one captured charge", f => Charge(f, c => c with { Amount = new Money(300, "USD") })),
        ("refunded a completed order", "one captured charge", f => Charge(f, c => c with { Refunded = 1 })),
        ("declined, yet completed", "one captured charge", f => Charge(f, c => c with { Status = "declined" })),
        ("money without goods", "every captured charge refunded", f => f with { Charges = [f.Charges[0], f.Charges[1] with { Refunded = 0 }] }),
        ("a charge of no order", "belongs to an order", f => f with { Charges = [.. f.Charges, f.Charges[0] with { OrderId = "ord_x" }] }),
        ("money kept for nothing", "captured - refunded", f => f with { Charges = [f.Charges[0], f.Charges[1] with { Refunded = 99 }] }),
    ];

    /// <summary>A 10, B 2; one order of two A and one B completes, one of five B is cancelled after its charge, one A comes back.</summary>
    private static ReplayFacts Right()
    {
        var sale = new OrderAnswer("ord_1", "completed", [new("A", 2, Pounds(100)), new("B", 1, Pounds(100))], Noon, Noon, Pounds(300));
        var refusal = new OrderAnswer("ord_2", "cancelled", [new("B", 5)], Noon, Noon, null, "insufficient_stock", [new("B", 5, 2)]);
        var back = Invoice("C3", ("A", 1));
        return new ReplayFacts(
            CoversAll: false,
            [Placed(Invoice("1", ("A", 2), ("B", 1)), sale), Placed(Invoice("2", ("B", 5)), refusal)],
            [new ReturnFacts(back, back.Lines, null)],
            [
                new SkuFacts("A", 0, 10, Stock("A", 9), [new(1, "adjusted", 10, 10), new(3, "sold", -2, 8), new(4, "adjusted", 1, 9)]),
                // Two were there before, and this one's ledger is not in the sample.
                new SkuFacts("B", 2, 1, Stock("B", 2), null),
            ],
            [
                new ChargeAnswer(1, "ord_1", Pounds(300), "captured", 0),
                new ChargeAnswer(2, "ord_2", Pounds(100), "captured", 100),
                new ChargeAnswer(3, "ord_of_another_run", Pounds(5), "captured", 0),
            ],
            new HashSet<string> { "ord_of_another_run" })
        {
            Listed = new Dictionary<string, OrderAnswer> { ["ord_1"] = sale, ["ord_2"] = refusal },
            Moved = new Dictionary<string, long> { ["A"] = 9, ["B"] = 2 },
        };
    }

    private static Dictionary<string, OrderAnswer> Listed(ReplayFacts facts, Func<OrderAnswer, OrderAnswer> change) =>
        facts.Listed!.ToDictionary(static each => each.Key, each => change(each.Value));

    private static OrderFacts Placed(Invoice invoice, OrderAnswer order) => new(invoice, order, order, null, TimeSpan.FromMilliseconds(5));

    private static Invoice Invoice(string number, params (string Sku, long Units)[] lines) =>
        new(number, Noon, "guest", [.. lines.Select(l => new InvoiceLine(l.Sku, l.Units))]);

    private static Money Pounds(long pence) => new(pence, "GBP");

    private static StockAnswer Stock(string sku, long onHand) => new(sku, onHand, 0, onHand);

    private static ReplayFacts Order(ReplayFacts facts, int i, Func<OrderFacts, OrderFacts> change) =>
        facts with { Orders = Changed(facts.Orders, i, change) };

    private static ReplayFacts Final(ReplayFacts facts, int i, Func<OrderAnswer, OrderAnswer> change) =>
        Order(facts, i, o => o with { Final = change(o.Final!) });

    private static ReplayFacts Sku(ReplayFacts facts, int i, Func<SkuFacts, SkuFacts> change) => facts with { Skus = Changed(facts.Skus, i, change) };

    private static ReplayFacts Charge(ReplayFacts facts, Func<ChargeAnswer, ChargeAnswer> change) =>
        facts with { Charges = Changed(facts.Charges, 0, change) };

    private static T[] Changed<T>(IReadOnlyList<T> items, int i, Func<T, T> change) => [.. items.Select((item, at) => at == i ? change(item) : item)];
}
