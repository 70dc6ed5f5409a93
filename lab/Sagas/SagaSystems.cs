using Holdfast.Bench;
using Holdfast.Bench.Measuring;
using Holdfast.Lab.Sagas.Akka;
using Holdfast.Lab.Sagas.EfOutbox;
using Holdfast.Lab.Sagas.Holdfast;
using Holdfast.Lab.Sagas.PlainOrleans;
using Holdfast.Lab.Sagas.Rebus;
using Holdfast.Lab.Sagas.Transactions;
using Holdfast.Lab.Sagas.Wolverine;

namespace Holdfast.Lab.Sagas;

/// <summary>A system that the order saga runs on.</summary>
/// <param name="Id">For the command line.</param>
/// <param name="Name">For the tables.</param>
/// <param name="Of">A type of its package.</param>
/// <param name="Unfair">What it does less, or more, than Holdfast.</param>
internal sealed record SagaKind(string Id, string Name, Type Of, string Unfair, Func<string, TimeProvider, ISagaSystem> Create)
{
    /// <summary>Name and version.</summary>
    public string Package => $"{Of.Assembly.GetName().Name} {Machine.VersionOf(Of.Assembly)}";
}

internal static class SagaSystems
{
    /// <summary>Holdfast first: the others are compared with it.</summary>
    public static readonly IReadOnlyList<SagaKind> All =
    [
        new("holdfast", "Holdfast", typeof(HoldfastSagas), "", static (connection, _) => new HoldfastSagas(connection)),
        new(
            "rebus",
            "Rebus",
            typeof(global::Rebus.Bus.IBus),
            "each step is a message in a table that is polled, and costs three transactions; an order is seven messages, its shop's statements commit "
                + "beside the message's transaction; its lines are rows that one statement locks "
                + "together, which needs all products in one database. A caller learns of the end in this process only.",
            static (connection, clock) => new RebusSagas(connection, clock)),
        new(
            "wolverine",
            "Wolverine",
            typeof(global::Wolverine.IMessageBus),
            "its messages stay in this process' memory after they are stored, in its Solo mode for one process; an order is seven messages, and its shop's statements commit beside the message's transaction; "
                + "its lines are rows that one "
                + "statement locks together, which needs all products in one database.",
            static (connection, clock) => new WolverineSagas(connection, clock)),
        new(
            "akka",
            "Akka.NET persistence",
            typeof(global::Akka.Actor.ActorSystem),
            "without a cluster, and without snapshots, which its products would need in time; to go on after a crash it reads the whole "
                + "journal at its start. Like Holdfast's, its products are actors that need not share a database.",
            static (connection, _) => new AkkaSagas(connection)),
        new(
            "outbox",
            "EF Core outbox, by hand",
            typeof(Microsoft.EntityFrameworkCore.DbContext),
            "a message is gone in the transaction that it causes, so that no step runs twice but the charge; that needs orders, products and "
                + "outbox in one database.",
            static (connection, clock) => new EfOutboxSagas(connection, clock)),
        new(
            "orleans",
            "plain Orleans, memory streams",
            typeof(Grain),
            "it stores each grain by itself, in tables with a unique key that Orleans' own script lacks; nothing goes on with an order whose "
                + "process has ended, and no reminder, which would cost it one more write an order, was added for that.",
            static (connection, clock) => new PlainOrleansSagas(connection, clock)),
        new(
            "transactions",
            "Orleans.Transactions",
            typeof(Orleans.Transactions.Abstractions.ITransactionalState<>),
            "the caller drives the order from transaction to transaction, without messages; all lines are reserved or none, which no other "
                + "system here promises; it stands on plain grain storage, which keeps all records of a grain as one document, because Orleans 10.4 has "
                + "no transactional storage for PostgreSQL; its products are asked one after the other, because asked at once they wait for each other until a lock times out.",
            static (connection, clock) => new TransactionSagas(connection, clock)),
    ];

    public static SagaKind Find(string id) => All.FirstOrDefault(kind => kind.Id == id)
        ?? throw new BenchException($"There is no system '{id}': it is one of {string.Join(", ", All.Select(static kind => kind.Id))}.");
}
