using System.Globalization;
using Spectre.Console;

namespace Holdfast.Bench.Measuring;

/// <summary>The figures for the person at the terminal.</summary>
internal static class MeasurementView
{
    public static void Show(Measurement measurement, IAnsiConsole console)
    {
        Show($"bench {measurement.Command}", measurement.Machine, console);
        foreach (var comparison in measurement.Comparisons) Show(comparison, console);
    }

    public static void Show(string command, Machine m, IAnsiConsole console)
    {
        console.WriteLine();
        console.WriteLine($"{command}, {m.At:yyyy-MM-dd HH:mm}Z");
        console.WriteLine(Text($"{m.Processor}, {m.Cores} cores, {m.MemoryGb:F1} GB, {m.System}"));
        console.WriteLine($"{m.Runtime} ({m.Collector}), Holdfast {m.Holdfast} ({m.Commit}), Orleans {m.Orleans}, {m.Store}");
        console.WriteLine(Text($"{m.FileSystem}: {m.SyncMs:F2} ms to make a page durable; load average {m.Load:F1} before the run"));
    }

    public static void Show(Comparison comparison, IAnsiConsole console)
    {
        console.WriteLine();
        console.Write(ToTable(comparison));
        foreach (var note in comparison.Notes) console.WriteLine($"  {note}");
    }

    private static Table ToTable(Comparison comparison)
    {
        var first = comparison.Standings[0].Way;
        var processes = comparison.Standings.Any(static standing => standing.GeneratorShare is not null);
        var table = new Table().Title($"{comparison.Title}, {Callers(comparison.Clients)}".EscapeMarkup());
        table.AddColumn("way");
        string[] costs = processes ? ["server µs each", "generator, % of a core"] : ["bytes each", "appends each", "appends a batch"];
        foreach (var column in (string[])["per second", $"'{first}' is", "p50 ms", "p99 ms", .. costs])
        {
            table.AddColumn(new TableColumn(column.EscapeMarkup()).RightAligned());
        }

        foreach (var standing in comparison.Standings)
        {
            table.AddRow(
                [
                    standing.Way.EscapeMarkup(),
                    Figures.Text(standing.PerSecond),
                    $"{Figures.Text(comparison.FirstOver(standing))} ×",
                    Figures.Text(standing.P50Ms),
                    Figures.Text(standing.P99Ms),
                    .. processes ? ProcessorsOf(standing) : WorkOf(standing),
                ]);
        }

        return table;
    }

    private static string[] ProcessorsOf(Standing standing) =>
        [Figures.Text(standing.ServerMicroseconds ?? 0), Text($"{(standing.GeneratorShare ?? 0) * 100:F0}")];

    private static string[] WorkOf(Standing standing) =>
        [Figures.Text(standing.BytesPerOperation), Figures.Text(standing.AppendsPerOperation), Figures.Text(standing.AppendsPerBatch)];

    private static string Callers(int clients) => clients == 1 ? "1 caller" : Text($"{clients} callers");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
