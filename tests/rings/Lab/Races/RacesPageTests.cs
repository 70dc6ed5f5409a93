using System.Text.Json;
using Holdfast.Bench;
using Holdfast.Lab.Races;
using Holdfast.Lab.Races.Report;
using Holdfast.Tests.Tidy;

namespace Holdfast.Rings.Lab.Races;

/// <summary>The page that goes through the remedies for races.</summary>
public sealed class RacesPageTests
{
    private const string Page = "docs/races.md";

    [Fact]
    public void Its_figures_are_those_that_the_lab_has_written()
    {
        var page = Repository.Read(Page);
        var results = JsonSerializer.Deserialize(Repository.Read("docs/races.json"), RacesJson.Default.RaceResults)!;

        Assert.Equal(page, RacesTable.Into(page, results));
        Assert.True(results.AsExpected);
        Assert.Contains(results.Scenarios.SelectMany(static scenario => scenario.Standings), static standing => !standing.Correct);
    }

    [Fact]
    public void It_shows_every_way_of_the_lab()
    {
        var page = Repository.Read(Page);
        var ways = Repository.Files("lab/Races/Strategies", ".cs").ToArray();

        Assert.InRange(ways.Length, 16, 100);
        Assert.All(ways, way => Assert.Contains($"](../{way})", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_remedy_says_where_it_is_what_it_costs_and_when_not_to_use_it()
    {
        var remedies = Repository.Read(Page).Split("\n## ")[1..].Where(static part =>
            !part.StartsWith("The races", StringComparison.Ordinal) && !part.StartsWith("Figures", StringComparison.Ordinal)).ToArray();

        Assert.Equal(15, remedies.Length);
        Assert.All(remedies, static remedy => Assert.Contains("](../", remedy, StringComparison.Ordinal));
        Assert.All(remedies, static remedy => Assert.Contains("*Cost*: ", remedy, StringComparison.Ordinal));
        Assert.All(remedies, static remedy => Assert.Contains("*Not* ", remedy, StringComparison.Ordinal));
    }

    [Fact]
    public void A_page_without_a_place_for_figures_is_refused()
    {
        var refused = Assert.Throws<BenchException>(static () => RacesTable.CheckPlace("# Races"));

        Assert.Contains("two lines", refused.Message, StringComparison.Ordinal);
    }
}
