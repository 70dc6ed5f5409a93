using System.Globalization;

namespace Holdfast.Bench.Measuring;

/// <summary>Numbers as people read them.</summary>
internal static class Figures
{
    /// <summary>Three significant digits, or all of a whole number.</summary>
    public static string Text(double number) =>
        number.ToString(number >= 100 ? "N0" : number >= 10 ? "F1" : number >= 1 ? "F2" : "F3", CultureInfo.InvariantCulture);
}
