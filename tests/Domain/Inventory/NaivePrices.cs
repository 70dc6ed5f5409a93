using Holdfast.Contracts.Inventory;

namespace Holdfast.Tests.Domain.Inventory;

/// <summary>Prices as one would write them with no care for space: beside each minute that a test gets to, what it costs.</summary>
/// <param name="start">The first minute.</param>
internal sealed class NaivePrices(DateTimeOffset start)
{
    /// <summary>More than a test gets to.</summary>
    private const int Minutes = 6_000;

    private readonly (long Amount, int Begins)?[] _prices = new (long, int)?[Minutes];

    public long UnitPrice { get; set; }

    public long At(DateTimeOffset now) => _prices[Minute(now)]?.Amount ?? UnitPrice;

    /// <summary>When the period began that runs then; null when none does.</summary>
    public DateTimeOffset? RunningSince(DateTimeOffset now) =>
        _prices[Minute(now)] is { } running ? start.AddMinutes(running.Begins) : null;

    /// <summary>The next moment at which a period begins or ends.</summary>
    public DateTimeOffset? Until(DateTimeOffset now)
    {
        var minute = Minute(now);
        var next = Enumerable.Range(minute, Minutes - minute).Where(later => _prices[later] != _prices[minute]).Take(1).ToArray();
        return next is [var other] ? start.AddMinutes(other) : null;
    }

    /// <summary>What each minute from then on costs.</summary>
    public IEnumerable<long?> From(DateTimeOffset now) => _prices.Skip(Minute(now)).Select(static price => price?.Amount);

    /// <summary>The same of what an owner says.</summary>
    public IEnumerable<long?> Said(ProductPrices said, DateTimeOffset now) =>
        Enumerable.Range(Minute(now), Minutes - Minute(now)).Select(minute => said.Prices
            .SingleOrDefault(price => Minute(price.From) <= minute && (price.To is not { } to || minute < Minute(to)))?.UnitPrice.Amount);

    /// <returns>False when a minute that is over would cost something else.</returns>
    public bool Put(AskedPrice[] asked, DateTimeOffset now)
    {
        var today = Minute(now);
        var written = new (long Amount, int Begins)?[Minutes];
        foreach (var price in asked)
        {
            var begins = price.From is { } from ? Minute(from) : _prices[today] is { } goesOn && goesOn.Amount == price.UnitPrice.Amount
                ? goesOn.Begins
                : today;
            var ends = price.To is { } to ? Minute(to) : Minutes;
            if (ends <= today) return false;
            if (begins < today && _prices[today] != (price.UnitPrice.Amount, begins)) return false;
            for (var minute = Math.Max(begins, today); minute < ends; minute++) written[minute] = (price.UnitPrice.Amount, begins);
        }

        written.AsSpan(today).CopyTo(_prices.AsSpan(today));
        return true;
    }

    private int Minute(DateTimeOffset time) => (int)(time - start).TotalMinutes;
}
