using Holdfast.Views.Store;

namespace Holdfast.Views.Lists;

/// <summary>
/// What the lists know of a product's past: where its history says what was on hand at a time, and what was corrected since. In as many
/// look-ups, however long the history is.
/// </summary>
public sealed class StockHistory(ViewReads reads, ViewStore store)
{
    private const string Mark = "mark";
    private const string Before = "before";

    /// <summary>
    /// Movements count that were recorded by <paramref name="knownAt"/> and hold since <paramref name="asOf"/> or earlier. Those that
    /// were recorded by the earlier of the two are in what was on hand then; to them come the corrections that were recorded between the
    /// two, and reach back far enough.
    /// </summary>
    /// <param name="asOf">When it was so; Unix milliseconds.</param>
    /// <param name="knownAt">Included; Unix milliseconds.</param>
    /// <exception cref="ViewBehindException">The movements do not come so far in time, or are being made.</exception>
    /// <exception cref="ViewUnavailableException">The database cannot be read.</exception>
    public async Task<StockPast> Read(string sku, long asOf, long knownAt, ReadPoint point, CancellationToken cancellationToken)
    {
        var way = Corrections.Way(sku, asOf);
        var page = await reads.Read(
            ViewNames.Stock,
            StockView.DefinitionNumber,
            point,
            tables => Question(tables, sku, way, asOf, knownAt),
            static row => (Name: row.GetString(0), Value: row.IsDBNull(1) ? null : row.GetString(1)),
            cancellationToken);
        var found = page.Rows.ToDictionary(static row => row.Name, static row => row.Value, StringComparer.Ordinal);
        var corrections = asOf >= knownAt
            ? 0
            : Corrections.SumThrough([.. way.Select(node => found[node])], asOf) - Corrections.SumOfAll(found[Before]);
        return new(found[Mark] is { } mark ? StockMark.Parse(mark) : null, corrections);
    }

    /// <summary>The mark before another one; null when there is none.</summary>
    /// <exception cref="ViewBehindException">The movements are being made.</exception>
    /// <exception cref="ViewUnavailableException">The database cannot be read.</exception>
    public async Task<StockMark?> ReadMarkBefore(string sku, StockMark mark, CancellationToken cancellationToken)
    {
        var page = await reads.Read(
            ViewNames.Stock,
            StockView.DefinitionNumber,
            ReadPoint.Any,
            tables => new(
                $"""
                SELECT {StockMark.Columns} FROM {StockView.Marks(tables)} WHERE sku = @a AND (at, version) < (@b, @c)
                ORDER BY at DESC, version DESC LIMIT 1
                """,
                sku,
                mark.At,
                mark.Version),
            static row => StockMark.Parse(row.GetString(0)),
            cancellationToken);
        return page.Rows is [var before] ? before : null;
    }

    /// <summary>One statement, so that all of it is as of one moment.</summary>
    private ViewStatement Question(ViewTables tables, string sku, string[] way, long asOf, long knownAt) => new(
        $"""
        {Corrections.Newest(tables, store, " AND at <= @b")}
        UNION ALL SELECT '{Mark}', (SELECT {StockMark.Columns} FROM {StockView.Marks(tables)}
            WHERE sku = @c AND at <= @d ORDER BY at DESC, version DESC LIMIT 1)
        UNION ALL SELECT '{Before}', (SELECT sums FROM {Corrections.Table(tables)}
            WHERE node = @e AND at <= @d ORDER BY at DESC, version DESC LIMIT 1)
        """,
        store.Texts(way),
        knownAt,
        sku,
        Math.Min(asOf, knownAt),
        way[0]);
}

/// <summary>What the lists say of a product's stock at a time.</summary>
/// <param name="Mark">
/// The last one before the earlier of the two times: what was on hand then is in the product's history behind it, or in front of it when
/// there is nothing behind it. Null: behind the beginning.
/// </param>
/// <param name="Corrections">Units to be added to that.</param>
public sealed record StockPast(StockMark? Mark, long Corrections);

/// <summary>An append of a product's history that is found by its time.</summary>
/// <param name="At">When it was recorded, Unix milliseconds.</param>
/// <param name="Version">Its first one.</param>
public readonly record struct StockMark(long At, long Version)
{
    /// <summary>Both, as a text.</summary>
    internal const string Columns = "at || ' ' || version";

    internal static StockMark Parse(string text)
    {
        var parts = text.Split(' ');
        return new(Number(parts[0]), Number(parts[1]));

        static long Number(string text) => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }
}
