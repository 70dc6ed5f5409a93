using System.Collections.Concurrent;
using Holdfast.Checker.Models;
using Holdfast.Checker.Search;

namespace Holdfast.Checker;

/// <param name="Operations">All, without those that certainly had no effect.</param>
/// <param name="Configurations">Looked at in all keys together.</param>
/// <param name="Violations">Keys without an order, in order of their names.</param>
/// <param name="Undecided">Keys for which a bound was reached, in order of their names.</param>
/// <param name="Contradiction">For the violating key with the fewest operations.</param>
public sealed record CheckReport(
    Verdict Verdict,
    int Operations,
    int Keys,
    long Configurations,
    IReadOnlyList<string> Violations,
    IReadOnlyList<string> Undecided,
    Contradiction? Contradiction);

/// <summary>
/// Decides whether a history could have come from an object that takes its operations one at a time, each between its call and its
/// return. A history is linearizable if and only if the operations on each key are, so each key is checked alone.
/// </summary>
public static class HistoryChecker
{
    public static IReadOnlyList<string> ModelNames { get; } = [.. Model.All.Select(model => model.Name)];

    /// <exception cref="HistoryException">An operation is not one of the model.</exception>
    /// <exception cref="ArgumentException">There is no such model.</exception>
    public static CheckReport Check(IEnumerable<Operation> history, string model, CheckLimits? limits = null)
    {
        var found = Model.All.FirstOrDefault(known => known.Name == model)
            ?? throw new ArgumentException($"There is no model \"{model}\"; there are {string.Join(", ", ModelNames)}.", nameof(model));
        limits ??= CheckLimits.Default;
        var keys = Prepare(history, found);
        var results = new ConcurrentBag<(string Key, KeyCheck Check, SearchResult Result)>();
        // The longest first: one hot key started last would keep a single core busy at the end.
        Parallel.ForEach(
            Partitioner.Create(keys.OrderByDescending(key => key.Check.Count), EnumerablePartitionerOptions.NoBuffering),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            key => results.Add((key.Key, key.Check, key.Check.Search(limits))));

        var violations = results.Where(key => key.Result.Verdict == Verdict.Violation).OrderBy(key => key.Key, StringComparer.Ordinal).ToArray();
        var undecided = results.Where(key => key.Result.Verdict == Verdict.Undecided).Select(key => key.Key).Order(StringComparer.Ordinal).ToArray();
        return new CheckReport(
            violations.Length > 0 ? Verdict.Violation : undecided.Length > 0 ? Verdict.Undecided : Verdict.Linearizable,
            keys.Sum(key => key.Check.Count),
            keys.Count,
            results.Sum(key => key.Result.Configurations),
            [.. violations.Select(key => key.Key)],
            undecided,
            violations.Length == 0 ? null : Explain(violations.MinBy(key => key.Check.Count), limits));
    }

    private static Contradiction Explain((string Key, KeyCheck Check, SearchResult Result) violation, CheckLimits limits) =>
        violation.Check.Explain(violation.Result.Blocker, limits);

    private static List<(string Key, KeyCheck Check)> Prepare(IEnumerable<Operation> history, Model model)
    {
        var byKey = new Dictionary<string, List<Operation>>();
        foreach (var operation in history)
        {
            HistoryFile.CheckTimes(operation);
            if (operation.Outcome == OperationOutcome.Failed)
                continue;
            if (!byKey.TryGetValue(operation.Key, out var operations))
                byKey.Add(operation.Key, operations = []);
            operations.Add(operation);
        }

        return [.. byKey.Select(key => (key.Key, model.Prepare([.. key.Value.OrderBy(operation => operation.Call)])))];
    }
}
