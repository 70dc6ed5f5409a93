using System.Diagnostics;
using Holdfast.Bench.Measuring;

namespace Holdfast.Lab.Races;

/// <summary>Lets strategies run through one scenario, bout after bout, and audits each bout.</summary>
internal sealed class Race(IScenario scenario, RacePlan plan, Stall stall, CancellationToken cancellationToken)
{
    private const int StalledClients = 8;

    /// <summary>What a bout with a stall lasts beyond it; and all of it, where there is nothing to stall.</summary>
    private static readonly TimeSpan BeyondStall = TimeSpan.FromMilliseconds(100);

    private int _clientsMade;

    public async Task<RaceStanding> Run(IStrategy strategy)
    {
        // First, because it warms up as well: it is not part of the rates.
        var stalled = await RunStalled(strategy);
        await RunFor(strategy, plan.Clients[plan.Clients.Count / 2], plan.WarmUp);
        var points = new List<RacePoint>();
        foreach (var clients in plan.Clients) points.Add(await RunFor(strategy, clients, plan.Time));
        return new(strategy.GetType().Name, strategy.About, points, stalled);
    }

    /// <summary>One bout with a client that stalls; null where none did, because there is no gap.</summary>
    public async Task<RacePoint?> RunStalled(IStrategy strategy)
    {
        var players = Players(StalledClients);
        var bout = await scenario.Open(strategy, StalledClients, cancellationToken);
        stall.Arm();
        var started = Stopwatch.GetTimestamp();
        await Play(bout, players, () => Stopwatch.GetElapsedTime(started) < (stall.Happened ? Stall.Duration + BeyondStall : BeyondStall));
        var elapsed = Stopwatch.GetElapsedTime(started);
        var stalled = stall.Happened;
        stall.Disarm();
        return stalled ? Point(players, elapsed, await bout.Audit()) : null;
    }

    /// <summary>As many bouts as fit into the time, and at least one.</summary>
    public async Task<RacePoint> RunFor(IStrategy strategy, int clients, TimeSpan time)
    {
        var players = Players(clients);
        var (loss, elapsed) = (Loss.None, TimeSpan.Zero);
        while (elapsed < time)
        {
            var bout = await scenario.Open(strategy, clients, cancellationToken);
            var started = Stopwatch.GetTimestamp();
            await Play(bout, players, Effort.For(time - elapsed).Start());
            elapsed += Stopwatch.GetElapsedTime(started);
            loss = loss.Plus(await bout.Audit());
        }

        return Point(players, elapsed, loss);
    }

    private Task Play(IBout bout, Player[] players, Func<bool> goOn)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.WhenAll(players.Select(player => Task.Run(() => bout.Play(player, goOn))));
    }

    private Player[] Players(int clients) =>
        [.. Enumerable.Range(0, clients).Select(index => new Player(new(index, plan.Seed + ++_clientsMade)))];

    private static RacePoint Point(Player[] players, TimeSpan elapsed, Loss loss)
    {
        var latencies = new LatencyHistogram();
        foreach (var player in players) latencies.Add(player.Client.Latencies);
        return new(
            players.Length,
            elapsed.TotalSeconds,
            Count(Reply.Done),
            Count(Reply.Refused),
            Count(Reply.GaveUp),
            Count(Reply.InDoubt),
            players.Sum(static player => player.Retries),
            latencies.Percentile(0.5).TotalMilliseconds,
            latencies.Percentile(0.99).TotalMilliseconds,
            latencies.Percentile(1).TotalMilliseconds,
            loss);

        long Count(Reply reply) => players.Sum(player => player.Count(reply));
    }
}
