using System.Globalization;

namespace Holdfast.Bench.Replay;

/// <param name="Checked">How many things were looked at.</param>
/// <param name="Failed">How many of them were wrong.</param>
/// <param name="Offenders">The first of the wrong ones, with the numbers that disagree.</param>
public sealed record CheckResult(string Name, int Checked, int Failed, IReadOnlyList<string> Offenders)
{
    public bool Ok => Failed == 0;
}

/// <summary>What must hold after a replay: money and goods agree, nothing is lost, nothing is left over.</summary>
public static class Checks
{
    private const int OffendersShown = 5;

    public static IReadOnlyList<CheckResult> Of(ReplayFacts facts) =>
    [
        EveryInvoiceIsAccepted(facts),
        EveryOrderHasEnded(facts),
        EveryAnswerStillStands(facts),
        EveryOrderIsAsAsked(facts),
        EveryOrderIsServed(facts),
        EveryShortfallIsNamed(facts),
        OnHandAddsUp(facts),
        NothingIsReserved(facts),
        NothingIsOversold(facts),
        LedgersAddUp(facts),
        EveryOrderIsListed(facts),
        TheListOfMovementsAddsUp(facts),
        EveryCompletedOrderIsChargedOnce(facts),
        EveryCancelledOrderIsFree(facts),
        NoChargeIsOfAnUnknownOrder(facts),
        MoneyAddsUp(facts),
    ];

    private static CheckResult EveryInvoiceIsAccepted(ReplayFacts facts) => Check(
        "every invoice was accepted",
        facts.Orders.Select(o => (o.Invoice, o.Refusal)).Concat(facts.Returns.Select(r => (r.Invoice, r.Refusal))),
        i => i.Refusal is null ? null : $"{i.Invoice.Number}: {i.Refusal}");

    private static CheckResult EveryOrderHasEnded(ReplayFacts facts) => Check(
        "every accepted order ended completed or cancelled",
        facts.Orders.Where(o => o.Answer is not null),
        o => o.Final is { Ended: true } ? null : $"{Name(o)}: {o.Final?.Status ?? "not found"}");

    private static CheckResult EveryAnswerStillStands(ReplayFacts facts) => Check(
        "every final answer reads the same afterwards",
        facts.Orders.Where(o => o.Answer is { Ended: true }),
        o => o.Final?.Status == o.Answer!.Status && o.Final.Total == o.Answer.Total
            ? null
            : $"{Name(o)}: answered {o.Answer.Status} {Text(o.Answer.Total)}, now {o.Final?.Status ?? "not found"} {Text(o.Final?.Total)}");

    private static CheckResult EveryOrderIsAsAsked(ReplayFacts facts) => Check(
        "every order has its invoice's lines, and completed ones their sum as total",
        facts.Orders.Where(o => o.Final is not null),
        o => (WrongLines(o.Invoice, o.Final!) ?? WrongTotal(o.Final!)) is { } wrong ? $"{Name(o)}: {wrong}" : null);

    private static CheckResult EveryOrderIsServed(ReplayFacts facts) => Check(
        facts.LateIsFine ? "with stock for all, no order was cancelled, unless it was late" : "with stock for all, no order was cancelled",
        facts.Orders.Where(o => facts.CoversAll && o.Final is not null),
        o => o.Final!.Cancelled && !(facts.LateIsFine && o.Final.Reason == "reserve_timeout") ? $"{Name(o)}: {o.Final.Reason}" : null);

    private static CheckResult EveryShortfallIsNamed(ReplayFacts facts) => Check(
        "every refusal for stock names what was short",
        facts.Orders.Where(o => o.Final is { Cancelled: true, Reason: "insufficient_stock" }),
        o => o.Final!.Shortfalls is { Count: > 0 } shortfalls && shortfalls.All(s => s.Asked > s.Available) ? null : Name(o));

