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
    IReadOnlyList<Table> Tables);

/// <summary>What is not a rate: each row has a cell for each column.</summary>
internal sealed record Table(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);
