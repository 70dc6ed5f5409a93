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
}

/// <summary>What is not a rate: each row has a cell for each column.</summary>
internal sealed record Table(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>How many times the rate of one way another should have; both are of one comparison, so of one run and in turn.</summary>
/// <param name="What">Completes "Target: …"; what is compared with what.</param>
/// <param name="Comparison">Its title.</param>
/// <param name="Bound">Times.</param>
/// <param name="AtMost">It is reached at or below the bound, not at or above.</param>
internal sealed record Target(string What, string Comparison, string Way, string Over, double Bound, bool AtMost = false)
{
    /// <exception cref="BenchException">The section has no such comparison, or it no such way.</exception>
    public double Measure(Section section)
    {
        var comparison = section.Comparisons.FirstOrDefault(candidate => candidate.Title == Comparison)
            ?? throw new BenchException($"The target '{What}' is about a comparison '{Comparison}' that section {section.Id} does not have.");
        return Rate(Way) / Rate(Over);

        double Rate(string way) => comparison.Standings.FirstOrDefault(standing => standing.Way == way)?.PerSecond
            ?? throw new BenchException($"The target '{What}' is about a way '{way}' that '{Comparison}' does not have.");
    }

    public bool IsReachedBy(double measured) => AtMost ? measured <= Bound : measured >= Bound;
}
