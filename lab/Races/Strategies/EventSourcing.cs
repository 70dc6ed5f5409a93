using System.Text.Json;
using Holdfast.Bench.Measuring;
using Holdfast.Lab.Races.Counter;
using Holdfast.Lab.Races.Events;
using Holdfast.Lab.Races.LastItems;
using Holdfast.Lab.Races.Profile;
using Npgsql;

namespace Holdfast.Lab.Races.Strategies;

/// <summary>
/// Nothing is overwritten: each change is a row at the next version of its stream, and the unique key lets one writer have that
/// version. Whoever comes second reads again.
/// </summary>
internal sealed class EventSourcing(NpgsqlDataSource postgres, TimeProvider clock, Stall stall) : ILastItems, IProfiles, ICounters, IEventConsumer
{
    /// <summary>The next version is the one after what was read; taken already means no row.</summary>
    private const string Append = "INSERT INTO sourced VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";

    public About About { get; } = new(
        "Event sourcing",
        Loses: false,
        "With an expected version: reads the stream's version (and what the decision needs), then inserts the event at version + 1. The primary key (stream, "
        + $"version) refuses a second event there: read again, at most {Backoff.MaxTries} times. For delivered events the version is "
        + "their sequence number, so that a duplicate finds its place taken.",
        "The history is worth as much as the state: ledgers, orders, whatever must be explained later. Readers can be added later and "
        + "start at the beginning.",
        "A hot stream without something in front that makes its writers one (an actor, a partition): it is the optimistic version again. "
        + "And where the law wants things forgotten, events that never go need a plan for it.",
        "A row for each change, for ever; a fold, or snapshots, to know the state. Conflicts cost as in the optimistic version.",
        "The state is folded in SQL when it is read; there are no snapshots, because the streams here are short. It keeps the history "
        + "that the others throw away.");

    public Task Create(CancellationToken cancellationToken) => postgres.Execute(
        """
        CREATE TABLE sourced (stream text, version bigint, amount bigint NOT NULL, body text NOT NULL, PRIMARY KEY (stream, version));
        """);

    public Task Stock(string sku, long units) => postgres.Execute(Append, sku, 1L, units, "received");

    public ValueTask<Answer> Buy(string sku, Client buyer) => Backoff.Retry(buyer, clock, async () =>
    {
        var (version, left) = (await postgres.ReadTwo<long, long>(
            "SELECT max(version), sum(amount)::bigint FROM sourced WHERE stream = $1", sku))!.Value;
        if (left == 0) return Reply.Refused;
        await stall.Pass();
        return Appended(await postgres.Execute(Append, sku, version + 1, -1L, "sold"));
    });

    public Task<long> Left(string sku) => postgres.Read<long>("SELECT sum(amount)::bigint FROM sourced WHERE stream = $1", sku);

    public Task Put(string user, string json) => postgres.Execute(Append, user, 1L, 0L, json);

    public ValueTask<Answer> Edit(string user, FieldEdit edit, Client editor) => Backoff.Retry(editor, clock, async () =>
    {
        var version = await postgres.Read<long>("SELECT max(version) FROM sourced WHERE stream = $1", user);
        await stall.Pass();
        return Appended(await postgres.Execute(Append, user, version + 1, 0L, edit.ToPatch()));
    });

    public async Task<string> Read(string user)
    {
        var patches = await postgres.Read<string[]>("SELECT array_agg(body ORDER BY version) FROM sourced WHERE stream = $1", user);
        var profile = new Dictionary<string, string>();
        foreach (var (field, value) in patches!.SelectMany(static patch => JsonSerializer.Deserialize<Dictionary<string, string>>(patch)!))
            profile[field] = value;
        return JsonSerializer.Serialize(profile);
    }

    public Task Start(string counter) => postgres.Execute(Append, counter, 1L, 0L, "started");

    public ValueTask<Answer> Increment(string counter, Client client) => Backoff.Retry(client, clock, async () =>
    {
        var version = await postgres.Read<long>("SELECT max(version) FROM sourced WHERE stream = $1", counter);
        await stall.Pass();
        return Appended(await postgres.Execute(Append, counter, version + 1, 1L, "incremented"));
    });

    public Task<long> Value(string counter) => postgres.Read<long>("SELECT sum(amount)::bigint FROM sourced WHERE stream = $1", counter);

    public Task Open(string entity) => Task.CompletedTask;

    public async ValueTask<Answer> Apply(EntityEvent @event, Client consumer)
    {
        await postgres.Execute(Append, @event.Entity, @event.Sequence, @event.Amount, @event.Value);
        return Answer.Done;
    }

    async Task<EntityState> IEventConsumer.Read(string entity)
    {
        var row = await postgres.ReadTwo<long, string>(
            "SELECT sum(amount)::bigint, (array_agg(body ORDER BY version DESC))[1] FROM sourced WHERE stream = $1", entity);
        return new(row!.Value.First, row.Value.Second);
    }

    private static Reply? Appended(int rows) => rows == 1 ? Reply.Done : null;
}
