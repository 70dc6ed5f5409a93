using Holdfast.Bench.Measuring;
using Holdfast.Lab.Races.Events;
using Npgsql;

namespace Holdfast.Lab.Races.Strategies;

/// <summary>Looks the event's id up, applies the event, notes the id: three steps that nothing holds together.</summary>
internal sealed class CheckThenApply(NpgsqlDataSource postgres, Stall stall) : IEventConsumer
{
    public About About { get; } = new(
        "Check, then apply",
        Loses: true,
        "Asks a table of processed ids whether the event is known; if not, applies it in one atomic statement, then writes the id. The "
        + "three are transactions of their own.",
        "Never. It is here because it looks like an idempotent consumer and is in many code bases.",
        "Two deliveries of one event that meet both find that it is unknown. A crash after applying applies it again. Written the other "
        + "way round, id first, a crash loses the event instead. And nothing here looks at the order.",
        "Three round trips, and the repair of what it double-counted.",
        "No crash is simulated: the duplicates alone are enough.");

    public Task Create(CancellationToken cancellationToken) => postgres.Execute(
        """
        CREATE TABLE checked_entities (id text PRIMARY KEY, total bigint NOT NULL, latest text NOT NULL);
        CREATE TABLE checked_ids (id uuid NOT NULL);
        CREATE INDEX ON checked_ids (id);
        """);

    public Task Open(string entity) => postgres.Execute("INSERT INTO checked_entities VALUES ($1, 0, '')", entity);

    public async ValueTask<Answer> Apply(EntityEvent @event, Client consumer)
    {
        if (await postgres.Read<bool>("SELECT true FROM checked_ids WHERE id = $1 LIMIT 1", @event.Id)) return Answer.Done;
        await stall.Pass();
        await postgres.Execute(
            "UPDATE checked_entities SET total = total + $2, latest = $3 WHERE id = $1", @event.Entity, @event.Amount, @event.Value);
        await postgres.Execute("INSERT INTO checked_ids VALUES ($1)", @event.Id);
        return Answer.Done;
    }

    public async Task<EntityState> Read(string entity)
    {
        var row = await postgres.ReadTwo<long, string>("SELECT total, latest FROM checked_entities WHERE id = $1", entity);
        return new(row!.Value.First, row.Value.Second);
    }
}
