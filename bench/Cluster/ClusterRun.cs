using Holdfast.Bench.Replay;
using Holdfast.Rig;

namespace Holdfast.Bench.Cluster;

/// <summary>Runs of a cluster of their own, of which nothing stays but the logs, and those only when something was wrong.</summary>
internal static class ClusterRun
{
    /// <param name="isOk">Whether the report is a good one.</param>
    /// <exception cref="BenchException">It could not run to its end; the message says where the logs are.</exception>
    /// <exception cref="RigException">The cluster did not start.</exception>
    public static async Task<T> Execute<T>(
        ClusterPlan plan,
        TimeProvider clock,
        ReplayProgress progress,
        Func<ClusterProcesses, Task<T>> execute,
        Func<T, bool> isOk,
        CancellationToken cancellationToken)
    {
        progress.Begin("starting the cluster", 0);
        await using var cluster = await ClusterProcesses.Start(plan, clock, cancellationToken);
        try
        {
            var report = await execute(cluster);
            cluster.KeepLogs = !isOk(report);
            return report;
        }
        catch (Exception e) when (e is BenchException or RigException)
        {
            cluster.KeepLogs = true;
            throw new BenchException($"{e.Message}\nThe logs are in {cluster.LogDirectory}.", e);
        }
    }

    /// <summary>What runs beside one another on a cluster. What fails takes the others along.</summary>
    /// <param name="parts">Each with what is done when it has come to its end; null for nothing.</param>
    public static async Task Together(
        CancellationToken cancellationToken, params IReadOnlyList<(Func<CancellationToken, Task> Run, Action? Then)> parts)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAll(parts.Select(part => RunOne(part.Run, part.Then, ending)));
    }

    private static async Task RunOne(Func<CancellationToken, Task> run, Action? then, CancellationTokenSource ending)
    {
        try
        {
            await run(ending.Token);
            then?.Invoke();
        }
        catch
        {
            await ending.CancelAsync();
            throw;
        }
    }
}
