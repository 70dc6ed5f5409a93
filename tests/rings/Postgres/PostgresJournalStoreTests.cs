using System.Globalization;
using Holdfast.Journal;
using Holdfast.Journal.Postgres;
using Holdfast.Tests;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PostgresDatabase = Holdfast.Journal.Postgres.PostgresDatabase;
using TestDatabase = Holdfast.Rig.PostgresDatabase;

namespace Holdfast.Rings.Postgres;

[NeedsPostgres]
public sealed class PostgresJournalStoreTests : JournalStoreContract
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

    [StoreFact]
    public async Task Five_stores_that_start_at_once_on_an_empty_database_all_start()
    {
        await using var empty = await TestDatabase.Create(TimeProvider.System);
        var stores = Enumerable.Range(0, 5).Select(_ => NewStore(empty.ConnectionString)).ToArray();

        await Task.WhenAll(stores.Select(store => store.Initialize(default)));

        foreach (var store in stores)
        {
            Assert.Equal(PostgresSchema.Current, await store.ReadSchemaVersion(default));
            await store.DisposeAsync();
        }
    }

    /// <summary>One row a second, a tenth of them erased and so moved behind the others; newer rows in the room that these left.</summary>
    [StoreFact]
    public async Task Windows_of_a_journal_of_many_blocks_find_their_rows_wherever_these_are()
    {
        const int Rows = 12_000;
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await _database.Execute(
            $"""
            INSERT INTO holdfast.journal (stream, first, last, append_id, recorded_at, events)
            SELECT 'a/' || i, 1, 1, gen_random_uuid(), '2026-01-01Z'::timestamptz + (i + CASE WHEN i >= {Rows / 2} THEN 86400 ELSE 0 END) * interval '1 s',
                   '["' || repeat('x', 700) || CASE WHEN i % 100 = 99 THEN 'open' ELSE 'ended' END || '"]'
            FROM generate_series(0, {Rows - 1}) i;
            UPDATE holdfast.journal SET events = '[]' WHERE substr(stream, 3)::integer % 10 = 1;
            """);
        await _database.Execute("VACUUM holdfast.journal");
        await _database.Execute(
            """
            INSERT INTO holdfast.journal (stream, first, last, append_id, recorded_at, events)
            SELECT 'b/' || i, 1, 1, gen_random_uuid(), '2026-01-09Z', '["open"]' FROM generate_series(1, 90) i
            """);
        Assert.Equal(90, (await Store.FindUnended(new("b/", start.AddDays(8), start.AddDays(8).AddMinutes(1), ["ended\"]"]), "", 100, default)).Count);
        var found = new List<string>();
        for (var from = start; from < start.AddSeconds(Rows).AddDays(1); from += TimeSpan.FromMinutes(7))
        {
            var names = await Store.FindUnended(new("a/", from, from.AddMinutes(7), ["ended\"]", "[]"]), "", 100, default);
            Assert.All(names, name => Assert.InRange(start.AddSeconds(Second(name)), from, from.AddMinutes(7)));
            found.AddRange(names);
        }

        Assert.Equal(Enumerable.Range(0, Rows / 100).Select(static i => $"a/{(i * 100) + 99}"), found.OrderBy(Second));

        static long Second(string name) => int.Parse(name.AsSpan(2), CultureInfo.InvariantCulture) is var i && i >= Rows / 2 ? i + 86_400 : i;
    }

    [StoreFact]
    public async Task A_journal_that_nobody_has_swept_yet_is_swept_from_two_days_back()
    {
        await Commit(New("a/1", 0, "one"));
        await _database.Execute(
            "DROP TABLE holdfast.sweep, holdfast.epoch; ALTER TABLE holdfast.journal DROP COLUMN feed, DROP COLUMN follows; "
            + "ALTER TABLE holdfast.outbox DROP COLUMN error; "
            + "DELETE FROM holdfast.schema_version WHERE version > 6");
        await using var store = NewStore(_database.ConnectionString);
        await store.Initialize(default);
        var twoDaysAgo = TimeProvider.System.GetUtcNow().AddDays(-2);
        Assert.InRange(await store.ReadSweptUntil(default), twoDaysAgo.AddMinutes(-10), twoDaysAgo.AddMinutes(1));
    }

    [StoreFact]
    public async Task A_database_of_a_newer_version_is_refused_with_the_way_out()
    {
        await _database.Execute("INSERT INTO holdfast.schema_version (version) VALUES (9999)");
        await using var store = NewStore(_database.ConnectionString);

        var refusal = await Assert.ThrowsAsync<JournalStoreException>(() => store.Initialize(default));

        Assert.Contains("9999", refusal.Message, StringComparison.Ordinal);
    }

    [StoreFact]
    public async Task A_role_that_may_only_read_and_write_runs_on_migrated_tables_and_is_told_to_migrate_others()
    {
        var role = $"runtime_{Guid.NewGuid():n}";
        await _database.Execute($"CREATE ROLE {role} LOGIN PASSWORD 'secret'");
        try
        {
            await using (var owner = new PostgresDatabase(_database.ConnectionString)) await PostgresSchema.Grant(owner, role, default);
            await using var store = NewStore(As(_database.ConnectionString));

            await store.Initialize(default);

            Assert.Equal([AppendStatus.Committed], (await store.Commit([New("a/1", 0, "by the runtime role")], [])).Appends);
            foreach (var table in new[] { "schema_version", "orleansquery" })
            {
                await using var runtime = new NpgsqlConnection(As(_database.ConnectionString));
                await runtime.OpenAsync();
                await using var delete = new NpgsqlCommand($"DELETE FROM holdfast.{table}", runtime);
                var denied = await Assert.ThrowsAsync<PostgresException>(() => delete.ExecuteNonQueryAsync());
                Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, denied.SqlState);
            }

            await using var empty = await TestDatabase.Create(TimeProvider.System);
            await using var early = NewStore(As(empty.ConnectionString));
            var refusal = await Assert.ThrowsAsync<JournalStoreException>(() => early.Initialize(default));
            Assert.Contains("migrate", refusal.Message, StringComparison.Ordinal);
        }
        finally
        {
            await _database.Execute($"DROP OWNED BY {role}; DROP ROLE {role}");
        }

        string As(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { Username = role, Password = "secret" }.ConnectionString;
    }

    [StoreTheory]
    [InlineData("ALTER ROLE {0} SET default_transaction_read_only = on", "ALTER ROLE {0} RESET default_transaction_read_only")]
    [InlineData("REVOKE INSERT ON holdfast.journal FROM {0}", "GRANT INSERT ON holdfast.journal TO {0}")]
    [InlineData("ALTER ROLE {0} NOLOGIN", "ALTER ROLE {0} LOGIN")]
    public async Task A_database_that_takes_no_changes_says_so_for_certain_and_is_asked_anew(string take, string give)
    {
        var role = $"runtime_{Guid.NewGuid():n}";
        await _database.Execute($"CREATE ROLE {role} LOGIN PASSWORD 'secret'");
        try
        {
            await using (var owner = new PostgresDatabase(_database.ConnectionString)) await PostgresSchema.Grant(owner, role, default);
            var settings = new NpgsqlConnectionStringBuilder(_database.ConnectionString) { Username = role, Password = "secret" };
            await using (var store = NewStore(settings.ConnectionString))
            {
                await store.ProveWritable(default);
                Assert.Equal([AppendStatus.Committed], (await store.Commit([New("a/1", 0, "may")], [])).Appends);
            }

            await _database.Execute(Of(take));
            await using (var store = NewStore(settings.ConnectionString))
            {
                var result = await store.Commit([New("a/1", 1, "may not"), New("a/2", 0, "nor may this")], []);
                Assert.Equal([AppendStatus.Unwritable, AppendStatus.Unwritable], result.Appends);
                Assert.True(result.Unwritable);
                await Assert.ThrowsAsync<JournalStoreException>(() => store.ProveWritable(default));

                await _database.Execute(Of(give));
                await using var again = NewStore(settings.ConnectionString);
                await again.ProveWritable(default);
                Assert.Equal([AppendStatus.Committed], (await again.Commit([New("a/1", 1, "may again")], [])).Appends);
                Assert.Equal(1L, await _database.Execute("SELECT count(*) FROM holdfast.journal WHERE stream <> 'a/1' OR first > 1"));
                Assert.Equal(0L, await _database.Execute("SELECT count(*) FROM holdfast.outbox"));
            }
        }
        finally
        {
            await _database.Execute($"DROP OWNED BY {role}; DROP ROLE {role}");
        }

        string Of(string sql) => string.Format(System.Globalization.CultureInfo.InvariantCulture, sql, role);
    }

    [StoreFact]
    public async Task The_server_asks_a_silent_connection_within_ten_seconds_whether_its_other_end_is_still_there()
    {
        await using var database = new PostgresDatabase(_database.ConnectionString);
        await using var connection = await database.Journal.OpenConnectionAsync();
        var seconds = new Dictionary<string, int>();
        foreach (var setting in new[] { "idle", "interval", "count" })
        {
            await using var show = new NpgsqlCommand($"SELECT current_setting('tcp_keepalives_{setting}')", connection);
            seconds[setting] = int.Parse((string)(await show.ExecuteScalarAsync())!, System.Globalization.CultureInfo.InvariantCulture);
        }

        Assert.InRange(seconds["idle"] + (seconds["interval"] * seconds["count"]), 1, 10);
    }

    [StoreFact]
    public async Task Events_are_text_for_plain_sql()
    {
        await Commit(New("a/1", 0, "plain \u4e16"));

        Assert.Equal("plain \u4e16", await _database.Execute("SELECT events::jsonb ->> 0 FROM holdfast.journal WHERE stream = 'a/1'"));
    }

    [StoreFact]
    public async Task Text_that_PostgreSQL_will_not_take_is_refused_alone()
    {
        var result = await Store.Commit(
            [
                New("a/1", 0, "before"),
                New("b/zero\0byte", 0, "no text of PostgreSQL's holds U+0000"),
                New("c/\ud800", 0, "half a character is no text at all"),
                New("d/4", 0, "after"),
            ],
            []);

        Assert.True(result.Appends is [AppendStatus.Committed, AppendStatus.Refused, AppendStatus.Refused, AppendStatus.Committed], result.Error);
    }

    [StoreFact]
    public async Task A_commit_that_waits_too_long_for_a_lock_is_refused_and_the_next_one_commits()
    {
        await using var other = new NpgsqlConnection(_database.ConnectionString);
        await other.OpenAsync();
        await using (var transaction = await other.BeginTransactionAsync())
        {
            await using var insert = new NpgsqlCommand(
                "INSERT INTO holdfast.journal VALUES ('a/1', 1, 1, gen_random_uuid(), now(), '[]')", other, transaction);
            await insert.ExecuteNonQueryAsync();
            await using var store = NewStore(new NpgsqlConnectionStringBuilder(_database.ConnectionString) { Options = "-c lock_timeout=100ms" }.ConnectionString);

            var result = await store.Commit([New("a/1", 0, "waits for the other"), New("b/2", 0, "its neighbour")], []);

            Assert.Equal([AppendStatus.Refused, AppendStatus.Committed], result.Appends);
            await transaction.RollbackAsync();
        }

        Assert.Equal([AppendStatus.Committed], await Commit(New("a/1", 0, "waits for nobody")));
    }

    [StoreFact]
    public async Task A_row_that_somebody_locks_for_long_is_refused_alone_of_many()
    {
        await using var other = new NpgsqlConnection(_database.ConnectionString);
        await other.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using var insert = new NpgsqlCommand("INSERT INTO holdfast.journal VALUES ('a/5', 1, 1, gen_random_uuid(), now(), '[]')", other, transaction);
        await insert.ExecuteNonQueryAsync();

        // With the limits of the product: each part that waited as long as the whole would use up the time for the others.
        var appends = Enumerable.Range(0, 32).Select(i => New($"a/{i}", 0, "x")).ToArray();
        var result = await Store.Commit(appends, []);

        Assert.Equal(appends.Select(append => append.Stream == "a/5" ? AppendStatus.Refused : AppendStatus.Committed), result.Appends);
        await transaction.RollbackAsync();
    }

    [StoreFact]
    public async Task A_commit_whose_rows_have_come_and_whose_end_has_not_is_not_called_committed()
    {
        // The server sends what fills its buffer of 8 KB. Of so many appends the last of their rows just fit, with the answers to the
        // first two of the changes; then the third waits for a lock until somebody ends it.
        int[] counts = [298, 300, 302, 304];
        var messages = new[] { Message("m/1"), Message("m/1"), Message("m/1") };
        await Commit(New("m/1", 0, "sends") with { Messages = messages });
        await using var other = new NpgsqlConnection(_database.ConnectionString);
        await other.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using var hold = new NpgsqlCommand("SELECT id FROM holdfast.outbox WHERE id = $1 FOR UPDATE", other, transaction) { Parameters = { new() { Value = messages[2].Id } } };
        await hold.ExecuteNonQueryAsync();
        await using var database = new PostgresDatabase(_database.ConnectionString);
        await using var store = new PostgresJournalStore(database, new(), Clock, NullLogger<PostgresJournalStore>.Instance);

        foreach (var count in counts)
        {
            var appends = Enumerable.Range(0, count).Select(i => New($"a/{count}-{i:000}", 0, "x")).ToArray();
            OutboxChange[] changes = [OutboxChange.Park(messages[0], "no"), OutboxChange.Postpone(messages[1], messages[1].DueAt, 1), OutboxChange.Finish(messages[2])];

            var committing = Task.Run(() => store.Commit(appends, changes).AsTask());
            await Eventually.True(
                async () => await _database.Execute(
                    "SELECT bool_or(pg_terminate_backend(pid)) FROM pg_stat_activity "
                    + $"WHERE application_name = '{database.Sessions}' AND wait_event_type = 'Lock'") is true,
                () => "the commit should have waited for the lock");
            var result = await committing;

            Assert.False(result.Committed);
            Assert.All(result.Appends, status => Assert.Equal(AppendStatus.Unknown, status));
            Assert.Equal(0, await store.ReadVersion(appends[0].Stream, default));
        }

        await transaction.RollbackAsync();
    }

    [StoreFact]
    public async Task Changes_look_their_messages_up_by_key_also_when_they_were_planned_for_an_outbox_that_was_nearly_empty()
    {
        await using (var store = NewStore(_database.ConnectionString))
        {
            var (few, many) = (Messages(3), Messages(2_000));
            await Commit(New("m/1", 0, "sends") with { Messages = few });
            await _database.Execute("VACUUM ANALYZE holdfast.outbox");
            Assert.True((await store.Commit([], Changes(few, ofEach: 1))).Committed);
            await Commit(New("m/1", 1, "sends more") with { Messages = many });

            Assert.True((await store.Commit([], Changes(many, ofEach: 5))).Committed);
        }

        // A session's counts are there for others when it has ended, if not before.
        const string RowsRead =
            """
            SELECT i.idx_tup_read + t.seq_tup_read FROM pg_stat_user_indexes i JOIN pg_stat_user_tables t USING (relid)
            WHERE i.indexrelname = 'outbox_pkey'
            """;
        var read = 0L;
        await Eventually.True(async () => (read = (long)(await _database.Execute(RowsRead))!) > 0, () => "the count of rows read should have come");
        Assert.InRange(read, 18, 180);

        OutboxMessage[] Messages(int count) => [.. Enumerable.Range(0, count).Select(_ => Message("m/1"))];

        OutboxChange[] Changes(OutboxMessage[] messages, int ofEach) =>
        [
            .. messages[..ofEach].Select(static message => OutboxChange.Finish(message)),
            .. messages[ofEach..(2 * ofEach)].Select(static message => OutboxChange.Postpone(message, message.DueAt, 1)),
            .. messages[(2 * ofEach)..(3 * ofEach)].Select(static message => OutboxChange.Park(message, "no")),
        ];
    }

    [StoreFact]
    public async Task Writers_that_take_their_rows_in_other_orders_do_not_lose_an_append()
    {
        const int Rounds = 30;
        var message = Enumerable.Range(0, 20).Select(_ => Message("m/1")).ToArray();
        await Commit(New("m/1", 0, "sends") with { Messages = message });

        // Two owners of one lane, as after a hand-over: both change the same rows, and append beside it.
        var outcomes = await Task.WhenAll(new[] { message, [.. message.Reverse()] }.Select((rows, writer) => Task.Run(async () =>
        {
            await using var store = NewStore(_database.ConnectionString);
            var lost = 0;
            for (var round = 0; round < Rounds; round++)
            {
                var changes = rows.Select(row => OutboxChange.Postpone(row, row.DueAt, round)).ToArray();
                var result = await store.Commit([New($"w/{writer}-{round}", 0, "beside the changes")], changes);
                if (result.Appends[0] != AppendStatus.Committed) lost++;
            }

            return lost;
        })));

        Assert.Equal([0, 0], outcomes);
    }

    [StoreFact]
    public async Task Of_two_silos_that_race_for_whole_batches_one_gets_each_stream_and_nobodys_neighbours_are_lost()
    {
        const int Rounds = 40;
        await using var rival = NewStore(_database.ConnectionString);
        IJournalStore[] stores = [Store, rival];
        for (var round = 0; round < Rounds; round++)
        {
            var messages = new[] { Message("m/1"), Message("m/1"), Message("m/1"), Message("m/1"), Message("m/1"), Message("m/1") };
            await Commit(New($"m/{round}", 0, "sends") with { Messages = messages });
            var results = await Task.WhenAll(stores.Select((store, silo) => Task.Run(async () =>
            {
                var contested = Enumerable.Range(0, 20).Select(i => New($"c/{i:00}", round, $"silo {silo}") with { Messages = [Message($"c/{i:00}")] });
                Append[] appends = [.. contested, New($"d/{silo}-{round}", 0, "neighbour")];
                var own = messages[(3 * silo)..];
                OutboxChange[] changes = [OutboxChange.Finish(own[0]), OutboxChange.Postpone(own[1], own[1].DueAt.AddHours(1), 7), OutboxChange.Park(own[2], "no")];
                return await store.Commit(appends, changes);
            })));

            for (var i = 0; i < 20; i++)
            {
                Assert.Equal([AppendStatus.Committed, AppendStatus.Conflict], results.Select(result => result.Appends[i]).Order());
            }

            Assert.All(results, result => Assert.True(result is { Committed: true, Appends: [.., AppendStatus.Committed] }, result.Error));
        }

        for (var i = 0; i < 20; i++) Assert.Equal(Rounds, (await Store.ReadForward($"c/{i:00}", 0, 1_000, default)).Count);
        Assert.Equal(20L * Rounds, await _database.Execute("SELECT count(*) FROM holdfast.outbox WHERE stream LIKE 'c/%'"));
        Assert.Equal(2L * Rounds, await _database.Execute("SELECT count(*) FROM holdfast.outbox WHERE stream = 'm/1' AND attempts = 7"));
        Assert.Equal(2L * Rounds, await _database.Execute("SELECT count(*) FROM holdfast.dead_letters"));
        Assert.Equal(2L * Rounds, await _database.Execute("SELECT count(*) FROM holdfast.outbox WHERE stream = 'm/1'"));
    }

    [StoreFact]
    public async Task A_name_that_the_server_does_not_take_fails_alone_among_those_who_ask_with_it()
    {
        await Commit(New("a/1", 0, "there"));
        string[] names = [.. Enumerable.Repeat("a/1", 20), "a/\0", "a/\ud800", .. Enumerable.Repeat("a/1", 20)];

        var pages = names.Select(name => Store.ReadBackward(name, long.MaxValue, 1, default)).ToArray();
        var versions = names.Select(name => Store.ReadVersion(name, default)).ToArray();
        await Task.WhenAll([.. pages, .. versions]).ContinueWith(static _ => { }, TaskScheduler.Default);

        Assert.Equal([20, 21], Enumerable.Range(0, names.Length).Where(i => pages[i].IsFaulted));
        Assert.Equal([20, 21], Enumerable.Range(0, names.Length).Where(i => versions[i].IsFaulted));
    }

    protected override async Task<IJournalStore> Open()
    {
        var store = NewStore(_database.ConnectionString);
        await store.Initialize(default);
        return store;
    }

    private PostgresJournalStore NewStore(string connectionString) =>
        new(new PostgresDatabase(connectionString), new(), Clock, NullLogger<PostgresJournalStore>.Instance);
}
