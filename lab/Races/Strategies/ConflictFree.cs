using System.Collections.Concurrent;
using Holdfast.Bench.Measuring;
using Holdfast.Lab.Races.Counter;
using Holdfast.Lab.Races.Events;
using Npgsql;

namespace Holdfast.Lab.Races.Strategies;

/// <summary>
/// State that can be merged in any order, any number of times: a counter is one number for each replica, merged by the larger one;
/// a set of events is merged by union. Nobody waits for anybody.
/// </summary>
internal sealed class ConflictFree(NpgsqlDataSource postgres) : ICounters, IEventConsumer
{
    /// <summary>What each replica has counted by itself. Only the replica changes its own number, one call at a time.</summary>
    private readonly ConcurrentDictionary<(string Counter, int Replica), long> _own = [];

    public About About { get; } = new(
        "Conflict-free (CRDT)",
        Loses: false,
        "Replicated data that merges. A grow-only counter: each client is a replica that counts by itself and merges its number into its own row, by greatest(). The "
        + "value is the sum of the rows. Events: a set that is merged by union; total and latest value are computed from the set.",
        "Replicas that must go on without each other: offline devices, several regions, counters of views and likes. Merging twice or late "
        + "changes nothing, so any transport will do.",
        "Anything with a limit. 'At least one is left' needs everybody's agreement, and not having to ask is the point of it: two "
        + "replicas would both sell the last item. That is why it is not in the race for the last items.",
        "A row for each replica, and each reader sums them up. The set of events grows with the events.",
        "Here all replicas merge into one database, so that the audit can read them. Its rows do not contend, but every increment is a "
        + "commit as with the others; a real replica would count in memory and merge now and then.");

    public Task Create(CancellationToken cancellationToken) => postgres.Execute(
        """
        CREATE TABLE replicated_counters (counter text, replica int, counted bigint NOT NULL, PRIMARY KEY (counter, replica));
        CREATE TABLE replicated_events (entity text, id uuid, sequence bigint NOT NULL, amount bigint NOT NULL, value text NOT NULL,
            PRIMARY KEY (entity, id));
        """);

    public Task Start(string counter) => Task.CompletedTask;

    public async ValueTask<Answer> Increment(string counter, Client client)
    {
        var counted = _own.AddOrUpdate((counter, client.Index), 1, static (_, own) => own + 1);
        await postgres.Execute(
            """
            INSERT INTO replicated_counters AS stored VALUES ($1, $2, $3)
            ON CONFLICT (counter, replica) DO UPDATE SET counted = greatest(stored.counted, excluded.counted)
            """,
            counter,
            client.Index,
            counted);
        return Answer.Done;
    }

    public Task<long> Value(string counter) =>
        postgres.Read<long>("SELECT coalesce(sum(counted), 0)::bigint FROM replicated_counters WHERE counter = $1", counter);

    public Task Open(string entity) => Task.CompletedTask;

    public async ValueTask<Answer> Apply(EntityEvent @event, Client consumer)
    {
        await postgres.Execute(
            "INSERT INTO replicated_events VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            @event.Entity,
            @event.Id,
            @event.Sequence,
            @event.Amount,
            @event.Value);
        return Answer.Done;
    }

    public async Task<EntityState> Read(string entity)
    {
        var row = await postgres.ReadTwo<long, string>(
            "SELECT sum(amount)::bigint, (array_agg(value ORDER BY sequence DESC))[1] FROM replicated_events WHERE entity = $1", entity);
        return new(row!.Value.First, row.Value.Second);
    }
}
