using Holdfast.Journal;
using Holdfast.Journal.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Tests.Journal.Sqlite;

public sealed class SqliteJournalStoreTests : JournalStoreContract
{
    private const int Seed = 20260102;

    private readonly TempDirectory directory = new();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        directory.Dispose();
    }

    [Fact]
    public async Task Two_stores_on_one_file_are_refused_with_the_way_out()
    {
        await using var second = NewStore();

        var refusal = await Assert.ThrowsAsync<JournalStoreException>(() => second.Initialize(default));

        Assert.Contains("in use by another process", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("holdfast.lock", refusal.Message, StringComparison.Ordinal);
        Assert.Equal([AppendStatus.Committed], await Commit(New("a/1", 0, "the first store goes on")));
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused_with_the_way_out()
    {
        await Store.DisposeAsync();
        Sql("INSERT INTO schema_version (version) VALUES (9999)");
        await using var store = NewStore();

        var refusal = await Assert.ThrowsAsync<JournalStoreException>(() => store.Initialize(default));

        Assert.Contains("9999", refusal.Message, StringComparison.Ordinal);
        Sql("DELETE FROM schema_version WHERE version = 9999");
        await store.Initialize(default);
    }

    [Fact]
    public async Task A_journal_that_nobody_has_swept_yet_is_swept_from_two_days_back()
    {
        await Commit(New("a/1", 0, "one"));
        await Store.DisposeAsync();
        Sql("DROP TABLE sweep; DROP TABLE feed; DROP TABLE epoch; ALTER TABLE journal DROP COLUMN position");
        Sql("DROP INDEX outbox_retrying; ALTER TABLE outbox DROP COLUMN error");
        Sql("DELETE FROM schema_version WHERE version > 3");
        await using var store = NewStore();
        await store.Initialize(default);
        var twoDaysAgo = TimeProvider.System.GetUtcNow().AddDays(-2);
        Assert.InRange(await store.ReadSweptUntil(default), twoDaysAgo.AddMinutes(-10), twoDaysAgo.AddMinutes(1));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused()
    {
        using var elsewhere = new TempDirectory();
        await File.WriteAllTextAsync(Path.Combine(elsewhere.Path, "holdfast.db"), new string('x', 10_000));
        await using var store = NewStore(elsewhere);

        var refusal = await Assert.ThrowsAsync<JournalStoreException>(() => store.Initialize(default));

        Assert.Contains("holdfast.db", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_files_are_for_their_owner_alone()
    {
        if (OperatingSystem.IsWindows()) return;
        await Commit(New("a/1", 0, "one"));

        foreach (var file in Directory.EnumerateFiles(directory.Path, "holdfast.db*"))
        {
            Assert.Equal((file, UnixFileMode.UserRead | UnixFileMode.UserWrite), (file, File.GetUnixFileMode(file)));
        }
    }

    [Fact]
    public async Task Events_are_text_for_plain_sql()
    {
        await Commit(New("a/1", 0, "readable"));

        Assert.Equal("readable", Sql("SELECT json_extract(events, '$[0]') FROM journal WHERE stream = 'a/1'"));
        Assert.Equal("2026-01-02 03:04:05", Sql("SELECT datetime(recorded_at / 1000, 'unixepoch') FROM journal"));
    }

    [Fact]
    public async Task A_file_that_another_process_keeps_locked_refuses_the_batch_and_the_next_one_commits()
    {
        using (var shell = new SqliteConnection($"Data Source={directory.Path}/holdfast.db;Pooling=False"))
        {
            shell.Open();
            using var transaction = shell.BeginTransaction();

            Assert.Equal([AppendStatus.Refused, AppendStatus.Refused], await Commit(New("a/1", 0, "one"), New("a/2", 0, "two")));
        }

        Assert.Equal([AppendStatus.Committed], await Commit(New("a/1", 0, "one")));
    }

    [Fact]
    public async Task A_batch_whose_commit_itself_fails_is_unknown_and_the_next_one_commits()
    {
        await Commit(New("a/1", 0, "one"));

        // A deferred constraint is looked at by COMMIT alone.
        Sql(
            """
            CREATE TABLE parent (id INTEGER PRIMARY KEY);
            CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
            CREATE TRIGGER orphan AFTER INSERT ON journal BEGIN INSERT INTO child VALUES (99); END;
            """);

        var result = await Store.Commit([New("a/1", 1, "two"), New("a/1-stale", 1, "stale")], []);

        Assert.Equal([AppendStatus.Unknown, AppendStatus.Unknown], result.Appends);
        Assert.NotNull(result.Error);
        Sql("DROP TRIGGER orphan");
        Assert.Equal([AppendStatus.Committed], await Commit(New("a/1", 1, "two")));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(400)]
    [InlineData(12_000)]
    public async Task Erased_bytes_are_in_no_file(int size)
    {
        const int Streams = 40;
        var random = new Random(Seed);
        var versions = new long[Streams];
        for (var round = 0; round < 60; round++)
        {
            var appends = Enumerable.Range(0, Streams).Where(_ => random.Next(3) > 0).Select(i => Personal(i, versions[i]++, size)).ToArray();
            await Commit(appends);

            // Deletions and moves between pages leave copies behind, if anything does.
            foreach (var message in (await Due()).Where(_ => random.Next(2) == 0))
            {
                await Change(random.Next(2) == 0
                    ? OutboxChange.Finish(message)
                    : OutboxChange.Postpone(message, Start.AddMilliseconds(random.Next(1_000)), 1));
            }

            await Store.ForgetReceipts(Start.AddMilliseconds(random.Next(500)), 3, default);
        }

        Assert.Contains("holdfast.db-wal", directory.FilesWith("person-7-"));

        // Of the first nothing is left to be done, and its messages are gone but for the copies of them.
        foreach (var message in (await Due()).Where(message => message.Stream == "user/3")) await Change(OutboxChange.Finish(message));

        foreach (var person in (int[])[3, 7, 20])
        {
            Assert.Equal([AppendStatus.Committed], await Commit(New($"user/{person}", versions[person], "erased") with { Erases = true }));
            Assert.Empty(directory.FilesWith($"person-{person}-"));
        }

        Assert.NotEmpty(directory.FilesWith("person-8-"));

        Append Personal(int person, long version, int length)
        {
            // Repeated, so that any fragment of it is found.
            var text = string.Concat(Enumerable.Repeat($"person-{person}-", 1 + random.Next(length / 10)));
            return New($"user/{person}", version, text) with
            {
                Messages = [Message($"user/{person}") with { Body = Utf8($"\"{text}\"") }],
                Receipts = [Receipt() with { RecordedAt = Start.AddMilliseconds(random.Next(1_000)), Body = Utf8($"\"{text}\"") }],
            };
        }
    }

    [Fact]
    public async Task An_erasure_overwrites_a_table_once_a_batch_and_only_when_it_ever_held_rows_of_the_stream()
    {
        const int Others = 500;
        await Commit(New("shop/1", 0, "sold") with { Receipts = [.. Enumerable.Range(0, Others).Select(_ => Receipt())], Messages = [Message("shop/1")] });
        await Commit([.. Enumerable.Range(1, 9).Select(i => New($"user/{i}", 0, "x"))]);
        await Commit(New("user/8", 1, "spills") with { Receipts = [Receipt()] }, New("user/9", 1, "spills") with { Receipts = [Receipt()] });
        await Commit(New("user/7", 1, "spilled") with { Receipts = [Receipt() with { RecordedAt = Start.AddDays(-2) }] });
        Assert.Equal(1, await Store.ForgetReceipts(Start.AddDays(-1), 10, default));
        Sql(
            """
            CREATE TABLE gone (name TEXT);
            CREATE TRIGGER a_receipt AFTER DELETE ON receipts BEGIN INSERT INTO gone VALUES ('receipt'); END;
            CREATE TRIGGER a_message AFTER DELETE ON outbox BEGIN INSERT INTO gone VALUES ('message'); END;
            """);

        for (var i = 1; i <= 6; i++) await Commit(Tombstone($"user/{i}", 1));
        Assert.Equal("0", Sql("SELECT count(*) FROM gone"));

        // Its receipt is gone, and may have left a copy: all others', of whom two are still to be erased, are written anew.
        await Commit(Tombstone("user/7", 2));
        Assert.Equal($"{2 + Others}", Sql("SELECT count(*) FROM gone WHERE name = 'receipt'"));
        Sql("DELETE FROM gone");

        await Commit(Tombstone("user/8", 2), Tombstone("user/9", 2));

        // Two of theirs, and all others' once.
        Assert.Equal($"{2 + Others}", Sql("SELECT count(*) FROM gone WHERE name = 'receipt'"));
        Assert.Equal("0", Sql("SELECT count(*) FROM gone WHERE name = 'message'"));
        Assert.Equal($"{Others}", Sql("SELECT count(*) FROM receipts"));

        Append Tombstone(string stream, long version) => New(stream, version, "erased") with { Erases = true };
    }

    [Fact]
    public async Task A_stream_from_before_its_appends_said_what_they_carried_is_erased_everywhere()
    {
        var receipt = Receipt();
        await Commit(New("user/1", 0, "before") with { Receipts = [receipt], Messages = [Message("user/1")] });
        Sql("UPDATE journal SET carried = NULL");

        await Commit(New("user/1", 1, "erased") with { Erases = true });

        Assert.Null(await Store.FindReceipt("user/1", receipt.Operation, default));
        Assert.Empty(await Due());
    }

    protected override async Task<IJournalStore> Open()
    {
        var store = NewStore();
        await store.Initialize(default);
        return store;
    }

    private SqliteJournalStore NewStore(TempDirectory? place = null) =>
        new(new SqliteJournalOptions((place ?? directory).Path), Clock, NullLogger<SqliteJournalStore>.Instance);

    private string? Sql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={directory.Path}/holdfast.db;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()?.ToString();
    }
}
