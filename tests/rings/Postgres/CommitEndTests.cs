using Holdfast.Journal;
using Holdfast.Journal.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using PostgresDatabase = Holdfast.Journal.Postgres.PostgresDatabase;
using TestDatabase = Holdfast.Rig.PostgresDatabase;

namespace Holdfast.Rings.Postgres;

/// <summary>The rows that say what was accepted come before the commit, which can fail all the same.</summary>
public sealed class CommitEndTests
{
    [PostgresFact]
    public async Task A_commit_that_fails_at_its_very_end_is_not_called_committed()
    {
        await using var database = await TestDatabase.Create(TimeProvider.System);
        await using var store = new PostgresJournalStore(
            new PostgresDatabase(database.ConnectionString), new(), TimeProvider.System, NullLogger<PostgresJournalStore>.Instance);
        await store.Initialize(default);

        // A deferred trigger runs inside the COMMIT.
        await database.Execute(
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''not this one''; END';
            CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON holdfast.journal
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()
            """);

        var append = new Append("a/1", 0, Guid.NewGuid(), TimeProvider.System.GetUtcNow(), 1, "[{}]"u8.ToArray(), [], []);
        var result = await store.Commit([append], []);

        Assert.False(result.Committed);
        Assert.NotEqual([AppendStatus.Committed], result.Appends);
        Assert.Equal(0, await store.ReadVersion("a/1", default));
    }
}
