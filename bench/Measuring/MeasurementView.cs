using System.Globalization;
using Spectre.Console;

namespace Holdfast.Bench.Measuring;

/// <summary>The figures for the person at the terminal.</summary>
internal static class MeasurementView
{
    public static void Show(Measurement measurement, IAnsiConsole console)
    {
        var m = measurement.Machine;
        console.WriteLine();
        console.WriteLine($"bench {measurement.Command}, {m.At:yyyy-MM-dd HH:mm}Z");
        console.WriteLine(Text($"{m.Processor}, {m.Cores} cores, {m.MemoryGb:F1} GB, {m.System}"));
        console.WriteLine($"{m.Runtime} ({m.Collector}), Holdfast {m.Holdfast}, Orleans {m.Orleans}, {m.Store}");
        console.WriteLine(Text($"{m.Directory}: {m.SyncMs:F2} ms to make a page durable; load average {m.Load:F1} before the run"));
        foreach (var comparison in measurement.Comparisons)
        {
            console.WriteLine();
            console.Write(ToTable(comparison));
            foreach (var note in comparison.Notes) console.WriteLine($"  {note}");
        }
    }

    private static Table ToTable(Comparison comparison)
    {
        var first = comparison.Standings[0].Way;
        var table = new Table().Title($"{comparison.Title}, {Callers(comparison.Clients)}".EscapeMarkup());
        table.AddColumn("way");
        foreach (var column in (string[])["per second", $"'{first}' is", "p50 ms", "p99 ms", "bytes each", "appends each", "appends a batch"])
        {
            table.AddColumn(new TableColumn(column.EscapeMarkup()).RightAligned());
        }

        foreach (var standing in comparison.Standings)
        {
            table.AddRow(
                standing.Way.EscapeMarkup(),
                Number(standing.PerSecond),
                $"{Number(comparison.FirstOver(standing))} ×",
                Number(standing.P50Ms),
                Number(standing.P99Ms),
                Number(standing.BytesPerOperation),
                Number(standing.AppendsPerOperation),
                Number(standing.AppendsPerBatch));
        }

        return table;
    }

    private static string Callers(int clients) => clients == 1 ? "1 caller" : Text($"{clients} callers");

    /// <summary>Three significant digits, or all of a whole number.</summary>
    private static string Number(double number) =>
        number.ToString(number >= 100 ? "N0" : number >= 10 ? "F1" : number >= 1 ? "F2" : "F3", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
