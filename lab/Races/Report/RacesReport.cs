using System.Globalization;
using System.Net;
using System.Text;
using Holdfast.Lab.Races.Strategies;

namespace Holdfast.Lab.Races.Report;

/// <summary>One page that needs nothing else: no script, no font, no picture from elsewhere.</summary>
internal static class RacesReport
{
    /// <summary>The strategy that this is the report of.</summary>
    public const string Own = nameof(HoldfastGrains);

    private const string Style = "Holdfast.Lab.Races.report.css";

    public static string Write(RaceResults results)
    {
        var page = new StringBuilder();
        page.Append(Text($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>Race lab: {results.Machine.At:yyyy-MM-dd}</title>
            <link rel="icon" href="data:,">
            <style>
            {ReadStyle()}
            </style>
            </head>
            <body>
            <main>

            """));
        WriteHeader(page, results);
        WriteTiles(page, results);
        WriteOverview(page, results);
        foreach (var scenario in results.Scenarios) ScenarioChapter.Write(page, scenario);
        WriteStrategies(page, results);
        WriteMethod(page, results);
        return page.Append("</main>\n</body>\n</html>").ToString();
    }

    private static void WriteHeader(StringBuilder page, RaceResults results)
    {
        var m = results.Machine;
        page.Append(Text($"""
            <header>
            <h1>The race lab</h1>
            <p class="lead">Many clients change the same thing at the same moment. Which ways of writing it lose changes, and what do the others cost?</p>
            <p class="facts">{Encode(m.Processor)}, {m.Cores} cores, {m.MemoryGb:F0} GB · {Encode(m.System)} · {Encode(m.Runtime)} · {Encode(m.Store)} · {Encode(results.Redis)} · Orleans {Encode(m.Orleans)} · Holdfast {Encode(m.Holdfast)} · {m.SyncMs:F2} ms to make a page durable · {m.At:yyyy-MM-dd HH:mm} UTC · {results.Plan.Time.TotalSeconds} s a race, load {m.Load:F1} before</p>
            </header>

            """));
    }

    /// <summary>For each scenario what the first strategy lost, and who was fastest of those that lost nothing.</summary>
    private static void WriteTiles(StringBuilder page, RaceResults results)
    {
        page.Append("<section class=\"tiles\">\n");
        foreach (var scenario in results.Scenarios)
        {
            var naive = scenario.Standings[0];
            var best = scenario.Standings.Where(static standing => standing.Correct).OrderByDescending(static standing => standing.Points[^1].PerSecond).ToArray();
            page.Append(Text($"""
                <a class="tile" href="#{scenario.Text.Id}">
                <h2>{Encode(scenario.Text.Title)}</h2>
                <p class="big lost">{Figures.Count(naive.Lost.Operations)}</p>
                <p>{Encode(naive.Lost.Kinds.Count == 0 ? "lost" : string.Join(", ", naive.Lost.Kinds.Select(static kind => kind.What)))}, of {Figures.Count(naive.Points.Sum(static point => point.Done))} that {Encode(naive.About.Name.ToLowerInvariant())} acknowledged</p>

                """));
            foreach (var standing in best.Take(2))
            {
                page.Append(Text($"""<p class="runner"><b>{Figures.Number(standing.Points[^1].PerSecond)}</b>/s {Encode(standing.About.Name)}</p>"""));
            }

            page.Append("\n</a>\n");
        }

        page.Append(Text($"</section>\n<p class=\"note\">Red: lost in all races together. Below: the two fastest that lost nothing, at {results.Plan.Clients[^1]} clients.</p>\n"));
    }

    private static void WriteOverview(StringBuilder page, RaceResults results)
    {
        page.Append(Text($"<section id=\"overview\"><h2>Who keeps what</h2><div class=\"scroll\"><table class=\"overview\"><thead><tr><th>Strategy</th>"));
        foreach (var scenario in results.Scenarios) page.Append(Text($"<th><a href=\"#{scenario.Text.Id}\">{Encode(scenario.Text.Title)}</a><small>{Encode(scenario.Text.Rate)} a second at {results.Plan.Clients[^1]}</small></th>"));
        page.Append("</tr></thead><tbody>\n");
        foreach (var strategy in Strategies(results))
        {
            page.Append(Text($"<tr class=\"{(strategy.Strategy == Own ? "own" : "")}\"><th><a href=\"#{strategy.Strategy}\">{Encode(strategy.About.Name)}</a></th>"));
            foreach (var scenario in results.Scenarios)
                page.Append(OverviewCell(scenario.Standings.FirstOrDefault(standing => standing.Strategy == strategy.Strategy)));
            page.Append("</tr>\n");
        }

        page.Append("</tbody></table></div>\n<p class=\"note\">✓ nothing was lost in any race; ✗ something was; – the strategy has no answer to this. Rates do not count what was lost.</p></section>\n");
    }

    private static string OverviewCell(RaceStanding? standing)
    {
        if (standing is null) return "<td class=\"none\">–</td>";
        var rate = Figures.Number(standing.Points[^1].PerSecond);
        if (standing.Correct) return Text($"<td class=\"kept\"><i>✓</i> {rate}</td>");
        var lost = standing.Lost.Operations > 0 ? "" : " <small>with a stall</small>";
        var count = standing.Lost.Operations > 0 ? standing.Lost.Operations : standing.Stalled!.Loss.Operations;
        return Text($"<td class=\"lost\"><i>✗</i> {count:N0} lost{lost}</td>");
    }

    private static void WriteStrategies(StringBuilder page, RaceResults results)
    {
        page.Append("<section id=\"strategies\"><h2>The strategies: when, and when not</h2>\n<div class=\"cards\">\n");
        foreach (var standing in Strategies(results))
        {
            var about = standing.About;
            page.Append(Text($"""
                <article id="{standing.Strategy}" class="card {standing.Strategy}">
                <h3>{Encode(about.Name)}{(about.Loses ? " <em>loses</em>" : "")}</h3>
                <p>{Encode(about.How)}</p>
                <dl>
                <dt>When</dt><dd>{Encode(about.UseWhen)}</dd>
                <dt>When not</dt><dd>{Encode(about.NotWhen)}</dd>
                <dt>What it costs</dt><dd>{Encode(about.Cost)}</dd>
                <dt>Unlike the others here</dt><dd>{Encode(about.Unlike)}</dd>
                </dl>
                <p class="file">lab/Races/Strategies/{standing.Strategy}.cs</p>
                </article>

                """));
        }

        page.Append("</div></section>\n");
    }

    private static void WriteMethod(StringBuilder page, RaceResults results) => page.Append(Text($"""
        <section id="method"><h2>How it is measured</h2>
        <ul>
        <li>Everything runs on this one machine: clients, silo, PostgreSQL and Redis, which were started for the run. They take processor time from each other.</li>
        <li>PostgreSQL has its settings as they come: fsync and synchronous_commit are on, so every acknowledged change is on disk. Redis keeps an append-only file that is synced once a second; it holds locks and numbers only, never the data.</li>
        <li>The SQL strategies share {RaceLab.Connections} connections; clients beyond that wait for one. The silo has its own, to the same server. Statements are prepared.</li>
        <li>A client has one operation in flight. Bouts follow each other until they have lasted {results.Plan.Time.TotalSeconds} s together; making the data and auditing it is not counted. Latencies are those of all answers, refusals included.</li>
        <li>Whoever has to try again waits for a random time, up to twice as long each time and at most {Backoff.MaxMilliseconds} ms. Other waits would give the strategies that retry other figures.</li>
        <li>Each bout is audited after its last answer: what callers were told is compared with what is stored. The audit trusts nothing that the strategy counts. Plain and transactional grains read their state from storage for it.</li>
        <li>The stall: in one more bout of 8 clients, one of them stands still for {Stall.Duration.TotalMilliseconds:F0} ms between what it read and what it writes, once. A Redis lock lasts for {Stall.RedisLockLife.TotalMilliseconds:F0} ms. Every strategy whose client has such a gap gets the same stall; it is not part of the rates.</li>
        <li>No process is killed and no network is cut here. What Holdfast does then is tested elsewhere ('bench chaos', and the fault tests).</li>
        <li>One process cannot show what a cluster costs: a remote database adds a network round trip to each statement, and a grain on another silo adds one to each call.</li>
        </ul>
        </section>

        """));

    /// <summary>Each strategy once, in the lab's order.</summary>
    private static IEnumerable<RaceStanding> Strategies(RaceResults results) => results.Scenarios
        .SelectMany(static scenario => scenario.Standings)
        .DistinctBy(static standing => standing.Strategy)
        .OrderBy(static standing => !standing.About.Loses)
        .ThenBy(static standing => standing.Strategy == Own);

    private static string ReadStyle()
    {
        using var reader = new StreamReader(typeof(RacesReport).Assembly.GetManifestResourceStream(Style)!);
        return reader.ReadToEnd().TrimEnd();
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
