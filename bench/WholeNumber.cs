using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Holdfast.Bench;

/// <summary>Options that are whole numbers from 1 to a bound.</summary>
internal static class WholeNumber
{
    public static Option<int> Option(string name, string description, int standard, int most) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => standard,
        CustomParser = result => Parse(result, most),
    };

    /// <summary>Several of them, with commas between.</summary>
    public static Option<int[]> List(string name, string description, int[] standard, int most) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => standard,
        CustomParser = result => ParseAll(result, name, most),
    };

    public static int Parse(ArgumentResult result, int most)
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most)
            return number;
        var name = (result.Parent as OptionResult)?.Option.Name ?? "The value";
        result.AddError($"{name} '{text}' must be a whole number from 1 to {most}.");
        return 0;
    }

    private static int[]? ParseAll(ArgumentResult result, string name, int most)
    {
        var texts = result.Tokens.SelectMany(static token => token.Value.Split(',')).ToArray();
        var numbers = texts
            .Select(static text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .ToArray();
        if (numbers.Length > 0 && Array.TrueForAll(numbers, number => number >= 1 && number <= most)) return numbers;
        result.AddError($"{name} '{string.Join(',', texts)}' must be whole numbers from 1 to {most}, with commas between.");
        return null;
    }
}
