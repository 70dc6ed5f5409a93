using System.Globalization;

namespace Holdfast.Bench.Replay;

/// <summary>How much of its whole demand each SKU has on hand before the first order.</summary>
/// <param name="Fraction">0 or more; 1 is the whole demand.</param>
public sealed record InitialStock(decimal Fraction)
{
    /// <summary>Far more than anyone needs; keeps units within the server's bounds.</summary>
    private const decimal LargestFraction = 1000;

    public static readonly InitialStock Plenty = new(1m);
    public static readonly InitialStock Half = new(0.5m);

    /// <summary>No order can be short of stock.</summary>
    public bool CoversAll => Fraction >= 1;

    public string Text => this == Plenty ? "plenty" : this == Half ? "half" : Fraction.ToString(CultureInfo.InvariantCulture);

    /// <summary><c>plenty</c>, <c>half</c> or a number such as 0.8; false for anything else.</summary>
    public static bool TryParse(string text, out InitialStock stock)
    {
        stock = text == "half" ? Half : Plenty;
        if (text is "plenty" or "half")
            return true;
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var fraction) || fraction > LargestFraction)
            return false;
        stock = new InitialStock(fraction);
        return true;
    }

    public override string ToString() => Text;

    /// <summary>Units, rounded down.</summary>
    public long Of(long demand) => (long)(demand * Fraction);
}
