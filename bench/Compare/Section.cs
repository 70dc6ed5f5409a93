using System.Globalization;
using System.Text.Json.Serialization;
using Holdfast.Bench.Measuring;

namespace Holdfast.Bench.Compare;

/// <summary>One chapter of the comparison: what was done, in which ways, and what came of it.</summary>
/// <param name="Id">Lower case with dashes; the anchor of the chapter on the page.</param>
/// <param name="What">What one operation is, how durable, and over how much data. Plain text.</param>
/// <param name="Unfair">What a way does less, or more, than the others, in Holdfast's favour or against it; one sentence each.</param>
internal sealed record Section(
    string Id,
    string Title,
    string What,
    IReadOnlyList<string> Unfair,
    IReadOnlyList<Comparison> Comparisons,
    IReadOnlyList<Table> Tables)
{
    /// <summary>What the chapter was to show.</summary>
    public IReadOnlyList<Target> Targets { get; init; } = [];

    /// <summary>What Holdfast did wrong while it was measured, in one line; null when nothing.</summary>
    public string? Wrong { get; init; }

    public int ExitCode() => Wrong is null ? Bench.ExitCode.Passed : Bench.ExitCode.CheckFailed;
}

/// <summary>What is not a rate: each row has a cell for each column.</summary>
internal sealed record Table(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>What a way should reach: a share of another's rate in the same comparison, so of one run and in turn, or a figure of its own.</summary>
/// <param name="What">Completes "Target: …"; what is compared with what.</param>
/// <param name="Comparison">Its title.</param>
/// <param name="Over">The other way; null where <paramref name="Kind"/> is about one way alone.</param>
/// <param name="Bound">In the unit of <paramref name="Kind"/>.</param>
/// <param name="AtMost">It is reached at or below the bound, not at or above.</param>
internal sealed record Target(
    string What, string Comparison, string Way, string? Over, double Bound, bool AtMost = false, TargetKind Kind = TargetKind.Ratio)
{
    public string Wanted(string atLeast, string atMost) => string.Create(CultureInfo.InvariantCulture, $"{(AtMost ? atMost : atLeast)} {Bound:#,0.##}{Unit}");

    public string Text(double measured) => Figures.Text(measured) + Unit;

    private string Unit => Kind switch
    {
        TargetKind.Ratio => " ×",
        TargetKind.PerSecond => " a second",
        _ => " ms",
    };

    /// <exception cref="BenchException">The section has no such comparison, or it no such way.</exception>
    public double Measure(Section section)
    {
        var comparison = section.Comparisons.FirstOrDefault(candidate => candidate.Title == Comparison)
            ?? throw new BenchException($"The target '{What}' is about a comparison '{Comparison}' that section {section.Id} does not have.");
        return Kind switch
        {
            TargetKind.Ratio => Of(Way).PerSecond / Of(Over ?? "").PerSecond,
            TargetKind.PerSecond => Of(Way).PerSecond,
            _ => Of(Way).P50Ms,
        };

        Standing Of(string way) => comparison.Standings.FirstOrDefault(standing => standing.Way == way)
            ?? throw new BenchException($"The target '{What}' is about a way '{way}' that '{Comparison}' does not have.");
    }

    public bool IsReachedBy(double measured) => AtMost ? measured <= Bound : measured >= Bound;
}

/// <summary>What a <see cref="Target"/> is about.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TargetKind>))]
internal enum TargetKind
{
    /// <summary>The rate of a way over that of another.</summary>
    Ratio,

    /// <summary>The rate of a way.</summary>
    PerSecond,

    /// <summary>The median latency of a way, in milliseconds.</summary>
    P50Ms,
}
