using Holdfast.Journal;
using Holdfast.Journal.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using PostgresDatabase = Holdfast.Journal.Postgres.PostgresDatabase;
using TestDatabase = Holdfast.Rig.PostgresDatabase;

namespace Holdfast.Rings.Postgres;

/// <summary>The owners of a silo that is dead are loaded elsewhere, and may have said that what it is about to store did not happen.</summary>
public sealed class DeadSiloTests
{
    [PostgresTheory]
    [InlineData("shop", 7, AppendStatus.Conflict)]
    [InlineData("shop", 8, AppendStatus.Committed)]
    [InlineData("other", 7, AppendStatus.Committed)]
    public async Task Nothing_is_stored_for_a_silo_that_was_declared_dead(string cluster, int generation, AppendStatus expected)
    {
        await using var database = await TestDatabase.Create(TimeProvider.System);
        await using var store = new PostgresJournalStore(
            new PostgresDatabase(database.ConnectionString),
            new() { Member = [cluster, "127.0.0.1", "11111", $"{generation}"] },
            TimeProvider.System,
            NullLogger<PostgresJournalStore>.Instance);
        await store.Initialize(default);
        await database.Execute(
            """
            INSERT INTO holdfast.membership (cluster, address, port, generation, name, host, status, proxy_port, started_at, alive_at)
            VALUES
                ('shop', '127.0.0.1', 11111, 7, 'silo', 'host', 6, 0, now(), now()),
                ('shop', '127.0.0.1', 11111, 8, 'silo', 'host', 3, 0, now(), now())
            """);

        var append = new Append("a/1", 0, Guid.NewGuid(), TimeProvider.System.GetUtcNow(), 1, "[{}]"u8.ToArray(), [], []);
        var result = await store.Commit([append], []);

        Assert.Equal([expected], result.Appends);
        Assert.Equal(expected == AppendStatus.Committed ? 1 : 0, await store.ReadVersion("a/1", default));
    }
}