    private static CheckResult OnHandAddsUp(ReplayFacts facts)
    {
        var sold = Sum(facts.Orders.Where(o => o.Final is { Completed: true }).SelectMany(o => o.Final!.Lines).Select(l => (l.Sku, l.Quantity)));
        var returned = Sum(facts.Returns.SelectMany(r => r.Accepted).Select(l => (l.Sku, l.Units)));
        return Check("initial + returned - sold = on hand, for every SKU", facts.Skus, s =>
        {
            var (back, gone) = (returned.GetValueOrDefault(s.Sku), sold.GetValueOrDefault(s.Sku));
            return s.Before + s.Initial + back - gone == s.Stock.OnHand
                ? null
                : $"{s.Sku}: {s.Before + s.Initial} + {back} - {gone}, but {s.Stock.OnHand} on hand";
        });
    }

    private static CheckResult NothingIsReserved(ReplayFacts facts) => Check(
        "reserved = 0, for every SKU", facts.Skus, s => s.Stock.Reserved == 0 ? null : $"{s.Sku}: {s.Stock.Reserved} reserved");

    private static CheckResult NothingIsOversold(ReplayFacts facts) => Check(
        "on hand ≥ 0 and available = on hand - reserved ≥ 0, for every SKU",
        facts.Skus,
        s => s.Stock is { OnHand: >= 0, Available: >= 0 } && s.Stock.Available == s.Stock.OnHand - s.Stock.Reserved
            ? null
            : $"{s.Sku}: {s.Stock.OnHand} on hand, {s.Stock.Reserved} reserved, {s.Stock.Available} available");

    private static CheckResult LedgersAddUp(ReplayFacts facts) => Check(
        "movements sum to on hand, line by line and never below 0, for every SKU read",
        facts.Skus.Where(s => s.Movements is not null),
        WrongLedger);

    /// <summary>Events that a view has missed would show here, and nowhere else.</summary>
    private static CheckResult EveryOrderIsListed(ReplayFacts facts) => Check(
        "the list of orders has every order, once, as its owner shows it",
        facts.Orders.Where(o => facts.Listed is not null && o.Final is not null),
        o => facts.Listed!.TryGetValue(o.Final!.Id, out var listed)
            ? listed.Status == o.Final.Status && listed.UpdatedAt == o.Final.UpdatedAt && listed.Total == o.Final.Total
                ? null
                : $"{Name(o)}: {o.Final.Status}, listed as {listed.Status}"
            : $"{Name(o)}: not listed");

    private static CheckResult TheListOfMovementsAddsUp(ReplayFacts facts) => Check(
        "the list of all movements sums to on hand, for every SKU",
        facts.Skus.Where(_ => facts.Moved is not null),
        s => facts.Moved!.GetValueOrDefault(s.Sku) == s.Stock.OnHand
            ? null
            : $"{s.Sku}: listed movements sum to {facts.Moved!.GetValueOrDefault(s.Sku)}, {s.Stock.OnHand} on hand");

    private static CheckResult EveryCompletedOrderIsChargedOnce(ReplayFacts facts)
    {
        var captured = Captured(facts);
        return Check("every completed order has one captured charge of its total, nothing refunded", Ended(facts, completed: true), o =>
        {
            var charges = captured[o.Final!.Id].ToArray();
            return charges is [{ Refunded: 0 } charge] && charge.Amount == o.Final.Total
                ? null
                : $"{Name(o)}: total {Text(o.Final.Total)}, charges {Text(charges)}";
        });
    }

    private static CheckResult EveryCancelledOrderIsFree(ReplayFacts facts)
    {
        var captured = Captured(facts);
        return Check("every cancelled order has every captured charge refunded", Ended(facts, completed: false), o =>
        {
            var charges = captured[o.Final!.Id].ToArray();
            return charges.All(c => c.Refunded == c.Amount.Amount) ? null : $"{Name(o)}: charges {Text(charges)}";
        });
    }

    private static CheckResult NoChargeIsOfAnUnknownOrder(ReplayFacts facts)
    {
        var ours = Ids(facts);
        return Check(
            "every charge belongs to an order",
            facts.Charges,
            c => ours.Contains(c.OrderId) || facts.OtherOrders.Contains(c.OrderId) ? null : $"charge {c.Number} of {c.OrderId}: {Text(c.Amount)}");
    }

