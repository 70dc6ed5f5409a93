using System.ComponentModel.DataAnnotations;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Api.Shop;

/// <summary>What one unit is to cost.</summary>
/// <param name="Amount">In minor units: cents, pence, whole yen.</param>
/// <param name="Currency">ISO 4217, three capital letters.</param>
public sealed record PriceRequest(
    [property: Range(0, Limits.UnitPrice)] long Amount,
    [property: RegularExpression("^[A-Z]{3}$")] string Currency)
{
    internal Money ToMoney() => new(Amount, Currency);

    internal void Check(ref Checks checks, string pointer) => Check(Amount, Currency, ref checks, pointer);

    internal static void Check(long amount, string currency, ref Checks checks, string pointer)
    {
        checks.Range(amount, 0, Limits.UnitPrice, pointer + "/amount");
        checks.Require(
            Currencies.IsKnown(currency),
            pointer + "/currency",
            ErrorCodes.UnknownCurrency,
            "must be a currency of ISO 4217 in three capital letters");
    }
}
