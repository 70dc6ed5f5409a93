using System.Text.RegularExpressions;
using System.Xml.Linq;
using Holdfast.Bench.Measuring;
using Holdfast.Lab.Races;
using Holdfast.Lab.Races.Report;
using Holdfast.Rig;

namespace Holdfast.Rings.Lab.Races;

public sealed partial class ReportTests
{
    /// <summary>For the browser to start and to read one page.</summary>
    private static readonly TimeSpan BrowserLimit = TimeSpan.FromMinutes(1);

    [Fact]
    public void It_refers_to_nothing_outside_itself()
    {
        var page = RacesReport.Write(Results());

        Assert.All(References().Matches(page), static reference => Assert.Matches("^(#|data:)", reference.Groups[1].Value));
        Assert.DoesNotContain("url(", page, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_reference_inside_it_has_its_place()
    {
        var page = RacesReport.Write(Results());

        var places = References().Matches(page).Select(static reference => reference.Groups[1].Value).Where(static value => value[0] == '#');
        Assert.All(places.Distinct(), place => Assert.Contains($"id=\"{place[1..]}\"", page, StringComparison.Ordinal));
    }

    [Fact]
    public void It_says_what_was_lost_and_when_not_to_use_what()
    {
        var page = RacesReport.Write(Results());

        Assert.Contains("<span class=\"lost\">37 oversold</span>", page, StringComparison.Ordinal);
        Assert.Contains("<span class=\"lost\">when a client stalled: 5 oversold</span>", page, StringComparison.Ordinal);
        Assert.Contains("never &lt;behind&gt; a web server", page, StringComparison.Ordinal);
        Assert.Contains("It has no network.", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_charts_are_well_formed_and_have_a_line_for_each_strategy_that_did_something()
    {
        var charts = Charts().Matches(RacesReport.Write(Results())).Select(static chart => XElement.Parse(chart.Value)).ToArray();

        Assert.Equal(2, charts.Length);
        Assert.All(charts, static chart => Assert.Equal(3, chart.Descendants("polyline").Count()));
        Assert.All(charts.Descendants("circle"), static point => Assert.InRange((double)point.Attribute("cy")!, 0, 400));
    }

    [Fact]
    public void A_strategy_that_lost_everything_is_left_out_of_a_logarithmic_chart()
    {
        var standing = Standing("A", loses: true, perSecond: 0, lost: 10, stalled: null);

        Assert.Equal("", LineChart.Draw("Rates", "/s", [new(standing.About.Name, "A", [(1, 0)])]));
    }

    [BrowserFact]
    public async Task A_browser_opens_it_without_an_error()
    {
        var directory = Directory.CreateTempSubdirectory("holdfast-report-").FullName;
        try
        {
            Assert.DoesNotContain(":CONSOLE", await Open(directory, RacesReport.Write(Results())), StringComparison.Ordinal);

            // The browser would have said so.
            Assert.Contains(":CONSOLE", await Open(directory, "<script>nobody.knows()</script>"), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static string? Browser => Programs.Find("chromium");

    private static async Task<string> Open(string directory, string page)
    {
        var file = Path.Combine(directory, "page.html");
        await File.WriteAllTextAsync(file, page);
        using var output = new OutputTail(null);
        string[] command =
        [
            Browser!, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", $"--user-data-dir={Path.Combine(directory, "browser")}",
            $"--screenshot={Path.Combine(directory, "page.png")}", $"file://{file}",
        ];
        await using var process = ChildProcess.Start(command, directory, output, TimeProvider.System);
        var code = await process.Exited.WithLimit(BrowserLimit, TimeProvider.System);
        Assert.True(code == 0, $"The browser ended with {code}:\n{output}");
        return output.ToString();
    }

    private static RaceResults Results()
    {
        var machine = Machine.Read(Path.GetTempPath(), "PostgreSQL 15", TimeProvider.System);
        ScenarioText text = new("items", "The last items", "units sold", "Everybody buys.", ["It has no network."]);
        return new(
            machine,
            "Redis 7",
            new([1, 16], TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), 1),
            [
                new(
                    text,
                    [
                        Standing("Naive", loses: true, perSecond: 500, lost: 37, stalled: null),
                        Standing("Locked", loses: true, perSecond: 900, lost: 0, stalled: 5),
                        Standing("HoldfastGrains", loses: false, perSecond: 40_000, lost: 0, stalled: 0),
                    ]),
            ]);
    }

    private static RaceStanding Standing(string name, bool loses, double perSecond, long lost, long? stalled) => new(
        name,
        new(name, loses, "Reads & writes.", "always", "never <behind> a web server", "nothing", "nothing"),
        [Point(1, perSecond, 0), Point(16, perSecond, lost)],
        stalled is { } count ? Point(8, perSecond, count) : null);

    private static RacePoint Point(int clients, double perSecond, long lost) => new(
        clients, 1, (long)perSecond + lost, 3, 0, 0, 7, 1.5, 9.5, 12, Loss.Of(new Damage("oversold", lost)));

    [GeneratedRegex("(?:href|src)=\"([^\"]*)\"")]
    private static partial Regex References();

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Charts();

    /// <summary>Where no browser is installed, it is reported as skipped, with the reason.</summary>
    private sealed class BrowserFactAttribute : FactAttribute
    {
        public BrowserFactAttribute() => Skip = ChildProcess.WhyUnavailable ?? (Browser is null ? "Chromium is not installed: there is no chromium on PATH" : null);
    }
}
