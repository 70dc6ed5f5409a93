using Holdfast.Bench.Measuring;
using Holdfast.Lab.Races.Counter;
using Holdfast.Lab.Races.LastItems;
using Holdfast.Lab.Races.Profile;
using Npgsql;

namespace Holdfast.Lab.Races.Strategies;

/// <summary>Writes only if the version is still the one that was read; else reads again. Whoever loses the race pays for it.</summary>
internal sealed class OptimisticVersion(NpgsqlDataSource postgres, TimeProvider clock, Stall stall) : ILastItems, IProfiles, ICounters
{
    public About About { get; } = new(
        "Optimistic version",
        Loses: false,
        $"Reads the row with its version, computes, and writes WHERE version is what was read. No row changed means that somebody was "
        + $"faster: wait a little (exponential, jittered), read again, at most {Backoff.MaxTries} times; then tell the caller to come back.",
        "Conflicts are rare: many rows, few writers each, forms that a person edits for minutes. The version travels to the browser as "
        + "an ETag, so it spans requests, which no lock should.",
        "One row that everybody wants. The work of all but one is thrown away, again and again, and in the end callers are turned away "
        + "although nothing is wrong.",
        "Two round trips without contention. With it, every success costs the others their tries.",
        "A caller who is turned away (gave up) comes back at once as a new operation.");

    public Task Create(CancellationToken cancellationToken) => postgres.Execute(
        """
        CREATE TABLE optimistic_items (sku text PRIMARY KEY, units bigint NOT NULL, version bigint NOT NULL DEFAULT 1);
        CREATE TABLE optimistic_profiles (id text PRIMARY KEY, profile jsonb NOT NULL, version bigint NOT NULL DEFAULT 1);
        CREATE TABLE optimistic_counters (name text PRIMARY KEY, value bigint NOT NULL, version bigint NOT NULL DEFAULT 1);
        """);

    public Task Stock(string sku, long units) => postgres.Execute("INSERT INTO optimistic_items VALUES ($1, $2)", sku, units);

    public ValueTask<Answer> Buy(string sku, Client buyer) => Backoff.Retry(buyer, clock, async () =>
    {
        var (units, version) = (await postgres.ReadTwo<long, long>("SELECT units, version FROM optimistic_items WHERE sku = $1", sku))!.Value;
        if (units == 0) return Reply.Refused;
        await stall.Pass();
        return Written(await postgres.Execute(
            "UPDATE optimistic_items SET units = $2, version = version + 1 WHERE sku = $1 AND version = $3", sku, units - 1, version));
    });

    public Task<long> Left(string sku) => postgres.Read<long>("SELECT units FROM optimistic_items WHERE sku = $1", sku);

    public Task Put(string user, string json) => postgres.Execute("INSERT INTO optimistic_profiles VALUES ($1, $2::jsonb)", user, json);

    public ValueTask<Answer> Edit(string user, FieldEdit edit, Client editor) => Backoff.Retry(editor, clock, async () =>
    {
        var (profile, version) =
            (await postgres.ReadTwo<string, long>("SELECT profile::text, version FROM optimistic_profiles WHERE id = $1", user))!.Value;
        await stall.Pass();
        return Written(await postgres.Execute(
            "UPDATE optimistic_profiles SET profile = $2::jsonb, version = version + 1 WHERE id = $1 AND version = $3",
            user,
            edit.ApplyTo(profile),
            version));
    });

    public async Task<string> Read(string user) =>
        (await postgres.Read<string>("SELECT profile::text FROM optimistic_profiles WHERE id = $1", user))!;

    public Task Start(string counter) => postgres.Execute("INSERT INTO optimistic_counters VALUES ($1, 0)", counter);

    public ValueTask<Answer> Increment(string counter, Client client) => Backoff.Retry(client, clock, async () =>
    {
        var (value, version) =
            (await postgres.ReadTwo<long, long>("SELECT value, version FROM optimistic_counters WHERE name = $1", counter))!.Value;
        await stall.Pass();
        return Written(await postgres.Execute(
            "UPDATE optimistic_counters SET value = $2, version = version + 1 WHERE name = $1 AND version = $3", counter, value + 1, version));
    });

    public Task<long> Value(string counter) => postgres.Read<long>("SELECT value FROM optimistic_counters WHERE name = $1", counter);

    private static Reply? Written(int rows) => rows == 1 ? Reply.Done : null;
}
