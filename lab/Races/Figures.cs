using System.Globalization;

namespace Holdfast.Lab.Races;

/// <summary>Figures as people read them.</summary>
internal static class Figures
{
    /// <summary>Three significant digits, or all before the point.</summary>
    public static string Number(double number) =>
        number.ToString(number >= 100 || number == 0 ? "N0" : number >= 10 ? "F1" : "F2", CultureInfo.InvariantCulture);

    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Times(double number, double other) => other == 0 ? "–" : $"{Number(number / other)} ×";

    /// <summary>A line for each kind of damage.</summary>
    public static IEnumerable<string> Lines(Loss loss) =>
        loss.Kinds.Select(static damage => $"{Count(damage.Count)} {damage.What}");
}
