namespace Holdfast.Lab.Sagas;

/// <summary>How the order sagas are compared.</summary>
/// <param name="Systems">The first is what the others are compared with.</param>
/// <param name="Rounds">Processes of each system that are measured, turn by turn; the figures are their medians.</param>
/// <param name="Kills">Processes of each system that are killed.</param>
/// <param name="KilledOrders">Orders that are under way in a process when it is killed.</param>
/// <param name="Patience">How long the next process has to end what a killed one left open.</param>
/// <inheritdoc cref="SagaTask"/>
internal sealed record SagaPlan(
    IReadOnlyList<SagaKind> Systems,
    int[] Lines,
    int Products,
    int Clients,
    TimeSpan WarmUp,
    TimeSpan Busy,
    TimeSpan Alone,
    int Rounds,
    int Kills,
    int KilledOrders,
    TimeSpan Patience,
    int Seed)
{
    public static readonly SagaPlan Full = new(
        SagaSystems.All,
        Lines: [1, 5, 21],
        Products: 10_000,
        Clients: 256,
        WarmUp: TimeSpan.FromSeconds(15),
        Busy: TimeSpan.FromSeconds(5),
        Alone: TimeSpan.FromSeconds(2),
        Rounds: 5,
        Kills: 3,
        KilledOrders: 512,
        Patience: TimeSpan.FromSeconds(30),
        Seed: 1);

    /// <summary>One short round and one kill, to see that it works; the figures mean little.</summary>
    public static readonly SagaPlan Quick = Full with
    {
        WarmUp = TimeSpan.FromSeconds(4),
        Busy = TimeSpan.FromSeconds(2),
        Alone = TimeSpan.FromSeconds(1),
        Rounds = 1,
        Kills = 1,
    };

    public SagaTask TaskOf(SagaKind kind, string connection, SagaWork work) => new(
        kind.Id, connection, work, Products, Lines, Clients, WarmUp, Busy, Alone, KilledOrders, Ends: 0, Patience, Seed);

    /// <summary>Each round measures the numbers of lines in another order: what is measured late has been warmed up for longer.</summary>
    public SagaTask LoadOf(SagaKind kind, string connection, int round)
    {
        var first = (round - 1) % Lines.Length;
        return TaskOf(kind, connection, SagaWork.Load) with { Lines = [.. Lines[first..], .. Lines[..first]] };
    }

    public SagaTask CrashOf(SagaKind kind, string connection, int ends) => TaskOf(kind, connection, SagaWork.Crash) with { Ends = ends };
}
