using Npgsql;
using static Holdfast.Journal.Postgres.PostgresColumns;

namespace Holdfast.Journal.Postgres;

/// <summary>What became of messages, as the last statements of a commit.</summary>
internal static class PostgresOutboxChanges
{
    /// <summary>
    /// Where the row of one change <c>c</c> is now. The three statements below go to their rows by place: then the planner can only look
    /// each key up. In a join it would choose the order itself. A vacuum mostly finds the outbox empty, and the planner remembers that; it
    /// would read the whole table, dead rows included, and compare each row with each change. A row that another session moves in the
    /// same moment may be passed over: the message is then delivered once more.
    /// </summary>
    private const string Place = "(SELECT k.ctid FROM outbox k WHERE k.lane = c.lane AND k.due = c.due AND k.id = c.id)";

    private const string Park =
        $"""
        WITH parked AS (
            DELETE FROM outbox o USING unnest($1::integer[], $2::timestamptz[], $3::uuid[], $4::text[]) AS c (lane, due, id, error)
            WHERE o.ctid = {Place}
            RETURNING o.id, o.lane, o.due, o.attempts, o.stream, o.type, o.body, c.error)
        INSERT INTO dead_letters (parked_at, id, lane, due, attempts, stream, type, body, error)
        SELECT $5, id, lane, due, attempts, stream, type, body, error FROM parked
        ON CONFLICT (parked_at, id) DO NOTHING
        """;

    private const string Postpone =
        $"""
        UPDATE outbox o SET due = c.next, attempts = c.attempts, error = coalesce(c.error, o.error)
        FROM unnest($1::integer[], $2::timestamptz[], $3::uuid[], $4::timestamptz[], $5::integer[], $6::text[])
            AS c (lane, due, id, next, attempts, error)
        WHERE o.ctid = {Place}
        """;

    private const string Finish =
        $"""
        DELETE FROM outbox WHERE ctid = ANY (ARRAY(
            SELECT {Place} FROM unnest($1::integer[], $2::timestamptz[], $3::uuid[]) AS c (lane, due, id)))
        """;

    public static void AddTo(NpgsqlBatch batch, IReadOnlyList<OutboxChange> changes, DateTimeOffset now)
    {
        // Parked before finished, as each takes the row away.
        if (Of(changes, OutboxChangeKind.Park) is { Length: > 0 } parked)
        {
            batch.BatchCommands.Add(ByKey(
                Park,
                parked,
                Column(parked, static change => change.Error ?? string.Empty, Texts),
                new NpgsqlParameter<DateTimeOffset> { TypedValue = now }));
        }

        if (Of(changes, OutboxChangeKind.Postpone) is { Length: > 0 } postponed)
        {
            batch.BatchCommands.Add(ByKey(
                Postpone,
                postponed,
                Column(postponed, static change => change.DueAt, Times),
                Column(postponed, static change => change.Attempts, Integers),
                Column(postponed, static change => change.Error, Texts)));
        }

        if (Of(changes, OutboxChangeKind.Finish) is { Length: > 0 } finished) batch.BatchCommands.Add(ByKey(Finish, finished));
    }

    private static NpgsqlBatchCommand ByKey(string sql, OutboxChange[] changes, params ReadOnlySpan<NpgsqlParameter> further)
    {
        var command = new NpgsqlBatchCommand(sql)
        {
            Parameters =
            {
                Column(changes, static change => change.Message.Lane, Integers),
                Column(changes, static change => change.Message.DueAt, Times),
                Column(changes, static change => change.Message.Id, Uuids),
            },
        };
        Add(command, further);
        return command;
    }

    private static OutboxChange[] Of(IReadOnlyList<OutboxChange> changes, OutboxChangeKind kind) =>
        [.. changes.Where(change => change.Kind == kind)];
}
