using Holdfast.Bench.Measuring;
using Holdfast.Lab.Races.Counter;
using Holdfast.Lab.Races.LastItems;
using Holdfast.Lab.Races.Profile;
using Npgsql;

namespace Holdfast.Lab.Races.Strategies;

/// <summary>Says the change, not its result: the database reads, decides and writes under its own row lock.</summary>
internal sealed class OneStatement(NpgsqlDataSource postgres) : ILastItems, IProfiles, ICounters
{
    public About About { get; } = new(
        "One atomic statement",
        Loses: false,
        "UPDATE … SET units = units - 1 WHERE units >= 1: the condition and the change are one statement, and the number of changed rows "
        + "is the answer. For a document: jsonb ||, which replaces one field.",
        "The rule fits into one WHERE. It is the best that plain SQL can do, and the first thing to try.",
        "The rule does not fit: prices that depend on the basket, a limit per customer, a repeated request that must get its first "
        + "answer. It is then tempting to read first and decide in the application, and the race is back.",
        "One round trip, and one commit's write to disk during which the row is locked: one hot row has one commit at a time.",
        "There is no gap in which a client could stall.");

    public Task Create(CancellationToken cancellationToken) => postgres.Execute(
        """
        CREATE TABLE atomic_items (sku text PRIMARY KEY, units bigint NOT NULL CHECK (units >= 0));
        CREATE TABLE atomic_profiles (id text PRIMARY KEY, profile jsonb NOT NULL);
        CREATE TABLE atomic_counters (name text PRIMARY KEY, value bigint NOT NULL);
        """);

    public Task Stock(string sku, long units) => postgres.Execute("INSERT INTO atomic_items VALUES ($1, $2)", sku, units);

    public async ValueTask<Answer> Buy(string sku, Client buyer)
    {
        var sold = await postgres.Execute("UPDATE atomic_items SET units = units - 1 WHERE sku = $1 AND units >= 1", sku);
        return sold == 1 ? Answer.Done : Answer.Refused;
    }

    public Task<long> Left(string sku) => postgres.Read<long>("SELECT units FROM atomic_items WHERE sku = $1", sku);

    public Task Put(string user, string json) => postgres.Execute("INSERT INTO atomic_profiles VALUES ($1, $2::jsonb)", user, json);

    public async ValueTask<Answer> Edit(string user, FieldEdit edit, Client editor)
    {
        await postgres.Execute("UPDATE atomic_profiles SET profile = profile || $2::jsonb WHERE id = $1", user, edit.ToPatch());
        return Answer.Done;
    }

    public async Task<string> Read(string user) =>
        (await postgres.Read<string>("SELECT profile::text FROM atomic_profiles WHERE id = $1", user))!;

    public Task Start(string counter) => postgres.Execute("INSERT INTO atomic_counters VALUES ($1, 0)", counter);

    public async ValueTask<Answer> Increment(string counter, Client client)
    {
        await postgres.Execute("UPDATE atomic_counters SET value = value + 1 WHERE name = $1", counter);
        return Answer.Done;
    }

    public Task<long> Value(string counter) => postgres.Read<long>("SELECT value FROM atomic_counters WHERE name = $1", counter);
}
