using System.Globalization;
using Holdfast.Contracts;

namespace Holdfast.Silo.Import;

/// <summary>
/// Collects the lines of a file. Looked at here is what only the file can tell, and what the server would take for something else; all
/// other rules are the server's, which says what is wrong in its own words.
/// </summary>
internal sealed class ImportLines(ImportColumns columns)
{
    private const string DefaultReason = "import";

    // Decimals of a price in a currency that nobody knows: it is the currency that is wrong then.
    private const int MostDecimals = 4;

    private readonly List<ImportRow> _rows = [];
    private readonly List<ImportRefusal> _refusals = [];
    private readonly Dictionary<string, long> _lineOfSku = new(StringComparer.Ordinal);

    public IReadOnlyList<ImportRow> Rows => _rows;

    public IReadOnlyList<ImportRefusal> Refusals => _refusals;

    public void Refuse(long line, string what, string? column = null) => _refusals.Add(new(line, column, what));

    /// <param name="fields">As many as there are columns.</param>
    public void Add(long line, string[] fields)
    {
        var before = _refusals.Count;
        var sku = columns.Of(fields, ImportColumns.Sku);
        var name = columns.Of(fields, ImportColumns.Name);
        var currency = columns.Of(fields, ImportColumns.Currency);
        var onHand = columns.Of(fields, ImportColumns.OnHand);
        CheckSku(line, sku);
        if (name.Length == 0) Refuse(line, "is missing", ImportColumns.Name);
        var amount = Price(line, columns.Of(fields, ImportColumns.Price), currency);
        var units = onHand.Length == 0 ? null : Units(line, onHand);
        var reason = Text(line, fields, ImportColumns.Reason, onHand.Length > 0);
        var reference = Text(line, fields, ImportColumns.Reference, onHand.Length > 0);

        // The first line of a SKU counts as such although something else may be wrong with it: which one was meant, nobody knows.
        if (sku.Length > 0 && !_lineOfSku.TryAdd(sku, line))
            Refuse(line, string.Create(CultureInfo.InvariantCulture, $"is in line {_lineOfSku[sku]} already"), ImportColumns.Sku);
        if (_refusals.Count == before) _rows.Add(new(line, sku, name, amount, currency, units, reason ?? DefaultReason, reference));
    }

    /// <summary>A path has no place for these; the rest of the rule for names is the server's.</summary>
    private void CheckSku(long line, string sku)
    {
        if (sku.Length == 0) Refuse(line, "is missing", ImportColumns.Sku);
        else if (sku is "." or "..") Refuse(line, $"'{sku}' is no name", ImportColumns.Sku);
        else if (sku.Length > 2 * Limits.KeyLength) Refuse(line, $"must have 1 to {Limits.KeyLength} characters", ImportColumns.Sku);
        else if (sku.Any(char.IsControl)) Refuse(line, "has a line break or another control character in it", ImportColumns.Sku);
    }

    private long Price(long line, string price, string currency)
    {
        var known = Currencies.IsKnown(currency);
        if (!known)
        {
            Refuse(
                line,
                currency.Length == 0 ? "is missing" : "is no currency of ISO 4217 in three capital letters",
                ImportColumns.Currency);
        }

        var decimals = known ? Currencies.MinorUnits(currency) : MostDecimals;
        if (price.Length == 0) Refuse(line, "is missing", ImportColumns.Price);
        else if (MinorUnits(price, decimals) is not { } amount) Refuse(line, NoPrice(decimals, currency), ImportColumns.Price);
        else if (known && amount > Limits.UnitPrice) Refuse(line, $"is more than {Limits.UnitPrice} minor units", ImportColumns.Price);
        else return amount;
        return 0;
    }

    private static string NoPrice(int decimals, string currency) => decimals switch
    {
        0 => $"not a whole number ({currency} has no decimals)",
        1 => "not a number of at most 1 decimal",
        _ => $"not a number of at most {decimals} decimals",
    };

    /// <summary>Digits, and a point with at least one digit behind it, if there is one; null when it is anything else.</summary>
    private static long? MinorUnits(string price, int decimals)
    {
        // Far above every price, and far below what a 64-bit number can bear.
        const int mostDigits = 18;
        var point = price.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? price : price[..point];
        var behind = point < 0 ? "" : price[(point + 1)..];
        if (whole.Length == 0 || (point >= 0 && behind.Length == 0) || behind.Length > decimals) return null;
        var digits = whole + behind.PadRight(decimals, '0');
        if (!digits.All(char.IsAsciiDigit)) return null;
        digits = digits.TrimStart('0');
        return digits.Length > mostDigits ? long.MaxValue : digits.Length == 0 ? 0 : long.Parse(digits, CultureInfo.InvariantCulture);
    }

    private long? Units(long line, string onHand)
    {
        if (long.TryParse(onHand, NumberStyles.None, CultureInfo.InvariantCulture, out var units) && units <= Limits.Quantity) return units;
        Refuse(line, $"not a whole number from 0 to {Limits.Quantity}", ImportColumns.OnHand);
        return null;
    }

    private string? Text(long line, string[] fields, string column, bool hasStock)
    {
        var text = columns.Of(fields, column);
        if (text.Length == 0) return null;
        if (!hasStock) Refuse(line, "belongs to a movement of stock, and onHand is empty", column);
        else if (text.Length > Limits.TextLength) Refuse(line, $"must have 1 to {Limits.TextLength} characters", column);
        return text;
    }
}
