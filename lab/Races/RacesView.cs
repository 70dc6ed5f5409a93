using System.Globalization;
using Spectre.Console;

namespace Holdfast.Lab.Races;

/// <summary>The figures for the person at the terminal: a table a scenario.</summary>
internal static class RacesView
{
    public static void Show(RaceResults results, IAnsiConsole console)
    {
        var m = results.Machine;
        console.WriteLine();
        console.WriteLine($"lab races, {m.At:yyyy-MM-dd HH:mm}Z");
        console.WriteLine(Text($"{m.Processor}, {m.Cores} cores, {m.MemoryGb:F1} GB, {m.System}"));
        console.WriteLine($"{m.Runtime} ({m.Collector}), Holdfast {m.Holdfast}, Orleans {m.Orleans}, {m.Store}, {results.Redis}");
        console.WriteLine(Text($"{m.FileSystem}: {m.SyncMs:F2} ms to make a page durable; load average {m.Load:F1} before the run"));
        foreach (var scenario in results.Scenarios)
        {
            console.WriteLine();
            console.Write(ToTable(scenario));
        }
    }

    private static Table ToTable(ScenarioResult scenario)
    {
        var points = scenario.Standings[0].Points;
        var (fewest, most) = (points[0].Clients, points[^1].Clients);
        var table = new Table().Title($"{scenario.Text.Title}: {scenario.Text.Rate}".EscapeMarkup());
        table.AddColumn(new TableColumn("strategy").NoWrap());
        table.AddColumn("correct?");
        table.AddColumn("lost");
        foreach (var point in points) AddFigure(point.Clients == 1 ? "/s, 1 client" : $"/s, {point.Clients}");
        foreach (var column in (string[])[$"{most} ÷ {fewest}", $"p50 ms, {most}", $"p99 ms, {most}", $"retries, {most}", $"gave up, {most}"]) AddFigure(column);
        foreach (var standing in scenario.Standings) table.AddRow([.. Cells(standing)]);
        return table;

        void AddFigure(string column) => table.AddColumn(new TableColumn(column.EscapeMarkup()).RightAligned());
    }

    private static IEnumerable<string> Cells(RaceStanding standing)
    {
        yield return standing.About.Name.EscapeMarkup();
        yield return standing.Correct ? "yes" : "[red]no[/]";
        yield return Lost(standing);
        foreach (var point in standing.Points) yield return Figures.Number(point.PerSecond);
        var (first, last) = (standing.Points[0], standing.Points[^1]);
        yield return Figures.Times(last.PerSecond, first.PerSecond);
        yield return Figures.Number(last.P50Ms);
        yield return Figures.Number(last.P99Ms);
        yield return Figures.Number(last.RetriesEach);
        yield return Figures.Count(last.GaveUp);
    }

    private static string Lost(RaceStanding standing)
    {
        var lines = Figures.Lines(standing.Lost).ToList();
        if (standing.Stalled is { Loss.Operations: > 0 } stalled) lines.Add($"stalled: {string.Join(", ", Figures.Lines(stalled.Loss))}");
        return string.Join('\n', lines.Select(static line => $"[red]{line.EscapeMarkup()}[/]").DefaultIfEmpty("nothing"));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
