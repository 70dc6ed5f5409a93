using System.Text.Json;
using Holdfast.Bench;

namespace Holdfast.Lab.Sagas;

/// <summary>What became of the orders of a process that was killed in the middle of them.</summary>
/// <param name="Unfinished">Accepted, and not ended in the database when the process was dead.</param>
/// <param name="Finished">Ended by themselves in the next process.</param>
/// <param name="Seconds">From that one's start until the last of them, or until it was given up.</param>
/// <param name="TakenBack">Orders whose caller was told of an end that the database does not have.</param>
internal sealed record SagaKill(long Unfinished, long Finished, double Seconds, long TakenBack, SagaAudit Audit)
{
    /// <param name="ends">How many ends the callers hear of before the process is killed; as many orders as ever are under way then.</param>
    public static async Task<SagaKill> Run(
        SagaPlan plan, SagaKind kind, int ends, string connectionString, TimeProvider clock, CancellationToken cancellationToken)
    {
        var told = await Kill(plan.CrashOf(kind, connectionString, ends), cancellationToken);
        var endedBefore = await CountEnded(kind, connectionString, clock, cancellationToken);
        using var next = await SagaProcess.Start(plan.TaskOf(kind, connectionString, SagaWork.Recover), cancellationToken);
        var recovery = JsonSerializer.Deserialize(await next.ReadResult(cancellationToken), SagaJson.Default.SagaRecovery)!;
        var audit = recovery.Audit;
        return new(
            audit.Accepted - endedBefore,
            audit.Accepted - audit.Open - endedBefore,
            recovery.Seconds,
            told.LongCount(news => recovery.Ended.GetValueOrDefault(news.Order) != news.End),
            audit);
    }

    private static async Task<List<CrashNews>> Kill(SagaTask task, CancellationToken cancellationToken)
    {
        using var process = await SagaProcess.Start(task, cancellationToken);
        var told = new List<CrashNews>();
        while (await process.ReadLine(cancellationToken) is { Length: > 0 } line) told.Add(JsonSerializer.Deserialize(line, SagaJson.Default.CrashNews)!);
        return told.Count == task.Ends
            ? told
            : throw new BenchException($"{task.System} ended after {told.Count} orders, before it was killed; its reason is above.");
    }

    /// <summary>The server goes on with what a killed process had sent, for a moment; a system's own next process waits for that, too.</summary>
    private static async Task<long> CountEnded(SagaKind kind, string connectionString, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var stopped = kind.Create(connectionString, clock);
        var facts = await stopped.ReadFacts(cancellationToken);
        return facts.Orders.Count(static order => order.End != OrderEnd.Open);
    }
}
