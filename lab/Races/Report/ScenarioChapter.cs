using System.Globalization;
using System.Net;
using System.Text;

namespace Holdfast.Lab.Races.Report;

/// <summary>One scenario: what happens in it, what was lost, two charts, and what the comparison does not do.</summary>
internal static class ScenarioChapter
{
    public static void Write(StringBuilder page, ScenarioResult scenario)
    {
        var text = scenario.Text;
        page.Append(Text($"<section id=\"{text.Id}\"><h2>{Encode(text.Title)}</h2>\n<p>{Encode(text.What)}</p>\n"));
        WriteTable(page, scenario);
        page.Append("<div class=\"charts\">\n");
        page.Append(Chart(scenario, $"{Capital(text.Rate)} a second: higher is better", "/s", static point => point.PerSecond)).Append('\n');
        page.Append(Chart(scenario, "The slowest hundredth of the answers (p99): lower is better", "ms", static point => point.P99Ms)).Append('\n');
        page.Append("</div>\n<h3>What this comparison does not do</h3>\n<ul>\n");
        foreach (var sentence in text.Unfair) page.Append(Text($"<li>{Encode(sentence)}</li>\n"));
        page.Append("</ul></section>\n");
    }

    private static void WriteTable(StringBuilder page, ScenarioResult scenario)
    {
        var points = scenario.Standings[0].Points;
        var most = points[^1].Clients;
        page.Append(Text($"""
            <div class="scroll"><table>
            <thead><tr><th rowspan="2">Strategy</th><th rowspan="2">Correct?</th><th rowspan="2">Lost</th><th colspan="{points.Count}">{Encode(scenario.Text.Rate)} a second, by clients</th><th rowspan="2" class="n">{most} clients<br>÷ {points[0].Clients}</th><th colspan="4">at {most} clients</th></tr>
            <tr>{string.Concat(points.Select(static point => Text($"<th>{point.Clients}</th>")))}<th>p50 ms</th><th>p99 ms</th><th>retries each</th><th>gave up</th></tr></thead>
            <tbody>

            """));
        foreach (var standing in scenario.Standings) WriteRow(page, standing);
        page.Append("</tbody></table></div>\n");
    }

    private static void WriteRow(StringBuilder page, RaceStanding standing)
    {
        var (first, last) = (standing.Points[0], standing.Points[^1]);
        page.Append(Text($"<tr class=\"{(standing.Strategy == RacesReport.Own ? "own" : "")}\"><th><a href=\"#{standing.Strategy}\">{Encode(standing.About.Name)}</a></th>"));
        page.Append(standing.Correct ? "<td class=\"kept\"><i>✓</i> yes</td>" : "<td class=\"lost\"><i>✗</i> no</td>");
        page.Append(Text($"<td class=\"losses\">{Lost(standing)}</td>"));
        foreach (var point in standing.Points)
        {
            var lost = point.Loss.Operations > 0 ? Text($"<small class=\"lost\">{point.Loss.Operations:N0} lost</small>") : "";
            page.Append(Text($"<td class=\"n\">{Figures.Number(point.PerSecond)}{lost}</td>"));
        }

        page.Append(Text($"<td class=\"n\">{Figures.Times(last.PerSecond, first.PerSecond)}</td><td class=\"n\">{Figures.Number(last.P50Ms)}</td><td class=\"n\">{Figures.Number(last.P99Ms)}</td>"));
        page.Append(Text($"<td class=\"n\">{Figures.Number(last.RetriesEach)}</td><td class=\"n\">{Figures.Count(last.GaveUp)}</td></tr>\n"));
    }

    private static string Lost(RaceStanding standing)
    {
        var lines = Figures.Lines(standing.Lost).ToList();
        if (standing.Stalled is { Loss.Operations: > 0 } stalled)
            lines.Add($"when a client stalled: {string.Join(", ", Figures.Lines(stalled.Loss))}");
        return lines.Count > 0
            ? string.Join("<br>", lines.Select(static line => $"<span class=\"lost\">{Encode(line)}</span>"))
            : standing.Stalled is null ? "nothing" : "nothing, stall included";
    }

    private static string Chart(ScenarioResult scenario, string title, string unit, Func<RacePoint, double> figure) => LineChart.Draw(
        title,
        unit,
        [
            .. scenario.Standings.Select(standing => new Line(
                standing.About.Name,
                $"{standing.Strategy}{(standing.Correct ? "" : " loser")}",
                [.. standing.Points.Select(point => ((double)point.Clients, figure(point)))])),
        ]);

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static string Encode(string text) => WebUtility.HtmlEncode(text);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
