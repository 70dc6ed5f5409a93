using System.Text;

namespace Holdfast.Rings.Delivery;

/// <summary>What became of a ring's runs, and everything that is wrong with it.</summary>
internal sealed class RingReport(ulong seed)
{
    /// <summary>Runs shown in full.</summary>
    private const int Shown = 5;

    private readonly SortedDictionary<string, int> _ends = new(StringComparer.Ordinal);
    private readonly StringBuilder _runs = new();
    private readonly List<string> _wrong = [];
    private int _wrongRuns;

    /// <summary>How many runs ended how: completed, or the reason of their cancellation.</summary>
    public IReadOnlyDictionary<string, int> Ends => _ends;

    public bool IsClean => _wrong.Count == 0 && _wrongRuns == 0;

    public void Wrong(string what) => _wrong.Add(what);

    public void Add(OrderRun run, IReadOnlyList<StoredEvent> events, string end, IReadOnlyCollection<string> wrong)
    {
        _ends[end] = _ends.GetValueOrDefault(end) + 1;
        if (wrong.Count == 0 || ++_wrongRuns > Shown) return;
        _runs.AppendLine()
            .AppendLine($"run {run.Number} (seed {run.Seed}), order {run.Id}: {run.Plan}")
            .AppendLine($"  wrong: {string.Join("\n  wrong: ", wrong)}")
            .AppendLine($"  told: {string.Join(", ", run.Told)}")
            .AppendLine($"  {string.Join("\n  ", events)}");
    }

    public override string ToString() =>
        $"seed {seed}; ends: {string.Join(", ", _ends.Select(end => $"{end.Key} {end.Value}"))}"
        + (IsClean ? "" : $"\n{_wrongRuns} runs are wrong; HOLDFAST_SEED={seed} HOLDFAST_RUN=<number> plays one alone\n{string.Join("\n", _wrong.Take(20))}\n{_runs}");
}
