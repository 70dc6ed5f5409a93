using Holdfast.Journal;
using Holdfast.Journal.Feed;
using Holdfast.Journal.Postgres;
using Holdfast.Tests;
using Holdfast.Tests.Journal.Feed;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PostgresDatabase = Holdfast.Journal.Postgres.PostgresDatabase;
using TestDatabase = Holdfast.Rig.PostgresDatabase;

namespace Holdfast.Rings.Postgres;

[NeedsPostgres]
public sealed class PostgresFeedTests : FeedContract
{
    private TestDatabase _database = null!;

    public override async Task InitializeAsync()
    {
        _database = await TestDatabase.Create(TimeProvider.System);
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>
    /// The race of every feed that is ordered by a number: the older transaction commits last, and appears behind the reader.
    /// </summary>
    [StoreFact]
    public async Task A_transaction_that_began_earlier_and_commits_later_is_not_missed()
    {
        HoldsBack = true;
        await using var slow = new NpgsqlConnection(_database.ConnectionString);
        await slow.OpenAsync();
        await using var transaction = await slow.BeginTransactionAsync();
        await Run(slow, "INSERT INTO holdfast.journal (stream, first, last, append_id, recorded_at, events, follows, feed) "
            + "VALUES ('a/slow', 1, 1, gen_random_uuid(), now(), '[\"slow\"]', 0, pg_current_xact_id())");
        await Commit(New("a/fast", 0, "fast", follows: 0));

        var whileOpen = await Feed.Read(0, 10, default);
        var horizon = await Feed.ReadHorizon(default);
        await transaction.CommitAsync();
        await Eventually.True(async () => await Feed.ReadEnd(default) >= await Feed.ReadNewest(default), static () => "the feed shows it");
        var after = await Feed.Read(whileOpen.Through, 10, default);

        Assert.Empty(whileOpen.Rows);
        Assert.True(await Feed.ReadNewest(default) > whileOpen.Through);
        Assert.NotNull(horizon.HeldBy);
        Assert.Equal(["""["slow"]""", """["fast"]"""], after.Rows.Select(Text));
    }

    [StoreFact]
    public async Task A_prepared_transaction_holds_the_feed_and_is_named()
    {
        await using var connection = new NpgsqlConnection(_database.ConnectionString);
        await connection.OpenAsync();
        if (await Ask(connection, "SHOW max_prepared_transactions") is "0") return;
        HoldsBack = true;
        await Run(connection, "BEGIN; CREATE TABLE holdfast.held (x int); PREPARE TRANSACTION 'held'");
        await Commit(New("a/1", 0, "one", follows: 0));

        Assert.Empty((await Feed.Read(0, 10, default)).Rows);
        Assert.NotNull((await Feed.ReadHorizon(default)).HeldBy);
        await Run(connection, "ROLLBACK PREPARED 'held'");
        await Eventually.True(async () => await Feed.ReadEnd(default) >= await Feed.ReadNewest(default), static () => "the feed shows it");
        Assert.Single((await Feed.Read(0, 10, default)).Rows);
    }

    [StoreFact]
    public async Task What_is_not_published_has_no_entry_in_the_feed_s_index()
    {
        for (var i = 0; i < 50; i++) await Commit(New($"a/{i}", 0, "kept back"));
        await using var connection = new NpgsqlConnection(_database.ConnectionString);
        await connection.OpenAsync();
        await Run(connection, "ANALYZE holdfast.journal");

        const string Entries = "SELECT reltuples::bigint::text FROM pg_class WHERE oid = 'holdfast.journal_feed'::regclass";
        Assert.Equal("0", await Ask(connection, Entries));
    }

    protected override async Task<(IJournalStore Store, IFeed Feed)> Open()
    {
        var database = new PostgresDatabase(_database.ConnectionString);
        var store = new PostgresJournalStore(database, new(), TimeProvider.System, NullLogger<PostgresJournalStore>.Instance);
        await store.Initialize(default);
        return (store, new PostgresFeed(database));
    }

    private static async Task Run(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<string?> Ask(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() as string;
    }
}
