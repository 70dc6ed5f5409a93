using Holdfast.Bench.Measuring;
using Holdfast.Lab.Races.Counter;
using Holdfast.Lab.Races.LastItems;
using Holdfast.Lab.Races.Profile;
using Npgsql;

namespace Holdfast.Lab.Races.Strategies;

/// <summary>Locks the row while reading it: nobody else can until the transaction ends. All wait in one line, in the database.</summary>
internal sealed class LockedRow(NpgsqlDataSource postgres, Stall stall) : ILastItems, IProfiles, ICounters
{
    public About About { get; } = new(
        "SELECT … FOR UPDATE",
        Loses: false,
        "Begins a transaction, reads the row FOR UPDATE, computes, writes, commits. Whoever wants the same row waits in the database.",
        "The decision needs code that SQL cannot say, touches a few rows, and contention is moderate. Lock several rows in one order, "
        + "always the same.",
        "Anything slow happens inside: a payment, a call to another service. A client that stalls while it holds the lock stops "
        + "everybody, and each one who waits holds a connection. Set lock_timeout and idle_in_transaction_session_timeout.",
        "Four round trips, and the row is locked for three of them and for the commit's write to disk: that product of both is the "
        + "highest rate that one row can have, however many clients there are.",
        "It never turns a caller away here: waiting for the lock is not bounded.");

    public Task Create(CancellationToken cancellationToken) => postgres.Execute(
        """
        CREATE TABLE locked_items (sku text PRIMARY KEY, units bigint NOT NULL);
        CREATE TABLE locked_profiles (id text PRIMARY KEY, profile jsonb NOT NULL);
        CREATE TABLE locked_counters (name text PRIMARY KEY, value bigint NOT NULL);
        """);

    public Task Stock(string sku, long units) => postgres.Execute("INSERT INTO locked_items VALUES ($1, $2)", sku, units);

    public async ValueTask<Answer> Buy(string sku, Client buyer)
    {
        await using var connection = await postgres.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var units = await connection.Read<long>("SELECT units FROM locked_items WHERE sku = $1 FOR UPDATE", sku);
        if (units == 0) return Answer.Refused;
        await stall.Pass();
        await connection.Execute("UPDATE locked_items SET units = $2 WHERE sku = $1", sku, units - 1);
        await transaction.CommitAsync();
        return Answer.Done;
    }

    public Task<long> Left(string sku) => postgres.Read<long>("SELECT units FROM locked_items WHERE sku = $1", sku);

    public Task Put(string user, string json) => postgres.Execute("INSERT INTO locked_profiles VALUES ($1, $2::jsonb)", user, json);

    public async ValueTask<Answer> Edit(string user, FieldEdit edit, Client editor)
    {
        await using var connection = await postgres.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var profile = await connection.Read<string>("SELECT profile::text FROM locked_profiles WHERE id = $1 FOR UPDATE", user);
        await stall.Pass();
        await connection.Execute("UPDATE locked_profiles SET profile = $2::jsonb WHERE id = $1", user, edit.ApplyTo(profile!));
        await transaction.CommitAsync();
        return Answer.Done;
    }

    public async Task<string> Read(string user) =>
        (await postgres.Read<string>("SELECT profile::text FROM locked_profiles WHERE id = $1", user))!;

    public Task Start(string counter) => postgres.Execute("INSERT INTO locked_counters VALUES ($1, 0)", counter);

    public async ValueTask<Answer> Increment(string counter, Client client)
    {
        await using var connection = await postgres.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var value = await connection.Read<long>("SELECT value FROM locked_counters WHERE name = $1 FOR UPDATE", counter);
        await stall.Pass();
        await connection.Execute("UPDATE locked_counters SET value = $2 WHERE name = $1", counter, value + 1);
        await transaction.CommitAsync();
        return Answer.Done;
    }

    public Task<long> Value(string counter) => postgres.Read<long>("SELECT value FROM locked_counters WHERE name = $1", counter);
}
