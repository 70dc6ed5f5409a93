namespace Holdfast.Lab.Races;

/// <summary>One strategy in one scenario.</summary>
/// <param name="Strategy">The name of its type, and of its file.</param>
/// <param name="Points">In the order of the plan's numbers of clients.</param>
/// <param name="Stalled">With a client that stalls between reading and writing; null where no client has anything between them.</param>
internal sealed record RaceStanding(string Strategy, About About, IReadOnlyList<RacePoint> Points, RacePoint? Stalled)
{
    public Loss Lost => Points.Aggregate(Loss.None, static (loss, point) => loss.Plus(point.Loss));

    public bool Correct => Lost.Operations == 0 && Stalled is null or { Loss.Operations: 0 };
}

/// <summary>One strategy with so many clients.</summary>
/// <param name="Seconds">Of racing.</param>
/// <param name="Done">Operations whose caller was told that they took effect.</param>
/// <param name="Retries">Tries beyond the first, of all operations.</param>
/// <param name="P50Ms">Of all answers, refusals included.</param>
internal sealed record RacePoint(
    int Clients,
    double Seconds,
    long Done,
    long Refused,
    long GaveUp,
    long InDoubt,
    long Retries,
    double P50Ms,
    double P99Ms,
    double MaxMs,
    Loss Loss)
{
    /// <summary>What was done and not lost, a second.</summary>
    public double PerSecond => Math.Max(0, Done - Loss.Operations) / Seconds;

    /// <summary>Tries beyond the first for each operation that was answered.</summary>
    public double RetriesEach => (double)Retries / Math.Max(1, Done + Refused + GaveUp + InDoubt);
}

internal sealed record ScenarioResult(ScenarioText Text, IReadOnlyList<RaceStanding> Standings);
