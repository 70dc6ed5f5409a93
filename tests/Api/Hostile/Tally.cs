using System.Collections.Concurrent;
using System.Globalization;

namespace Holdfast.Tests.Api.Hostile;

/// <summary>What was answered how often.</summary>
internal sealed class Tally
{
    private readonly ConcurrentDictionary<string, int> _statuses = new();
    private readonly ConcurrentDictionary<string, int> _codes = new();
    private readonly ConcurrentDictionary<(string Method, string Pattern), bool> _reached = new();

    public int Codes => _codes.Count;

    public int Statuses => _statuses.Count;

    public void Add(Draft request, Answer answer)
    {
        Count(_statuses, answer.Status.ToString(CultureInfo.InvariantCulture));
        if (Verdict.CodeOf(answer) is { Length: > 0 } code) Count(_codes, code);
        if (answer.Status is not (401 or 404 or 405)) _reached[(request.Target.Method, request.Target.Pattern)] = true;
    }

    public void AddMalformed(Answer? answer) =>
        Count(_statuses, answer is null ? "closed" : string.Create(CultureInfo.InvariantCulture, $"{answer.Status} of none"));

    /// <summary>A request got as far as the route itself, or was refused by it.</summary>
    public bool WasReached(Target target) => _reached.ContainsKey((target.Method, target.Pattern));

    public override string ToString() => $"{Text(_statuses)}\n{Text(_codes)}";

    private static void Count(ConcurrentDictionary<string, int> counts, string what) =>
        counts.AddOrUpdate(what, 1, static (_, count) => count + 1);

    private static string Text(ConcurrentDictionary<string, int> counts) => string.Join(", ", counts
        .OrderByDescending(static count => count.Value)
        .Select(static count => string.Create(CultureInfo.InvariantCulture, $"{count.Key}: {count.Value}")));
}
