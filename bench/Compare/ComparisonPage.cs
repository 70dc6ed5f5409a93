using System.Globalization;
using System.Text;
using Holdfast.Bench.Measuring;

namespace Holdfast.Bench.Compare;

/// <summary>The page that people read, made of nothing but results: no figure on it was typed.</summary>
internal static class ComparisonPage
{
    /// <exception cref="BenchException">Two results have a section of the same name, or one does not fit its own targets.</exception>
    public static string Write(IReadOnlyList<Results> runs)
    {
        var sections = runs.SelectMany(static run => run.Sections).ToArray();
        if (sections.GroupBy(static section => section.Id).FirstOrDefault(static same => same.Count() > 1) is { } twice)
            throw new BenchException($"Two of the files have the section '{twice.Key}': leave one out.");
        var page = new StringBuilder(
            """
            # Benchmarks

            This page is generated from the files in `docs/benchmarks`, which hold every round (`lab compare`, then `lab compare
            page`); a test compares the two, so no figure here can be typed. Within a table, the ways took turns, round by round, on the
            same machine; each figure is the median of the rounds.


            """);
        WriteMachines(page, runs);
        WriteTargets(page, sections);
        foreach (var section in sections) WriteSection(page, section);
        return page.ToString().TrimEnd('\n') + "\n";
    }

    private static void WriteMachines(StringBuilder page, IReadOnlyList<Results> runs)
    {
        foreach (var run in runs)
        {
            var m = run.Machine;
            WriteRow(page, "sections", string.Join(", ", run.Sections.Select(static section => section.Id)));
            WriteRow(page, "---", "---");
            WriteRow(page, "date", $"{m.At:yyyy-MM-dd HH:mm} UTC");
            WriteRow(page, "machine", Text($"{m.Processor}, {m.Cores} cores, {m.MemoryGb:F1} GB; load average {m.Load:F1} before the run"));
            WriteRow(page, "disk", Text($"{m.FileSystem}, {m.SyncMs:F2} ms to make a page durable"));
            WriteRow(page, "system", $"{m.System}; {m.Runtime}, {m.Collector}");
            WriteRow(page, "versions", $"Holdfast {m.Holdfast}, commit {m.Commit}; Orleans {m.Orleans}; {m.Store}");
            page.Append('\n');
        }
    }

    private static void WriteTargets(StringBuilder page, IReadOnlyList<Section> sections)
    {
        if (sections.All(static section => section.Targets.Count == 0)) return;
        page.Append("## Targets\n\n");
        WriteRow(page, "target", "wanted", "measured", "");
        WriteRow(page, "---", "--:", "--:", "---");
        foreach (var section in sections)
        {
            foreach (var target in section.Targets)
            {
                var measured = target.Measure(section);
                WriteRow(
                    page,
                    $"{target.What} ([{section.Title}](#{section.Id}))",
                    target.Wanted("≥", "≤"),
                    target.Text(measured),
                    target.IsReachedBy(measured) ? "reached" : "**not reached**");
            }
        }

        page.Append('\n');
    }

    private static void WriteSection(StringBuilder page, Section section)
    {
        page.Append(CultureInfo.InvariantCulture, $"<a id=\"{section.Id}\"></a>\n\n## {section.Title}\n\n{section.What}\n\n");
        foreach (var comparison in section.Comparisons) WriteComparison(page, comparison);
        foreach (var table in section.Tables) WriteTable(page, table);
        if (section.Unfair.Count == 0) return;
        page.Append("What is not fair about it:\n\n");
        foreach (var sentence in section.Unfair) page.Append(CultureInfo.InvariantCulture, $"* {sentence}\n");
        page.Append('\n');
    }

    private static void WriteComparison(StringBuilder page, Comparison comparison)
    {
        page.Append(CultureInfo.InvariantCulture, $"### {comparison.Title}\n\n{HowMeasured(comparison)}\n\n");
        var first = comparison.Standings[0].Way;
        var processes = comparison.Standings.Any(static standing => standing.GeneratorShare is not null);
        string[] processors = processes ? ["server, µs of processor each", "load generator"] : [];
        WriteRow(page, ["", "per second", "lowest – highest round", $"{first} is", "p50 ms", "p99 ms", .. processors]);
        WriteRow(page, ["---", "--:", "--:", "--:", "--:", "--:", .. processors.Select(static _ => "--:")]);
        foreach (var standing in comparison.Standings)
        {
            WriteRow(
                page,
                [
                    standing.Way,
                    Figures.Text(standing.PerSecond),
                    LowestAndHighest(standing),
                    $"{Figures.Text(comparison.FirstOver(standing))} ×",
                    Figures.Text(standing.P50Ms),
                    Figures.Text(standing.P99Ms),
                    .. processes ? (string[])[MicrosecondsText(standing), CoreText(standing)] : [],
                ]);
        }

        page.Append('\n');
        foreach (var note in comparison.Notes) page.Append(CultureInfo.InvariantCulture, $"* {note}\n");
        if (comparison.Notes.Count > 0) page.Append('\n');
    }

    private static string LowestAndHighest(Standing standing)
    {
        var rates = standing.Rounds.Select(static round => round.PerSecond).DefaultIfEmpty().ToArray();
        return $"{Figures.Text(rates.Min())} – {Figures.Text(rates.Max())}";
    }

    private static string MicrosecondsText(Standing standing) => standing.ServerMicroseconds is { } each ? Figures.Text(each) : "";

    private static string CoreText(Standing standing) => standing.GeneratorShare is { } share ? Text($"{share * 100:F0} % of a core") : "";

    private static string HowMeasured(Comparison comparison)
    {
        var rounds = comparison.Standings[0].Rounds;
        var seconds = comparison.Standings.SelectMany(static standing => standing.Rounds).Select(static round => round.Seconds).ToArray();
        var lengths = Figures.Text(seconds.Min()) == Figures.Text(seconds.Max())
            ? Figures.Text(seconds.Min())
            : $"{Figures.Text(seconds.Min())} to {Figures.Text(seconds.Max())}";
        return $"{Callers(comparison.Clients)}, {Counted(rounds.Count, "round")} of {lengths} s each way, "
            + $"after {Figures.Text(comparison.WarmUpSeconds)} s of warm-up.";
    }

    private static void WriteTable(StringBuilder page, Table table)
    {
        page.Append(CultureInfo.InvariantCulture, $"### {table.Title}\n\n");
        WriteRow(page, [.. table.Columns]);
        WriteRow(page, [.. table.Columns.Select(static (_, column) => column == 0 ? "---" : "--:")]);
        foreach (var row in table.Rows) WriteRow(page, [.. row]);
        page.Append('\n');
    }

    private static void WriteRow(StringBuilder page, params ReadOnlySpan<string> cells)
    {
        foreach (var cell in cells) page.Append("| ").Append(cell.Replace("|", "\\|", StringComparison.Ordinal)).Append(' ');
        page.Append("|\n");
    }

    private static string Callers(int clients) => Counted(clients, "caller");

    private static string Counted(int count, string what) => Text($"{count:N0} {what}{(count == 1 ? "" : "s")}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
