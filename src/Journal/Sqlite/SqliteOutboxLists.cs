namespace Holdfast.Journal.Sqlite;

/// <inheritdoc />
public sealed class SqliteOutboxLists(SqliteJournalStore store) : IOutboxLists
{
    public async Task<IReadOnlyList<DeadLetter>> ReadDeadLetters(DeadLetterPlace? before, int limit, CancellationToken cancellationToken) =>
        await store.Readers().Read(
            database => database.Prepare(
                """
                SELECT id, lane, due, attempts, stream, type, body, parked_at, error FROM dead_letters
                WHERE (parked_at, id) < (?1, ?2) ORDER BY parked_at DESC, id DESC LIMIT ?3
                """)
                .Bind(1, before?.ParkedAt ?? DateTimeOffset.MaxValue).Bind(2, before?.Id ?? Guid.Empty).Bind(3, limit)
                .Rows(static row => new DeadLetter(SqliteJournalStore.ToMessage(row), row.Time(7), row.Text(8))),
            cancellationToken);

    public async Task<IReadOnlyList<RetryingMessage>> ReadRetrying(string after, int limit, CancellationToken cancellationToken) =>
        await store.Readers().Read(
            database => database.Prepare(
                """
                SELECT id, lane, min(due), attempts, stream, type, body, error FROM outbox
                WHERE error IS NOT NULL AND stream > ?1 GROUP BY stream ORDER BY stream LIMIT ?2
                """)
                .Bind(1, after).Bind(2, limit)
                .Rows(static row => new RetryingMessage(SqliteJournalStore.ToMessage(row), row.Text(7))),
            cancellationToken);
}
