using System.Globalization;
using System.Text.Json;

namespace Holdfast.Silo.Import;

/// <summary>Problems of the server, told of the line and the column that they come from.</summary>
internal static class ImportProblem
{
    /// <summary>What is wrong and what to do about it; null when nobody says so.</summary>
    public static string? Detail(JsonElement problem) => Text(problem, "detail");

    public static string? Code(JsonElement problem) => Text(problem, "code");

    public static long? Number(JsonElement problem, string member) =>
        problem.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : null;

    /// <summary>Each of its errors, or the problem itself when it names no place.</summary>
    public static IEnumerable<ImportRefusal> Refusals(JsonElement problem, long line)
    {
        var errors = Errors(problem)
            .Select(error => new ImportRefusal(line, Column(Place(error)), Detail(error) ?? "is refused"))
            .ToArray();
        return errors.Length > 0 ? errors : [new(line, null, Detail(problem) ?? "is refused, and the server does not say why")];
    }

    /// <summary>The errors of the items of a list, each with the place of its item; those of anything else are left out.</summary>
    public static IEnumerable<(int Item, string? Column, string Detail)> ItemErrors(JsonElement problem)
    {
        foreach (var error in Errors(problem))
        {
            if (Place(error).Split('/') is ["", "items", var item, .. var rest]
                && int.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                yield return (index, Column(string.Join('/', rest)), Detail(error) ?? "is refused");
        }
    }

    private static JsonElement[] Errors(JsonElement problem) =>
        problem.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array ? [.. errors.EnumerateArray()] : [];

    private static string Place(JsonElement error) => Text(error, "pointer") ?? Text(error, "parameter") ?? "";

    private static string? Column(string place) => place.TrimStart('/') switch
    {
        "sku" => ImportColumns.Sku,
        "name" => ImportColumns.Name,
        "unitPrice/amount" => ImportColumns.Price,
        "unitPrice/currency" => ImportColumns.Currency,
        "onHand" => ImportColumns.OnHand,
        "reason" => ImportColumns.Reason,
        "reference" => ImportColumns.Reference,
        _ => null,
    };

    private static string? Text(JsonElement problem, string member) =>
        problem.ValueKind == JsonValueKind.Object
        && problem.TryGetProperty(member, out var value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
