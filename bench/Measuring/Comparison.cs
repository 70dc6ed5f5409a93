namespace Holdfast.Bench.Measuring;

/// <summary>The same work done in several ways in one run. The first way is what the others are compared with.</summary>
internal sealed record Comparison(string Title, int Clients, IReadOnlyList<Standing> Standings)
{
    /// <summary>How long the way ran that had the shortest warm-up.</summary>
    public double WarmUpSeconds { get; init; }

    /// <summary>What else was found out, one line each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>How many times the rate of another way the first one has; for two sizes of one thing, what the other costs.</summary>
    public double FirstOver(Standing other) => other.PerSecond == 0 ? 0 : Standings[0].PerSecond / other.PerSecond;
}

/// <summary>One way's rounds and their medians.</summary>
internal sealed record Standing(
    string Way,
    double PerSecond,
    double P50Ms,
    double P99Ms,
    double BytesPerOperation,
    double AppendsPerOperation,
    double AppendsPerBatch,
    double MessagesPerOperation,
    IReadOnlyList<Round> Rounds)
{
    /// <summary>Processor time of the server for one operation, in microseconds; null where it is not known.</summary>
    public double? ServerMicroseconds => MedianOf(static (round, work) => work.Server / round.Operations * 1_000_000);

    /// <summary>How much of one core the load generator used; null where it is not known.</summary>
    public double? GeneratorShare => MedianOf(static (round, work) => work.Generator / round.Seconds);

    public static Standing Of(string way, IReadOnlyList<Round> rounds)
    {
        return new(
            way,
            Median(static round => round.PerSecond),
            Median(static round => round.P50Ms),
            Median(static round => round.P99Ms),
            Median(static round => round.BytesPerOperation),
            Median(static round => round.AppendsPerOperation),
            Median(static round => round.AppendsPerBatch),
            Median(static round => round.MessagesPerOperation),
            rounds);

        double Median(Func<Round, double> figure) => Medians.Of(rounds.Select(figure));
    }

    private double? MedianOf(Func<Round, ProcessorWork, double> figure) => Rounds.Any(static round => round.Processor is null)
        ? null
        : Medians.Of(Rounds.Select(round => figure(round, round.Processor!)));
}

/// <summary>One way for one while.</summary>
/// <param name="Allocated">Bytes, of the whole process: callers, grains and store.</param>
/// <param name="Appends">Rows of the journal.</param>
/// <param name="Batches">Transactions that held an append.</param>
/// <param name="Messages">Of the outbox, handled.</param>
internal sealed record Round(
    long Operations,
    double Seconds,
    long Allocated,
    long Appends,
    long Batches,
    long Messages,
    double P50Ms,
    double P99Ms,
    double MaxMs)
{
    /// <summary>What it cost the database; null where that was not asked.</summary>
    public DatabaseWork? Database { get; init; }

    /// <summary>Who was busy; null where the callers are part of the process that is measured.</summary>
    public ProcessorWork? Processor { get; init; }

    public double PerSecond => Operations / Seconds;

    public double BytesPerOperation => Share(Allocated, Operations);

    public double AppendsPerOperation => Share(Appends, Operations);

    public double AppendsPerBatch => Share(Appends, Batches);

    public double MessagesPerOperation => Share(Messages, Operations);

    public static Round Of(long operations, TimeSpan elapsed, long allocated, JournalCounts journal, IEnumerable<Client> clients)
    {
        var latencies = new LatencyHistogram();
        foreach (var client in clients) latencies.Add(client.Latencies);
        return new(
            operations,
            elapsed.TotalSeconds,
            allocated,
            journal.Appends,
            journal.Batches,
            journal.Messages,
            latencies.Percentile(0.5).TotalMilliseconds,
            latencies.Percentile(0.99).TotalMilliseconds,
            latencies.Percentile(1).TotalMilliseconds);
    }

    private static double Share(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}

/// <summary>What the two ends of a line used of the machine's processors in a while: seconds of one core.</summary>
internal sealed record ProcessorWork(double Server, double Generator);

/// <summary>What a PostgreSQL server did in a while.</summary>
/// <param name="RoundTrips">Times that this process sent something and waited for the answer.</param>
/// <param name="Transactions">That wrote something.</param>
/// <param name="Rows">Inserted, updated or deleted; null where nobody waited for the server's statistics.</param>
/// <param name="WalBytes">Of its write-ahead log.</param>
internal sealed record DatabaseWork(long RoundTrips, long Transactions, long? Rows, long WalBytes);

public static class Medians
{
    /// <summary>The middle one, or the mean of the middle two; 0 of nothing.</summary>
    public static double Of(IEnumerable<double> numbers)
    {
        var sorted = numbers.Order().ToArray();
        if (sorted.Length == 0) return 0;
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
