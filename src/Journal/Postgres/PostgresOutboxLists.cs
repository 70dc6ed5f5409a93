using static Holdfast.Journal.Postgres.PostgresReader;

namespace Holdfast.Journal.Postgres;

/// <inheritdoc />
public sealed class PostgresOutboxLists(PostgresDatabase database) : IOutboxLists, IDisposable
{
    private readonly PostgresReader _reader = new(database);

    public Task<IReadOnlyList<DeadLetter>> ReadDeadLetters(DeadLetterPlace? before, int limit, CancellationToken cancellationToken) =>
        _reader.Read(
            """
            SELECT id, lane, due, attempts, stream, type, body, parked_at, error FROM dead_letters
            WHERE (parked_at, id) < ($1, $2) ORDER BY parked_at DESC, id DESC LIMIT $3
            """,
            static row => new DeadLetter(PostgresJournalStore.ToMessage(row), row.GetFieldValue<DateTimeOffset>(7), row.GetString(8)),
            [Value(before?.ParkedAt ?? DateTimeOffset.MaxValue.AddYears(-1)), Value(before?.Id ?? Guid.Empty), Value(limit)],
            cancellationToken);

    public Task<IReadOnlyList<RetryingMessage>> ReadRetrying(string after, int limit, CancellationToken cancellationToken) =>
        _reader.Read(
            """
            SELECT DISTINCT ON (stream) id, lane, due, attempts, stream, type, body, error FROM outbox
            WHERE error IS NOT NULL AND stream > $1 ORDER BY stream, due LIMIT $2
            """,
            static row => new RetryingMessage(PostgresJournalStore.ToMessage(row), row.GetString(7)),
            [Value(after), Value(limit)],
            cancellationToken);

    public void Dispose() => _reader.Dispose();
}
