using Holdfast.Bench;
using Holdfast.Bench.Compare;
using Holdfast.Bench.Measuring;
using Holdfast.Tests.Tidy;

namespace Holdfast.Tests.Bench.Compare;

public sealed class ComparisonPageTests
{
    private const string Page = "docs/benchmarks.md";
    private const string Results = "docs/benchmarks";

    [Fact]
    public void The_page_is_what_its_files_say()
    {
        var runs = Repository.Files(Results, ".json").Select(static file => Holdfast.Bench.Compare.Results.FromJson(Repository.Read(file))).ToArray();
        var page = File.Exists(Path.Combine(Repository.Root, Page)) ? Repository.Read(Page) : null;

        Assert.Equal(runs.Length == 0 ? null : ComparisonPage.Write(runs), page);
    }

    [Fact]
    public void Results_become_a_page()
    {
        Assert.Equal(Repository.Read("tests/Bench/Compare/page.md"), ComparisonPage.Write([Sample.Results()]));
    }

    [Fact]
    public void What_server_and_load_used_of_the_processors_stands_beside_the_rate()
    {
        var section = Sample.Section("a");
        var measured = new Round(10_000, 5, 0, 0, 0, 0, 1, 2, 3) { Processor = new(4, 1.25) };
        var comparison = section.Comparisons[0] with { Standings = [Standing.Of("fast", [measured]), Standing.Of("slow", [measured])] };
        var page = ComparisonPage.Write([Sample.Results() with { Sections = [section with { Comparisons = [comparison] }] }]);

        Assert.Contains("| p50 ms | p99 ms | server, µs of processor each | load generator |\n", page, StringComparison.Ordinal);
        Assert.Contains("| fast | 2,000 | 2,000 – 2,000 | 1.00 × | 1.00 | 2.00 | 400 | 25 % of a core |\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_runs_become_one_page_with_a_header_each()
    {
        var page = ComparisonPage.Write([Sample.Results("a", "b"), Sample.Results("c")]);

        Assert.Contains("| sections | a, b |", page);
        Assert.Contains("| sections | c |", page);
        Assert.Equal(
            ["## Targets", "## Section a", "## Section b", "## Section c"],
            page.Split('\n').Where(static line => line.StartsWith("## ", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_section_that_two_runs_have_is_refused()
    {
        Assert.Contains("'a'", Assert.Throws<BenchException>(() => ComparisonPage.Write([Sample.Results("a"), Sample.Results("b", "a")])).Message);
    }
}
