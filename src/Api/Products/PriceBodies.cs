using System.ComponentModel.DataAnnotations;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Api.Shop;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Api.Products;

/// <summary>All prices that begin and end, from now on.</summary>
/// <param name="Prices">Sorted, without overlap; empty for none. What runs now and is not among them ends now.</param>
public sealed record PricesRequest([property: MaxLength(Limits.Prices)] IReadOnlyList<PricePeriodRequest> Prices)
{
    internal ulong Fingerprint
    {
        get
        {
            var print = new Fingerprint();
            foreach (var price in Prices)
            {
                print.Add(price.UnitPrice.Amount).Add(price.UnitPrice.Currency)
                    .Add(price.FromMilliseconds ?? long.MinValue).Add(price.ToMilliseconds ?? long.MaxValue);
            }

            return print.Value;
        }
    }

    /// <exception cref="RefusedRequestException">422: out of bounds, or two overlap.</exception>
    internal AskedPrice[] Check()
    {
        Checks.NoNulls(Prices, "/prices");
        var checks = new Checks();
        checks.Require(Prices.Count <= Limits.Prices, "/prices", ErrorCodes.WrongCount, $"must have at most {Limits.Prices} prices");
        for (var i = 0; i < Prices.Count; i++)
        {
            var (price, place) = (Prices[i], Place(i));
            price.UnitPrice.Check(ref checks, place + "/unitPrice");
            checks.Require(
                i == 0 || price.From is not null, place + "/from", ErrorCodes.OutOfRange, "may be left out of the first price only");
            checks.Require(
                i == 0 || !(price.FromMilliseconds < Prices[i - 1].FromMilliseconds),
                place + "/from",
                ErrorCodes.OutOfRange,
                "must not be earlier than that of the price before it");
            checks.Require(
                !(price.ToMilliseconds <= price.FromMilliseconds), place + "/to", ErrorCodes.OutOfRange, "must be later than 'from'");
        }

        checks.Refuse();
        for (var i = 1; i < Prices.Count; i++)
        {
            if (!(Prices[i - 1].ToMilliseconds <= Prices[i].FromMilliseconds))
                throw new RefusedRequestException(PriceProblems.OverlapOf(Place(i - 1), Place(i)));
        }

        return [.. Prices.Select(static price => new AskedPrice(price.UnitPrice.ToMoney(), price.From, price.To))];
    }

    /// <summary>The pointer to one of them.</summary>
    internal static string Place(int i) => RequestError.Element("/prices", i);
}

/// <param name="From">To the millisecond; not in the past. Left out of the first price: now.</param>
/// <param name="To">From then on it does not hold; left out, it does not end.</param>
public sealed record PricePeriodRequest(PriceRequest UnitPrice, DateTimeOffset? From = null, DateTimeOffset? To = null)
{
    internal long? FromMilliseconds => From?.ToUnixTimeMilliseconds();

    internal long? ToMilliseconds => To?.ToUnixTimeMilliseconds();
}

/// <summary>What a product costs, now and later.</summary>
/// <param name="UnitPrice">The product's own: it holds where none of the prices does.</param>
/// <param name="Prices">Those that hold now or will, sorted.</param>
/// <param name="Version">It changes with each change of the prices, and not when one begins or ends; 0 where there never was one.</param>
public sealed record PricesResponse(
    string Sku, MoneyBody UnitPrice, CurrentPriceBody Now, IReadOnlyList<PricePeriodBody> Prices, long Version)
{
    internal static PricesResponse From(ProductPrices prices) => new(
        prices.Sku,
        MoneyBody.From(prices.UnitPrice),
        new(MoneyBody.From(prices.Now.UnitPrice), prices.Now.Until),
        [.. prices.Prices.Select(static price => new PricePeriodBody(MoneyBody.From(price.UnitPrice), price.From, price.To))],
        prices.Version);
}

/// <summary>What one unit costs now.</summary>
/// <param name="Until">When another price begins, or this one ends; null for never.</param>
public sealed record CurrentPriceBody(MoneyBody UnitPrice, DateTimeOffset? Until);

/// <summary>A price that begins and ends.</summary>
/// <param name="To">From then on it does not hold; null when it does not end.</param>
public sealed record PricePeriodBody(MoneyBody UnitPrice, DateTimeOffset From, DateTimeOffset? To);
