using Holdfast.Bench.Sagas.Akka;
using Holdfast.Bench.Sagas.EfOutbox;
using Holdfast.Bench.Sagas.Holdfast;
using Holdfast.Bench.Sagas.PlainOrleans;
using Holdfast.Bench.Sagas.Rebus;
using Holdfast.Bench.Sagas.Transactions;
using Holdfast.Bench.Sagas.Wolverine;

namespace Holdfast.Bench.Sagas;

/// <summary>A system that the order saga runs on.</summary>
/// <param name="Id">For the command line.</param>
/// <param name="Name">For the tables.</param>
/// <param name="Unfair">What it does less, or more, than Holdfast.</param>
internal sealed record SagaKind(string Id, string Name, string Unfair, Func<string, TimeProvider, ISagaSystem> Create);

internal static class SagaSystems
{
    /// <summary>Holdfast first: the others are compared with it.</summary>
    public static readonly IReadOnlyList<SagaKind> All =
    [
        new("holdfast", "Holdfast", "", static (connection, _) => new HoldfastSagas(connection)),
        new("orleans", "plain Orleans, memory streams", "", static (connection, clock) => new PlainOrleansSagas(connection, clock)),
        new("rebus", "Rebus", "", static (connection, clock) => new RebusSagas(connection, clock)),
        new("outbox", "EF Core outbox, by hand", "", static (connection, clock) => new EfOutboxSagas(connection, clock)),
        new("wolverine", "Wolverine", "", static (connection, clock) => new WolverineSagas(connection, clock)),
        new("akka", "Akka.NET persistence", "", static (connection, _) => new AkkaSagas(connection)),
        new("transactions", "Orleans.Transactions", "", static (connection, clock) => new TransactionSagas(connection, clock)),
    ];

    public static SagaKind Find(string id) => All.FirstOrDefault(kind => kind.Id == id)
        ?? throw new BenchException($"There is no system '{id}': it is one of {string.Join(", ", All.Select(static kind => kind.Id))}.");
}
