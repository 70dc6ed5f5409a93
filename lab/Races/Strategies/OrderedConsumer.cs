using Holdfast.Bench.Measuring;
using Holdfast.Lab.Races.Events;
using Npgsql;

namespace Holdfast.Lab.Races.Strategies;

/// <summary>
/// Applies each entity's events strictly by their sequence numbers. What comes too early is kept in an inbox until its turn; what
/// was there before is dropped.
/// </summary>
internal sealed class OrderedConsumer(NpgsqlDataSource postgres, Stall stall) : IEventConsumer
{
    public About About { get; } = new(
        "Ordered consumer",
        Loses: false,
        "By sequence numbers. In one transaction, under the entity's row lock: a number that is not above the last applied one is a duplicate; else the event "
        + "goes into the inbox, and everything that is next in turn is taken from it and applied.",
        "Each event must see the state that the one before it left: a ledger with a balance, a document that is edited by differences.",
        "The producer gives no numbers without gaps, or a lost event must not stop the rest: behind a gap everything waits, so it needs "
        + "an alarm and a way to ask for the missing one.",
        "One entity is one line: events of one key are applied one after the other, whatever the number of consumers.",
        "An event that is kept in the inbox counts as taken: it is durable, though not applied yet.");

    public Task Create(CancellationToken cancellationToken) => postgres.Execute(
        """
        CREATE TABLE ordered_entities (id text PRIMARY KEY, total bigint NOT NULL, latest text NOT NULL, applied bigint NOT NULL);
        CREATE TABLE ordered_inbox (entity text, sequence bigint, amount bigint NOT NULL, value text NOT NULL, PRIMARY KEY (entity, sequence));
        """);

    public Task Open(string entity) => postgres.Execute("INSERT INTO ordered_entities VALUES ($1, 0, '', 0)", entity);

    public async ValueTask<Answer> Apply(EntityEvent @event, Client consumer)
    {
        await using var connection = await postgres.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var applied = await connection.Read<long>("SELECT applied FROM ordered_entities WHERE id = $1 FOR UPDATE", @event.Entity);
        if (@event.Sequence <= applied) return Answer.Done;
        await stall.Pass();
        await connection.Execute(
            "INSERT INTO ordered_inbox VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            @event.Entity,
            @event.Sequence,
            @event.Amount,
            @event.Value);
        while (await ApplyNext(connection, @event.Entity, applied + 1)) applied++;
        await transaction.CommitAsync();
        return Answer.Done;
    }

    public async Task<EntityState> Read(string entity)
    {
        var row = await postgres.ReadTwo<long, string>("SELECT total, latest FROM ordered_entities WHERE id = $1", entity);
        return new(row!.Value.First, row.Value.Second);
    }

    private static async Task<bool> ApplyNext(NpgsqlConnection connection, string entity, long sequence) => await connection.Execute(
        """
        WITH next AS (DELETE FROM ordered_inbox WHERE entity = $1 AND sequence = $2 RETURNING amount, value)
        UPDATE ordered_entities SET total = total + next.amount, latest = next.value, applied = $2 FROM next WHERE id = $1
        """,
        entity,
        sequence) == 1;
}
