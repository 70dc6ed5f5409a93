using Holdfast.Contracts.Inventory;

namespace Holdfast.Domain.Inventory;

/// <summary>A price and when it holds, as it is stored; in the product's currency.</summary>
/// <param name="From">Unix milliseconds, included.</param>
/// <param name="Amount">In minor units.</param>
/// <param name="To">Unix milliseconds, not included; null for one that does not end.</param>
public sealed record ScheduledPrice(long From, long Amount, long? To = null);

/// <summary>Periods that are sorted and do not overlap; null for none. None of it is changed in place.</summary>
public static class PriceSchedule
{
    /// <summary>Without what is over by then.</summary>
    /// <param name="at">Unix milliseconds.</param>
    /// <returns>The same ones when none is over; null when none is left.</returns>
    public static ScheduledPrice[]? Rest(ScheduledPrice[]? prices, long at)
    {
        if (prices is null) return null;
        var over = 0;
        while (over < prices.Length && prices[over].To <= at) over++;
        if (over == prices.Length) return null;
        return over == 0 ? prices : prices[over..];
    }

    /// <summary>The one that holds then, or null.</summary>
    /// <param name="at">Unix milliseconds.</param>
    public static ScheduledPrice? At(ScheduledPrice[]? prices, long at)
    {
        foreach (var price in prices ?? [])
        {
            if (at < price.From) return null;
            if (price.To is not { } to || at < to) return price;
        }

        return null;
    }

    /// <summary>What a product with these periods costs from then on.</summary>
    /// <param name="unitPrice">Outside of all periods.</param>
    /// <param name="version">Of the last change of the periods.</param>
    public static ProductPrices View(string sku, Money unitPrice, ScheduledPrice[]? prices, DateTimeOffset at, long version)
    {
        var now = at.ToUnixTimeMilliseconds();
        var rest = Rest(prices, now) ?? [];
        var running = At(rest, now);
        return new(
            sku,
            unitPrice,
            new(
                running is null ? unitPrice : unitPrice with { Amount = running.Amount },
                at,
                Time(running is null ? rest.FirstOrDefault()?.From : running.To)),
            [.. rest.Select(price => new PricePeriod(unitPrice with { Amount = price.Amount }, Time(price.From), Time(price.To)))],
            version);
    }

    /// <summary>The periods of a view, as they are stored.</summary>
    public static ScheduledPrice[]? Of(ProductPrices? view) => view is { Prices: [_, ..] periods }
        ? [.. periods.Select(static period => new ScheduledPrice(
            period.From.ToUnixTimeMilliseconds(), period.UnitPrice.Amount, period.To?.ToUnixTimeMilliseconds()))]
        : null;

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static DateTimeOffset? Time(long? milliseconds) => milliseconds is { } known ? Time(known) : null;
}
