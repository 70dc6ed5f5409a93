namespace Holdfast.Silo.Import;

/// <summary>Which column of the file is which: the header names them, in any order.</summary>
internal sealed class ImportColumns
{
    public const string Sku = "sku";
    public const string Name = "name";
    public const string Price = "price";
    public const string Currency = "currency";
    public const string OnHand = "onHand";
    public const string Reason = "reason";
    public const string Reference = "reference";

    private static readonly string[] Required = [Sku, Name, Price, Currency];
    private static readonly string[] All = [.. Required, OnHand, Reason, Reference];

    private readonly Dictionary<string, int> _places = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="ImportException">A column is not known, there twice, or missing.</exception>
    public ImportColumns(string[] header)
    {
        Count = header.Length;
        for (var place = 0; place < header.Length; place++)
        {
            if (!All.Contains(header[place], StringComparer.OrdinalIgnoreCase)) throw new ImportException(Unknown(header[place]));
            if (!_places.TryAdd(header[place], place)) throw new ImportException($"The header has the column '{header[place]}' twice.");
        }

        var missing = Array.FindAll(Required, name => !_places.ContainsKey(name));
        if (missing.Length > 0) throw new ImportException($"The header has no column {string.Join(", ", missing)}. {Known}");
        if (!_places.ContainsKey(OnHand) && Array.Find([Reason, Reference], _places.ContainsKey) is { } idle)
            throw new ImportException($"The column '{idle}' belongs to a movement of stock, and there is no column onHand.");
    }

    /// <summary>Fields in a line.</summary>
    public int Count { get; }

    private static string Known =>
        $"Columns are {string.Join(", ", Required)}, and if you like {string.Join(", ", All[Required.Length..])}, separated by commas.";

    /// <summary>The field of a column; empty when there is no such column.</summary>
    public string Of(string[] fields, string column) => _places.TryGetValue(column, out var place) ? fields[place] : "";

    private static string Unknown(string name)
    {
        var separator = Array.Find([';', '\t'], name.Contains);
        return separator == default
            ? $"The header has '{name}', which is no column. {Known}"
            : $"The columns are separated by {(separator == ';' ? "semicolons" : "tabs")}. {Known}";
    }
}
