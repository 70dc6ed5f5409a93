namespace Holdfast.Domain.Orders.Payments;

/// <summary>Bounds on what a payment gateway is sent.</summary>
public static class PaymentLimits
{
    /// <summary>Characters in an idempotency key.</summary>
    public const int KeyLength = 255;

    /// <summary>Characters in an order's or a charge's id.</summary>
    public const int IdLength = 64;

    /// <summary>Characters in a payment token.</summary>
    public const int TokenLength = 255;

    /// <summary>Characters in a currency: ISO 4217.</summary>
    public const int CurrencyLength = 3;
}
