using System.Diagnostics;

namespace Holdfast.Bench.Measuring;

/// <summary>One way of doing the work.</summary>
/// <param name="Do">One operation; throws when it was not done.</param>
internal sealed record Way(string Name, Func<Client, ValueTask> Do)
{
    /// <summary>Before each round, not measured.</summary>
    public Func<CancellationToken, Task> Prepare { get; init; } = static _ => Task.CompletedTask;
}

/// <param name="WarmUp">A first round of each way that is not counted.</param>
internal sealed record Plan(int Clients, int Rounds, Effort WarmUp, Effort Round, int Seed)
{
    /// <summary>How many such first rounds: what a long one would pile up, a few short ones do not. None for ways that are warm.</summary>
    public int WarmUps { get; init; } = 1;

    /// <summary>How long all warm-ups of a way take together; zero where they are numbers of operations.</summary>
    public TimeSpan WarmUpTime => WarmUps * WarmUp.Time;
}

/// <summary>Does the same work in several ways, turn by turn, so that whatever else the machine does meets them all.</summary>
internal sealed class Contest(Plan plan, Progress progress, CancellationToken cancellationToken)
{
    /// <summary>A call inside one process can end on the caller's thread; so many in a row, and then the other callers get it.</summary>
    private const int CallsInARow = 64;

    /// <summary>Asked before and after each round; null where the database's work is not looked at.</summary>
    public PostgresProbe? Probe { get; init; }

    // Of the whole process: two contests whose callers draw the same ids would get each other's answers.
    private static int _clientsMade;

    public async Task<Comparison> Run(string title, params Way[] ways)
    {
        var warm = double.PositiveInfinity;
        foreach (var way in ways) warm = Math.Min(warm, await WarmUp(title, way));

        var rounds = ways.Select(static _ => new List<Round>()).ToArray();
        for (var number = 1; number <= plan.Rounds; number++)
        {
            for (var i = 0; i < ways.Length; i++)
            {
                rounds[i].Add(await RunRound(title, ways[i], $"round {number} of {plan.Rounds}", plan.Round));
            }
        }

        return new(title, plan.Clients, [.. ways.Select((way, i) => Standing.Of(way.Name, rounds[i]))]) { WarmUpSeconds = warm };
    }

    /// <summary>
    /// Warm-ups of one way, until they have taken that long together: where all ways are the same code, the first of them would otherwise
    /// be measured colder than those that came after its warm-up.
    /// </summary>
    public async Task WarmUp(string title, Way way, TimeSpan atLeast)
    {
        for (var seconds = 0.0; seconds < atLeast.TotalSeconds;) seconds += (await RunRound(title, way, "warm-up", plan.WarmUp)).Seconds;
    }

    /// <summary>Returns how many seconds it took.</summary>
    private async Task<double> WarmUp(string title, Way way)
    {
        var seconds = 0.0;
        for (var number = 1; number <= plan.WarmUps; number++) seconds += (await RunRound(title, way, "warm-up", plan.WarmUp)).Seconds;
        return seconds;
    }

    private async Task<Round> RunRound(string title, Way way, string which, Effort effort)
    {
        progress.Say($"{title}: {way.Name}, {which}");
        await way.Prepare(cancellationToken);
        var clients = Enumerable.Range(0, plan.Clients).Select(index => new Client(index, plan.Seed + ++_clientsMade)).ToArray();

        // What an earlier round left behind is not this one's to clean up.
        GC.Collect();
        using var database = Probe is null ? null : await Probe.Start(cancellationToken);
        using var journal = new JournalCounts();
        var allocatedBefore = GC.GetTotalAllocatedBytes(precise: true);
        var started = Stopwatch.GetTimestamp();
        var goOn = effort.Start();
        var operations = await Task.WhenAll(clients.Select(client => Task.Run(() => Repeat(way, client, goOn))));
        var elapsed = Stopwatch.GetElapsedTime(started);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - allocatedBefore;
        var round = Round.Of(operations.Sum(), elapsed, allocated, journal, clients);
        return database is null ? round : round with { Database = await database.End(cancellationToken) };
    }

    private async Task<long> Repeat(Way way, Client client, Func<bool> goOn)
    {
        var done = 0L;
        for (; goOn(); done++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var started = Stopwatch.GetTimestamp();
            await way.Do(client);
            client.Latencies.Record(Stopwatch.GetTimestamp() - started);
            if (done % CallsInARow == 0) await Task.Yield();
        }

        return done;
    }
}
