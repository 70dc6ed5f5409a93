namespace Holdfast.Bench.Sagas;

/// <summary>How the order sagas are compared.</summary>
/// <param name="Systems">The first is what the others are compared with.</param>
/// <param name="Rounds">Processes of each system that are measured, turn by turn; the figures are their medians.</param>
/// <param name="Kills">Processes of each system that are killed.</param>
/// <param name="KilledOrders">Orders that are placed at once in a process that is killed.</param>
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
    public SagaTask TaskOf(SagaKind kind, string connection, SagaWork work) => new(
        kind.Id, connection, work, Products, Lines, Clients, WarmUp, Busy, Alone, KilledOrders, Patience, Seed);
}