    private static CheckResult MoneyAddsUp(ReplayFacts facts)
    {
        var ours = Ids(facts);
        var kept = Sum(facts.Charges.Where(c => c.Captured && ours.Contains(c.OrderId)).Select(c => (c.Amount.Currency, c.Amount.Amount - c.Refunded)));
        var owed = Sum(Ended(facts, completed: true).Select(o => (o.Final!.Total?.Currency ?? "", o.Final.Total?.Amount ?? 0)));
        return Check("captured - refunded = totals of completed orders, for every currency", kept.Keys.Union(owed.Keys), currency =>
        {
            var (have, want) = (kept.GetValueOrDefault(currency), owed.GetValueOrDefault(currency));
            return have == want ? null : $"{currency}: kept {have}, completed orders sum to {want}";
        });
    }

    private static string? WrongLines(Invoice invoice, OrderAnswer order)
    {
        var asked = invoice.Lines.Select(l => (l.Sku, l.Units)).ToHashSet();
        return order.Lines.Count == asked.Count && asked.SetEquals(order.Lines.Select(l => (l.Sku, l.Quantity)))
            ? null
            : $"{order.Lines.Count} lines, {order.Lines.Sum(l => l.Quantity)} units instead of {asked.Count} lines, {asked.Sum(l => l.Units)} units";
    }

    private static string? WrongTotal(OrderAnswer order)
    {
        if (!order.Completed)
            return null;
        var sum = order.Lines.Sum(l => l.Quantity * (l.UnitPrice?.Amount ?? 0));
        return sum > 0 && order.Total is { } total && total.Amount == sum && order.Lines.All(l => l.UnitPrice?.Currency == total.Currency)
            ? null
            : $"total {Text(order.Total)}, lines sum to {sum}";
    }

    private static string? WrongLedger(SkuFacts sku)
    {
        var onHand = 0L;
        foreach (var movement in sku.Movements!)
        {
            onHand += movement.Delta;
            if (movement.OnHand != onHand || onHand < 0)
                return $"{sku.Sku}: line {movement.Version} says {movement.OnHand} on hand, the lines up to it sum to {onHand}";
        }

        return onHand == sku.Stock.OnHand ? null : $"{sku.Sku}: movements sum to {onHand}, {sku.Stock.OnHand} on hand";
    }

    private static IEnumerable<OrderFacts> Ended(ReplayFacts facts, bool completed) =>
        facts.Orders.Where(o => completed ? o.Final is { Completed: true } : o.Final is { Cancelled: true });

    private static ILookup<string, ChargeAnswer> Captured(ReplayFacts facts) => facts.Charges.Where(c => c.Captured).ToLookup(c => c.OrderId);

    private static HashSet<string> Ids(ReplayFacts facts) => [.. facts.Orders.Select(o => o.Answer?.Id).OfType<string>()];

    private static Dictionary<string, long> Sum(IEnumerable<(string Key, long Amount)> amounts)
    {
        var sums = new Dictionary<string, long>();
        foreach (var (key, amount) in amounts)
            sums[key] = sums.GetValueOrDefault(key) + amount;
        return sums;
    }

    /// <param name="wrong">What is wrong with one item, or null.</param>
    private static CheckResult Check<T>(string name, IEnumerable<T> items, Func<T, string?> wrong)
    {
        var (count, failed) = (0, 0);
        var offenders = new List<string>();
        foreach (var item in items)
        {
            count++;
            if (wrong(item) is not { } offender)
                continue;
            failed++;
            if (offenders.Count < OffendersShown)
                offenders.Add(offender);
        }

        return new CheckResult(name, count, failed, offenders);
    }

    private static string Name(OrderFacts order) => $"{order.Invoice.Number} ({order.Answer?.Id})";

    private static string Text(Money? money) =>
        money is null ? "none" : string.Create(CultureInfo.InvariantCulture, $"{money.Amount} {money.Currency}");

    private static string Text(ChargeAnswer[] charges) =>
        charges.Length == 0 ? "none" : string.Join(", ", charges.Select(c => $"{Text(c.Amount)} (refunded {c.Refunded})"));
}
