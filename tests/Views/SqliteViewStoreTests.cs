using Holdfast.Tests.Journal;
using Holdfast.Views.Store;
using Microsoft.Data.Sqlite;

namespace Holdfast.Tests.Views;

public sealed class SqliteViewStoreTests : IDisposable
{
    private const string Tables =
        "CREATE TABLE guard (n bigint); INSERT INTO guard VALUES (0); CREATE TABLE texts (id bigint PRIMARY KEY, body TEXT)";

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_process_that_ends_between_an_erasure_and_its_scrub_leaves_the_scrub_to_the_next()
    {
        await using (var store = await Open())
        {
            await store.Execute(Tables, default);
            await Write(store, "what nobody may find", erases: false);
            await store.Execute("CREATE TABLE moved AS SELECT * FROM texts; DROP TABLE moved", default);
            Assert.True(await store.Scrub(default));
            Assert.NotEqual(0, await FreePages(store));
            await Write(store, "", erases: true);
        }

        await using var next = await Open();
        Assert.NotEqual(0, await FreePages(next));
        Assert.True(await next.Scrub(default));
        Assert.Equal(0, await FreePages(next));
        Assert.Empty(_directory.FilesWith("what nobody may find"));
    }

    [Fact]
    public async Task A_list_that_is_being_read_puts_a_scrub_off()
    {
        await using var store = await Open();
        await store.Execute(Tables, default);
        await Write(store, "what nobody may find", erases: false);
        using (var reader = new SqliteConnection($"Data Source={store.Name};Pooling=False"))
        {
            reader.Open();
            using var transaction = reader.BeginTransaction(deferred: true);
            using var question = reader.CreateCommand();
            question.CommandText = "SELECT count(*) FROM texts";
            question.ExecuteScalar();
            await Write(store, "", erases: true);
            Assert.False(await store.Scrub(default));
            Assert.NotEmpty(_directory.FilesWith("what nobody may find"));
        }

        Assert.True(await store.Scrub(default));
        Assert.Empty(_directory.FilesWith("what nobody may find"));
    }

    private async Task<SqliteViewStore> Open()
    {
        var store = new SqliteViewStore(Path.Combine(_directory.Path, "views.db"));
        await store.Initialize(default);
        return store;
    }

    private static async Task Write(SqliteViewStore store, string body, bool erases)
    {
        var rows = new ViewRows("texts", ["id", "body"], 1, "body");
        for (var id = 0L; id < 1_000; id++) rows.Add(id, body);
        Assert.True(await store.Write(new("UPDATE guard SET n = n + 1"), [rows], erases, default));
    }

    private static async Task<long> FreePages(SqliteViewStore store) =>
        (await store.Read(new("PRAGMA freelist_count"), static row => row.GetInt64(0), default)).Single();
}
