using System.Globalization;
using Holdfast.Domain.Inventory;
using Holdfast.Views.Store;

namespace Holdfast.Views;

/// <summary>
/// Sums of corrections of stock that reach back in time: how much those add up to that were recorded by one time, and hold since another
/// or earlier. Each costs <see cref="Levels"/> look-ups, however many corrections there are.
/// </summary>
/// <remarks>
/// A radix tree over the time since when a correction holds, Unix milliseconds, four bits a level. A node has a sum for each of its sixteen
/// parts. A correction writes the nodes on its way anew, under the time when it was recorded, beside what they were before: so the tree is
/// there as it was at each time. (Driscoll, Sarnak, Sleator, Tarjan: Making data structures persistent, 1989, by copying paths.)
/// </remarks>
internal static class Corrections
{
    public const int Levels = 11;

    private const int BitsPerLevel = 4;
    private const int Parts = 1 << BitsPerLevel;

    public static string Table(ViewTables tables) => tables.Named("corrections");

    public static string Create(ViewTables tables, ViewStore store) =>
        $"""
        CREATE TABLE {Table(tables)} (
            node    {store.Text} NOT NULL,
            at      bigint NOT NULL,
            version bigint NOT NULL,
            sums    {store.Text} NOT NULL,
            PRIMARY KEY (node, at, version)){store.ByKey}
        """;

    /// <summary>The names of the nodes on the way to a time, the root first.</summary>
    /// <param name="time">Unix milliseconds.</param>
    public static string[] Way(string sku, long time) =>
        [.. Enumerable.Range(0, Levels)
            .Select(level => string.Create(CultureInfo.InvariantCulture, $"{sku}\n{level}.{Prefix(time, level)}"))];

    /// <summary>What the corrections add up to that hold since that time, or earlier.</summary>
    /// <param name="way">The nodes on the way to the time, as texts; null for one that is not there.</param>
    public static long SumThrough(IReadOnlyList<string?> way, long time)
    {
        var sum = 0L;
        for (var level = 0; level < Levels && way[level] is { } node; level++)
        {
            var last = level == Levels - 1;
            foreach (var part in Read(node).AsSpan(0, Part(time, level) + (last ? 1 : 0))) sum += part;
        }

        return sum;
    }

    /// <summary>What all corrections add up to.</summary>
    /// <param name="root">As text; null when there is none.</param>
    public static long SumOfAll(string? root) => root is null ? 0 : Read(root).Sum();

    /// <summary>What some movements make of the nodes.</summary>
    public static async Task<ViewRows> Rows(
        IReadOnlyList<StreamChange> changes, ViewTables tables, ViewStore store, CancellationToken cancellationToken)
    {
        var rows = new ViewRows(Table(tables), ["node", "at", "version", "sums"], 3);
        var corrections = changes
            .SelectMany(static change => change.Rows.Where(static row => StockLedger.MayCorrect(row.Events))
                .SelectMany(row => StockLedger.MovementsOf(row.Events, row.FirstVersion, row.RecordedAt)
                    .Where(static movement => movement.EffectiveAt < movement.At)
                    .Select(movement => (
                        Way: Way(change.Key, movement.EffectiveAt!.Value.ToUnixTimeMilliseconds()),
                        Since: movement.EffectiveAt!.Value.ToUnixTimeMilliseconds(),
                        Movement: movement))))
            .ToArray();
        if (corrections.Length == 0) return rows;
        var nodes = await ReadNewest([.. corrections.SelectMany(static each => each.Way).Distinct()], tables, store, cancellationToken);
        foreach (var (way, since, movement) in corrections)
        {
            for (var level = 0; level < Levels; level++)
            {
                var sums = nodes[way[level]];
                sums[Part(since, level)] += movement.Delta;
                rows.Add(way[level], movement.At.ToUnixTimeMilliseconds(), movement.Version, string.Join(',', sums));
            }
        }

        return rows;
    }

    /// <summary>Looks up, for each of some nodes, how it is called and what it was at a time.</summary>
    /// <param name="time">A time in the statement: a node as it was then; empty for as it is.</param>
    public static string Newest(ViewTables tables, ViewStore store, string time) =>
        $"""
        SELECT value, (SELECT sums FROM {Table(tables)} WHERE node = value{time} ORDER BY at DESC, version DESC LIMIT 1)
        FROM {store.Each}
        """;

    private static async Task<Dictionary<string, long[]>> ReadNewest(
        string[] nodes, ViewTables tables, ViewStore store, CancellationToken cancellationToken)
    {
        var known = await store.Read(
            new ViewStatement(Newest(tables, store, ""), store.Texts(nodes)),
            static row => (Node: row.GetString(0), Sums: row.IsDBNull(1) ? new long[Parts] : Read(row.GetString(1))),
            cancellationToken);
        return known.ToDictionary(static row => row.Node, static row => row.Sums, StringComparer.Ordinal);
    }

    /// <summary>The bits of a time above those of a level.</summary>
    private static long Prefix(long time, int level) => time >> (BitsPerLevel * (Levels - level));

    /// <summary>The bits of a time at a level.</summary>
    private static int Part(long time, int level) => (int)(time >> (BitsPerLevel * (Levels - level - 1))) & (Parts - 1);

    private static long[] Read(string node) =>
        Array.ConvertAll(node.Split(','), static text => long.Parse(text, CultureInfo.InvariantCulture));
}
