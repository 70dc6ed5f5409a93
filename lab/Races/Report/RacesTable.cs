using System.Globalization;
using System.Text;

namespace Holdfast.Lab.Races.Report;

/// <summary>The figures of one run as tables in Markdown, for the page that walks through the remedies.</summary>
internal static class RacesTable
{
    private const string Begin = "<!-- Figures of the race lab: written by it, and held against docs/races.json by a test. -->";
    private const string End = "<!-- The end of the figures. -->";

    /// <summary>The page with these figures in the place of those that are there.</summary>
    /// <exception cref="Bench.BenchException">It has no such place.</exception>
    public static string Into(string page, RaceResults results)
    {
        CheckPlace(page);
        var (begin, end) = (page.IndexOf(Begin, StringComparison.Ordinal), page.IndexOf(End, StringComparison.Ordinal));
        return $"{page[..begin]}{Begin}\n\n{Of(results)}{page[end..]}";
    }

    /// <exception cref="Bench.BenchException">It has no such place.</exception>
    public static void CheckPlace(string page)
    {
        var (begin, end) = (page.IndexOf(Begin, StringComparison.Ordinal), page.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin)
            throw new Bench.BenchException($"The page needs these two lines, for what is to stand between them:\n{Begin}\n{End}");
    }

    public static string Of(RaceResults results)
    {
        var machine = results.Machine;
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{machine.At:yyyy-MM-dd}: {machine.Processor}, {machine.Cores} cores; {machine.Runtime}, Orleans {machine.Orleans}, ")
            .Append(CultureInfo.InvariantCulture, $"{machine.Store}, {results.Redis}; {machine.SyncMs:F2} ms to make a page durable.\n\n");
        foreach (var scenario in results.Scenarios) Append(scenario, text);
        return text.ToString();
    }

    private static void Append(ScenarioResult scenario, StringBuilder text)
    {
        var points = scenario.Standings[0].Points;
        text.Append(CultureInfo.InvariantCulture, $"**{scenario.Text.Title}**: {scenario.Text.Rate}, a second\n\n| way |");
        foreach (var clients in points.Select(static point => point.Clients))
            text.Append(CultureInfo.InvariantCulture, $" {clients} {(clients == 1 ? "client" : "clients")} |");
        text.Append(" lost |\n| --- |").Append(string.Concat(Enumerable.Repeat(" --: |", points.Count))).Append(" --- |\n");
        foreach (var standing in scenario.Standings)
        {
            text.Append($"| [{standing.About.Name}](../lab/Races/Strategies/{standing.Strategy}.cs) |");
            foreach (var point in standing.Points) text.Append($" {Figures.Number(point.PerSecond)} |");
            text.Append($" {Lost(standing)} |\n");
        }

        text.Append('\n');
    }

    private static string Lost(RaceStanding standing)
    {
        var lines = Figures.Lines(standing.Lost).ToList();
        if (standing.Stalled is { Loss.Operations: > 0 } stalled)
            lines.Add($"when a client stalls: {string.Join(", ", Figures.Lines(stalled.Loss))}");
        return lines.Count == 0 ? "nothing" : string.Join("; ", lines);
    }
}
