using Holdfast.Bench.Measuring;
using Holdfast.Lab.Races.Counter;
using Holdfast.Lab.Races.Events;
using Holdfast.Lab.Races.LastItems;
using Holdfast.Lab.Races.Profile;
using Npgsql;

namespace Holdfast.Lab.Races.Strategies;

/// <summary>Read, change, write, as every tutorial does it. Two clients that read the same value write over each other.</summary>
internal sealed class NaiveReadModifyWrite(NpgsqlDataSource postgres, Stall stall) : ILastItems, IProfiles, ICounters, IEventConsumer
{
    public About About { get; } = new(
        "Naive read-modify-write",
        Loses: true,
        "Reads the value, computes the new one in the application, and writes it back. This is what an ORM's 'load, change, save' sends "
        + "when no concurrency token is set.",
        "Never where two requests may meet on one row. It is safe where a single process with a single thread writes, and nobody else.",
        "Behind any web server. It passes every test that one person can do by hand, and loses more the busier the shop is.",
        "Nothing, until the day that matters.",
        "It has no pause in it to make it lose: the gap between its two statements is enough.");

    public Task Create(CancellationToken cancellationToken) => postgres.Execute(
        """
        CREATE TABLE naive_items (sku text PRIMARY KEY, units bigint NOT NULL);
        CREATE TABLE naive_profiles (id text PRIMARY KEY, profile jsonb NOT NULL);
        CREATE TABLE naive_counters (name text PRIMARY KEY, value bigint NOT NULL);
        CREATE TABLE naive_entities (id text PRIMARY KEY, total bigint NOT NULL, latest text NOT NULL);
        """);

    public Task Stock(string sku, long units) => postgres.Execute("INSERT INTO naive_items VALUES ($1, $2)", sku, units);

    public async ValueTask<Answer> Buy(string sku, Client buyer)
    {
        var units = await Left(sku);
        if (units == 0) return Answer.Refused;
        await stall.Pass();
        await postgres.Execute("UPDATE naive_items SET units = $2 WHERE sku = $1", sku, units - 1);
        return Answer.Done;
    }

    public Task<long> Left(string sku) => postgres.Read<long>("SELECT units FROM naive_items WHERE sku = $1", sku);

    public Task Put(string user, string json) => postgres.Execute("INSERT INTO naive_profiles VALUES ($1, $2::jsonb)", user, json);

    public async ValueTask<Answer> Edit(string user, FieldEdit edit, Client editor)
    {
        var profile = await Read(user);
        await stall.Pass();
        await postgres.Execute("UPDATE naive_profiles SET profile = $2::jsonb WHERE id = $1", user, edit.ApplyTo(profile));
        return Answer.Done;
    }

    public async Task<string> Read(string user) =>
        (await postgres.Read<string>("SELECT profile::text FROM naive_profiles WHERE id = $1", user))!;

    public Task Start(string counter) => postgres.Execute("INSERT INTO naive_counters VALUES ($1, 0)", counter);

    public async ValueTask<Answer> Increment(string counter, Client client)
    {
        var value = await Value(counter);
        await stall.Pass();
        await postgres.Execute("UPDATE naive_counters SET value = $2 WHERE name = $1", counter, value + 1);
        return Answer.Done;
    }

    public Task<long> Value(string counter) => postgres.Read<long>("SELECT value FROM naive_counters WHERE name = $1", counter);

    public Task Open(string entity) => postgres.Execute("INSERT INTO naive_entities VALUES ($1, 0, '')", entity);

    public async ValueTask<Answer> Apply(EntityEvent @event, Client consumer)
    {
        var state = await ((IEventConsumer)this).Read(@event.Entity);
        await stall.Pass();
        await postgres.Execute(
            "UPDATE naive_entities SET total = $2, latest = $3 WHERE id = $1", @event.Entity, state.Total + @event.Amount, @event.Value);
        return Answer.Done;
    }

    async Task<EntityState> IEventConsumer.Read(string entity)
    {
        var row = await postgres.ReadTwo<long, string>("SELECT total, latest FROM naive_entities WHERE id = $1", entity);
        return new(row!.Value.First, row.Value.Second);
    }
}
