using System.ComponentModel.DataAnnotations;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Api.Shop;

/// <summary>An amount of money.</summary>
/// <param name="Amount">In minor units: cents, pence, whole yen.</param>
/// <param name="Currency">ISO 4217, three capital letters.</param>
public sealed record MoneyBody(long Amount, [property: RegularExpression("^[A-Z]{3}$")] string Currency)
{
    internal static MoneyBody From(Money money) => new(money.Amount, money.Currency);

    internal static MoneyBody? From(Money? money) => money is { } some ? From(some) : null;
}
