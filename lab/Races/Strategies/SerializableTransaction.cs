using System.Data;
using Holdfast.Bench.Measuring;
using Holdfast.Lab.Races.Counter;
using Holdfast.Lab.Races.LastItems;
using Holdfast.Lab.Races.Profile;
using Npgsql;

namespace Holdfast.Lab.Races.Strategies;

/// <summary>
/// The naive code in a transaction that behaves as if it were alone: PostgreSQL lets it run, and ends it with an error when that
/// would not be true. The retry belongs to it; without one it is not a strategy.
/// </summary>
internal sealed class SerializableTransaction(NpgsqlDataSource postgres, TimeProvider clock, Stall stall) : ILastItems, IProfiles, ICounters
{
    public About About { get; } = new(
        "SERIALIZABLE, retried",
        Loses: false,
        "Read, compute, write inside BEGIN ISOLATION LEVEL SERIALIZABLE. PostgreSQL runs transactions side by side and aborts one (40001) "
        + $"when their result fits no order. The application repeats the whole transaction, at most {Backoff.MaxTries} times.",
        "The rule reads several rows, or rows that are not there yet ('no other booking in this week'), where there is nothing to lock. "
        + "It needs no thought about locks, only an honest retry of the whole.",
        "A hot row: it fails like the optimistic version, later and dearer. And whatever is called inside the transaction (an e-mail, "
        + "a payment) is repeated with it.",
        "Four round trips for each try, and the bookkeeping of what was read.",
        "Deadlocks (40P01) are repeated, too. A caller who is turned away comes back at once as a new operation.");

    public Task Create(CancellationToken cancellationToken) => postgres.Execute(
        """
        CREATE TABLE serializable_items (sku text PRIMARY KEY, units bigint NOT NULL);
        CREATE TABLE serializable_profiles (id text PRIMARY KEY, profile jsonb NOT NULL);
        CREATE TABLE serializable_counters (name text PRIMARY KEY, value bigint NOT NULL);
        """);

    public Task Stock(string sku, long units) => postgres.Execute("INSERT INTO serializable_items VALUES ($1, $2)", sku, units);

    public ValueTask<Answer> Buy(string sku, Client buyer) => InTransaction(buyer, async connection =>
    {
        var units = await connection.Read<long>("SELECT units FROM serializable_items WHERE sku = $1", sku);
        if (units == 0) return Reply.Refused;
        await stall.Pass();
        await connection.Execute("UPDATE serializable_items SET units = $2 WHERE sku = $1", sku, units - 1);
        return Reply.Done;
    });

    public Task<long> Left(string sku) => postgres.Read<long>("SELECT units FROM serializable_items WHERE sku = $1", sku);

    public Task Put(string user, string json) => postgres.Execute("INSERT INTO serializable_profiles VALUES ($1, $2::jsonb)", user, json);

    public ValueTask<Answer> Edit(string user, FieldEdit edit, Client editor) => InTransaction(editor, async connection =>
    {
        var profile = await connection.Read<string>("SELECT profile::text FROM serializable_profiles WHERE id = $1", user);
        await stall.Pass();
        await connection.Execute("UPDATE serializable_profiles SET profile = $2::jsonb WHERE id = $1", user, edit.ApplyTo(profile!));
        return Reply.Done;
    });

    public async Task<string> Read(string user) =>
        (await postgres.Read<string>("SELECT profile::text FROM serializable_profiles WHERE id = $1", user))!;

    public Task Start(string counter) => postgres.Execute("INSERT INTO serializable_counters VALUES ($1, 0)", counter);

    public ValueTask<Answer> Increment(string counter, Client client) => InTransaction(client, async connection =>
    {
        var value = await connection.Read<long>("SELECT value FROM serializable_counters WHERE name = $1", counter);
        await stall.Pass();
        await connection.Execute("UPDATE serializable_counters SET value = $2 WHERE name = $1", counter, value + 1);
        return Reply.Done;
    });

    public Task<long> Value(string counter) => postgres.Read<long>("SELECT value FROM serializable_counters WHERE name = $1", counter);

    private ValueTask<Answer> InTransaction(Client client, Func<NpgsqlConnection, Task<Reply>> work) => Backoff.Retry(client, clock, async () =>
    {
        try
        {
            await using var connection = await postgres.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.Serializable);
            var reply = await work(connection);

            // A refusal, too, is only true once it is committed: what it read may not have been there in any order.
            await transaction.CommitAsync();
            return reply;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected)
        {
            return null;
        }
    });
}
