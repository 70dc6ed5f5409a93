using System.Globalization;

namespace Holdfast.Bench.Replay;

/// <summary>One row of the invoice file.</summary>
/// <param name="Number">Starts with <c>C</c> for a cancellation.</param>
/// <param name="Customer">The customer's number, or <see cref="Guest"/>.</param>
/// <param name="Lines">Units per SKU, in the order in which the SKUs first appear; SKUs differ by case.</param>
public sealed record Invoice(string Number, DateTimeOffset At, string Customer, IReadOnlyList<InvoiceLine> Lines)
{
    public const string Guest = "guest";

    /// <summary>A cancellation brings its goods back to stock; every other invoice is an order.</summary>
    public bool IsReturn => Number.StartsWith('C');
}

/// <param name="Units">How often the invoice lists the SKU; each mention is one unit.</param>
public sealed record InvoiceLine(string Sku, long Units);

/// <summary>Reads <c>invoice,invoiced_at,customer,country,skus</c>, one invoice a row, SKUs separated by <c>|</c>.</summary>
public static class Invoices
{
    private const string Header = "invoice,invoiced_at,customer,country,skus";
    private const int Columns = 5;

    /// <exception cref="BenchException">The file is missing or is not an invoice file.</exception>
    public static IReadOnlyList<Invoice> ReadFile(string path, int? limit)
    {
        try
        {
            using var reader = new StreamReader(path);
            return Read(reader, limit);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BenchException($"Cannot read the invoices at '{path}': name the CSV file with --invoices. ({e.Message})", e);
        }
    }

    /// <summary>The invoices in the order of their times, so that returns come between the orders as they did.</summary>
    /// <param name="limit">Only the earliest so many; null for all.</param>
    /// <exception cref="BenchException">Not an invoice file; the message names the line.</exception>
    public static IReadOnlyList<Invoice> Read(TextReader reader, int? limit = null)
    {
        if (reader.ReadLine() != Header)
            throw new BenchException($"Not an invoice file: its first line must be '{Header}'.");

        var invoices = new List<Invoice>();
        var numbers = new HashSet<string>();
        for (var row = 2; reader.ReadLine() is { } line; row++)
        {
            var invoice = Parse(line, row);
            // Order keys are made from invoice numbers: two invoices of one number would be one order.
            if (!numbers.Add(invoice.Number))
                throw new BenchException($"Line {row} of the invoices repeats invoice {invoice.Number}: keep one of the two.");
            invoices.Add(invoice);
        }

        return [.. invoices.OrderBy(invoice => invoice.At).ThenBy(invoice => invoice.Number, StringComparer.Ordinal).Take(limit ?? int.MaxValue)];
    }

    /// <summary>Units per SKU that all orders together ask for; a SKU that only comes back is there with 0.</summary>
    public static IReadOnlyDictionary<string, long> Demand(IEnumerable<Invoice> invoices)
    {
        var demand = new Dictionary<string, long>();
        foreach (var invoice in invoices)
        {
            foreach (var line in invoice.Lines)
                demand[line.Sku] = demand.GetValueOrDefault(line.Sku) + (invoice.IsReturn ? 0 : line.Units);
        }

        return demand;
    }

    private static Invoice Parse(string line, int row)
    {
        var fields = Fields(line);
        if (fields.Count != Columns || fields[0].Length == 0)
            throw new BenchException($"Line {row} of the invoices is not a row of '{Header}': {line}");
        if (!DateTimeOffset.TryParse(fields[1], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
            throw new BenchException($"Line {row} of the invoices has no RFC 3339 time in its second column: {fields[1]}");

        var lines = Sum(fields[4]);
        return lines.Count > 0
            ? new Invoice(fields[0], at, fields[2].Length > 0 ? fields[2] : Invoice.Guest, lines)
            : throw new BenchException($"Line {row} of the invoices lists no SKU.");
    }

    private static List<InvoiceLine> Sum(string skus) =>
        [.. skus.Split('|', StringSplitOptions.RemoveEmptyEntries).GroupBy(sku => sku).Select(same => new InvoiceLine(same.Key, same.Count()))];

    /// <summary>The fields of one CSV row (RFC 4180); a quoted field may hold commas and doubled quotes.</summary>
    private static List<string> Fields(string line)
    {
        var fields = new List<string>(Columns);
        var field = new System.Text.StringBuilder();
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"')
                field.Append(line[i++]);
            else if (c == '"')
                quoted = !quoted;
            else if (c == ',' && !quoted)
                Take();
            else
                field.Append(c);
        }

        Take();
        return fields;

        void Take()
        {
            fields.Add(field.ToString());
            field.Clear();
        }
    }
}
