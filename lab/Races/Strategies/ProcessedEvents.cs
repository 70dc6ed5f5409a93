using Holdfast.Bench.Measuring;
using Holdfast.Lab.Races.Events;
using Npgsql;

namespace Holdfast.Lab.Races.Strategies;

/// <summary>The event's id and its effect are one transaction: either both are there or neither. Order is a matter of the statement.</summary>
internal sealed class ProcessedEvents(NpgsqlDataSource postgres, Stall stall) : IEventConsumer
{
    public About About { get; } = new(
        "Processed-events table",
        Loses: false,
        "The idempotent consumer. In one transaction: INSERT the event's id ON CONFLICT DO NOTHING; if it is new, apply the event. The latest value is only "
        + "replaced by an event of a higher sequence number: the table alone would not put events in order.",
        "The effect is in the same database as the table, and effects either commute (sums) or can be compared (newest wins). It takes "
        + "events in any order and makes nobody wait.",
        "The effect is elsewhere (an e-mail, a payment): the two cannot be one transaction, and the other side has to take the id. Or "
        + "the order really matters, event by event.",
        "A row for each event. Rows have to be pruned, and a duplicate that comes later than that counts again.",
        "Nothing is pruned here.");

    public Task Create(CancellationToken cancellationToken) => postgres.Execute(
        """
        CREATE TABLE deduplicated_entities (id text PRIMARY KEY, total bigint NOT NULL, latest text NOT NULL, newest bigint NOT NULL);
        CREATE TABLE deduplicated_ids (id uuid PRIMARY KEY);
        """);

    public Task Open(string entity) => postgres.Execute("INSERT INTO deduplicated_entities VALUES ($1, 0, '', 0)", entity);

    public async ValueTask<Answer> Apply(EntityEvent @event, Client consumer)
    {
        await using var connection = await postgres.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();

        // The second of two that meet waits here for the first one's commit, and then finds the id.
        var isNew = await connection.Execute("INSERT INTO deduplicated_ids VALUES ($1) ON CONFLICT DO NOTHING", @event.Id) == 1;
        if (!isNew) return Answer.Done;
        await stall.Pass();
        await connection.Execute(
            """
            UPDATE deduplicated_entities
            SET total = total + $2, latest = CASE WHEN $4 > newest THEN $3 ELSE latest END, newest = greatest(newest, $4)
            WHERE id = $1
            """,
            @event.Entity,
            @event.Amount,
            @event.Value,
            @event.Sequence);
        await transaction.CommitAsync();
        return Answer.Done;
    }

    public async Task<EntityState> Read(string entity)
    {
        var row = await postgres.ReadTwo<long, string>("SELECT total, latest FROM deduplicated_entities WHERE id = $1", entity);
        return new(row!.Value.First, row.Value.Second);
    }
}
