using System.Text.Json;
using Holdfast.Bench;
using Holdfast.Bench.Compare;
using Holdfast.Bench.Measuring;

namespace Holdfast.Tests.Bench.Compare;

public sealed class ResultsTests
{
    [Fact]
    public void A_file_comes_back_as_it_was_written()
    {
        var json = Sample.Results().ToJson();

        Assert.Equal(json, Results.FromJson(json).ToJson());
        Assert.Equal(ComparisonPage.Write([Sample.Results()]), ComparisonPage.Write([Results.FromJson(json)]));
    }

    [Fact]
    public void Numbers_have_four_digits_and_a_round_is_a_line()
    {
        var json = Sample.Results().ToJson();

        Assert.Contains("\"seconds\":5.012", json);
        Assert.Equal(4, json.Split('\n').Count(static line => line.StartsWith("""{"operations":""", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_the_processes_used_comes_back_too()
    {
        var section = Sample.Section("a");
        var round = new Round(10_000, 5, 0, 0, 0, 0, 1, 2, 3) { Processor = new(4, 1.25) };
        var comparison = section.Comparisons[0] with { Standings = [Standing.Of("fast", [round])] };
        var results = Sample.Results() with { Sections = [section with { Comparisons = [comparison] }] };

        Assert.Equal(round, Results.FromJson(results.ToJson()).Sections[0].Comparisons[0].Standings[0].Rounds[0]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"machine":null,"sections":[]}""")]
    public void Something_else_is_refused(string json)
    {
        Assert.Throws<JsonException>(() => Results.FromJson(json));
    }

    [Fact]
    public void A_target_is_measured_in_its_own_comparison()
    {
        var section = Sample.Section("a");
        var target = new Target("fast against slow", Sample.Title, "fast", "slow", 4);

        Assert.Equal(4.5, target.Measure(section), tolerance: 0.01);
        Assert.True(target.IsReachedBy(4));
        Assert.False(target.IsReachedBy(3.9));
        Assert.True((target with { AtMost = true }).IsReachedBy(4));
        Assert.False((target with { AtMost = true }).IsReachedBy(4.1));
    }

    [Fact]
    public void A_target_can_be_a_figure_of_one_way()
    {
        var section = Sample.Section("a");
        var rate = new Target("fast", Sample.Title, "fast", Over: null, 1_500, Kind: TargetKind.PerSecond);
        var time = new Target("fast alone", Sample.Title, "fast", Over: null, 15, AtMost: true, TargetKind.P50Ms);

        Assert.Equal(9_050 / 5.0123456, rate.Measure(section), tolerance: 0.01);
        Assert.Equal(0.123456, time.Measure(section), tolerance: 0.0001);
        Assert.Equal(("≥ 1,500 a second", "1,806 a second"), (rate.Wanted("≥", "≤"), rate.Text(1_806)));
        Assert.Equal(("≤ 15 ms", "4.50 ms"), (time.Wanted("≥", "≤"), time.Text(4.5)));

        var results = Sample.Results() with { Sections = [section with { Targets = [rate, time] }] };
        Assert.Equal([rate, time], Results.FromJson(results.ToJson()).Sections[0].Targets);
    }

    [Fact]
    public void What_went_wrong_is_the_run_s_exit_code()
    {
        Assert.Equal(ExitCode.Passed, Sample.Section("a").ExitCode());
        Assert.Equal(ExitCode.CheckFailed, (Sample.Section("a") with { Wrong = "1 orders open" }).ExitCode());
    }

    [Fact]
    public void A_target_that_does_not_fit_its_section_is_refused()
    {
        var target = new Target("fast against slow", Sample.Title, "fast", "slow", 4);

        Assert.Throws<BenchException>(() => (target with { Comparison = "another" }).Measure(Sample.Section("a")));
        Assert.Throws<BenchException>(() => (target with { Over = "another" }).Measure(Sample.Section("a")));
    }
}

/// <summary>Results that nobody measured.</summary>
internal static class Sample
{
    public const string Title = "Sales of one thing";

    public static Results Results(params string[] sections) => new(
        new(
            DateTimeOffset.UnixEpoch, "A processor", 2, 8, "A system", ".NET 10", "server GC", "0.1.0", "0123456789ab", "10.4.2", "PostgreSQL 15",
            "ext4", 0.25, 0.1),
        [.. (sections.Length == 0 ? ["a"] : sections).Select(Section)]);

    public static Section Section(string id) => new(
        id,
        $"Section {id}",
        "One operation sells one thing.",
        ["Fast does less."],
        [
            new(Title, 256, [Standing.Of("fast", [Round(9_000), Round(9_100)]), Standing.Of("slow", [Round(2_000), Round(2_020)])])
            {
                WarmUpSeconds = 15,
                Notes = ["a note"],
            },
        ],
        [new("What it takes", ["", "bytes"], [["fast", "1|2"], ["slow", "30"]])])
    {
        Targets = [new("fast against slow", Title, "fast", "slow", 4), new("slow against fast", Title, "slow", "fast", 1)],
    };

    private static Round Round(long operations) => new(operations, 5.0123456, 1_000_000, 10, 5, 0, 0.123456, 4.5, 9)
    {
        Database = new(100, 50, null, 12_345),
    };
}
