using Npgsql;
using static Holdfast.Journal.Postgres.PostgresColumns;

namespace Holdfast.Journal.Postgres;

/// <summary>
/// One commit as one pipelined send: the appends with all that belongs to them as one statement, then the outbox changes. The
/// server sees one implicit transaction, which it commits when it has read the end of the send; no round trip lies between.
/// </summary>
internal static class PostgresCommit
{
    /// <summary>
    /// An append is accepted when the newest row of its stream is the expected one, and nobody has declared the silo dead that sends it: its
    /// owners may be loaded elsewhere by then, and have answered that what it is about to store did not happen. Messages and receipts, and
    /// what is erased, are known by the append's id. Rows go in in the order that the writer gives them, by key, so that two commits never
    /// wait for each other in a circle. A row that another commit adds at the same moment is not seen: the key then fails the whole commit,
    /// which is tried again and sees it. Asking for the key to be free beforehand, ON CONFLICT, would read the index once more for every
    /// append.
    /// </summary>
    private const string AppendsWithMessages =
        """
        WITH fence AS (
            SELECT FROM membership
            WHERE cluster = ($1::text[])[1] AND address = ($1::text[])[2] AND port = ($1::text[])[3]::integer
                AND generation = ($1::text[])[4]::integer AND status = 6),
        input AS (
            SELECT * FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::uuid[], $6::timestamptz[], $7::text[], $16::bigint[])
                AS i (stream, expected, last, append_id, recorded_at, events, follows)),
        accepted AS (
            INSERT INTO journal (stream, first, last, append_id, recorded_at, events, follows, feed)
            SELECT i.stream, i.expected + 1, i.last, i.append_id, i.recorded_at, i.events, i.follows,
                CASE WHEN i.follows IS NOT NULL THEN pg_current_xact_id() END
            FROM input i
            WHERE i.expected = coalesce((SELECT j.last FROM journal j WHERE j.stream = i.stream ORDER BY j.first DESC LIMIT 1), 0)
                AND NOT EXISTS (SELECT FROM fence)
            RETURNING append_id),
        messages AS (
            INSERT INTO outbox (lane, due, id, attempts, stream, type, body)
            SELECT m.lane, m.due, m.id, m.attempts, m.stream, m.type, m.body
            FROM unnest($8::uuid[], $9::integer[], $10::timestamptz[], $11::uuid[], $12::integer[], $13::text[], $14::text[], $15::text[])
                AS m (append_id, lane, due, id, attempts, stream, type, body)
            WHERE (m.append_id IN (SELECT a.append_id FROM accepted a)) IS TRUE)
        """;

    // The owner's memory is the record: a receipt that it moves out twice is the same receipt.
    private const string Receipts =
        """
        , moved AS (
            INSERT INTO receipts (stream, operation, recorded_at, body)
            SELECT r.stream, r.operation, r.recorded_at, r.body
            FROM unnest($17::uuid[], $18::text[], $19::uuid[], $20::timestamptz[], $21::text[])
                AS r (append_id, stream, operation, recorded_at, body)
            WHERE (r.append_id IN (SELECT a.append_id FROM accepted a)) IS TRUE
            ORDER BY r.stream, r.operation
            ON CONFLICT (stream, operation) DO UPDATE SET recorded_at = excluded.recorded_at, body = excluded.body)
        """;

    // OFFSET 0 keeps the look-ups out of the join that the planner would make of them. Messages have no index by stream, and are few.
    private const string Erasures =
        """
        , erased AS (
            SELECT e.stream, e.before FROM unnest($22::uuid[], $23::text[], $24::bigint[]) AS e (append_id, stream, before)
            WHERE (e.append_id IN (SELECT a.append_id FROM accepted a)) IS TRUE),
        blanked AS (
            UPDATE journal SET events = '[]' WHERE ctid = ANY (ARRAY(
                SELECT place FROM erased e
                CROSS JOIN LATERAL (SELECT j.ctid AS place FROM journal j WHERE j.stream = e.stream AND j.first < e.before OFFSET 0) earlier))),
        unsent AS (DELETE FROM outbox o USING erased e WHERE o.stream = e.stream),
        forgotten AS (DELETE FROM dead_letters d USING erased e WHERE d.stream = e.stream),
        unreceipted AS (
            DELETE FROM receipts WHERE ctid = ANY (ARRAY(
                SELECT place FROM erased e
                CROSS JOIN LATERAL (SELECT r.ctid AS place FROM receipts r WHERE r.stream = e.stream OFFSET 0) its)))
        """;

    private const string ErasedBeside =
        """
        , unkept AS (
            DELETE FROM secrets WHERE ctid = ANY (ARRAY(
                SELECT place FROM erased e
                CROSS JOIN LATERAL (SELECT s.ctid AS place FROM secrets s WHERE s.stream = e.stream OFFSET 0) its))),
        unnoticed AS (DELETE FROM attention t USING erased e WHERE t.stream = e.stream)
        """;

    private const string Attentions =
        """
        , noticed AS (
            INSERT INTO attention (stream, since, reason, detail)
            SELECT n.stream, n.since, n.reason, n.detail
            FROM unnest($32::uuid[], $33::text[], $34::timestamptz[], $35::text[], $36::text[])
                AS n (append_id, stream, since, reason, detail)
            WHERE (n.append_id IN (SELECT a.append_id FROM accepted a)) IS TRUE
            ON CONFLICT (stream) DO UPDATE SET since = excluded.since, reason = excluded.reason, detail = excluded.detail),
        attended AS (
            DELETE FROM attention WHERE ctid = ANY (ARRAY(
                SELECT place FROM unnest($37::uuid[], $38::text[]) AS n (append_id, stream)
                CROSS JOIN LATERAL (SELECT t.ctid AS place FROM attention t WHERE t.stream = n.stream OFFSET 0) its
                WHERE (n.append_id IN (SELECT a.append_id FROM accepted a)) IS TRUE)))
        """;

    private const string Answer = " SELECT array_agg(append_id) FROM accepted";
    private const string Append = AppendsWithMessages + Answer;
    private const string AppendWithReceipts = AppendsWithMessages + Receipts + Answer;

    // A stream that begins has no secret yet, and most that come do so with the first append. Asking whether there is one costs as much again.
    private static readonly string AppendWithSecrets = AppendsWithMessages + Secrets(17) + Answer;

    private static readonly string AppendWithAll =
        AppendsWithMessages + Receipts + Erasures + ErasedBeside
        + Secrets(25, "ON CONFLICT (stream, name) DO UPDATE SET value = excluded.value") + Attentions + Answer;

    /// <summary>What an append needs the right and the room for; to be rolled back.</summary>
    public const string Proof =
        """
        INSERT INTO journal (stream, first, last, append_id, recorded_at, events) VALUES ('', 1, 1, gen_random_uuid(), now(), '[]');
        INSERT INTO outbox (lane, due, id, attempts, stream, type, body) VALUES (-1, now(), gen_random_uuid(), 0, '', '', '');
        """;

    /// <summary>For the rest of the transaction.</summary>
    private const string WaitBriefly = "SELECT set_config('lock_timeout', '500ms', true)";

    /// <summary>Runs the commit and says which appends were accepted, by id. Returns only after the server's word that it is durable.</summary>
    /// <param name="briefly">Rows that somebody else locks are not waited for as long as a session would.</param>
    /// <param name="member">Who sends it: see <see cref="PostgresJournalOptions.Member"/>.</param>
    /// <param name="watch">Waited with from the send on: nothing else ends that wait but the server.</param>
    public static void Run(
        NpgsqlConnection connection,
        IReadOnlyList<Append> appends,
        IReadOnlyList<OutboxChange> changes,
        DateTimeOffset now,
        bool briefly,
        HashSet<Guid> accepted,
        CommitWatch watch,
        TimeSpan limit,
        string[] member)
    {
        if (appends.Count + changes.Count == 0) return;
        using var batch = new NpgsqlBatch(connection);
        if (briefly) batch.BatchCommands.Add(new(WaitBriefly));
        if (appends.Count > 0) batch.BatchCommands.Add(AppendAll(appends, member));
        PostgresOutboxChanges.AddTo(batch, changes, now);

        // By name, once a connection. Npgsql could also prepare what it sees often by itself, but its version 10.0.3 loses count of
        // the answers when a statement fails that it was just about to prepare.
        batch.Prepare();

        // No limit of Npgsql's: it would have the server cancel the wait, and a server that is cancelled while it waits for its standby
        // makes the commit visible without it. Not even "Cancellation Timeout=-1" keeps it from asking for that.
        batch.Timeout = 0;
        watch.Begin(limit);
        using var reader = batch.ExecuteReader();
        if (briefly) reader.NextResult();
        if (appends.Count > 0 && reader.Read() && !reader.IsDBNull(0)) accepted.UnionWith(reader.GetFieldValue<Guid[]>(0));

        // The rows come before the commit, which is done at the end of the send: only the end of all results says that it held.
        while (reader.NextResult())
        {
        }
    }

    /// <summary>A secret is touched by the appends of its own stream alone, so where it is now is where it will be.</summary>
    /// <param name="first">The number of its first parameter; it has seven.</param>
    /// <param name="onConflict">What becomes of one that is there.</param>
    private static string Secrets(int first, string onConflict = "") =>
        $"""
        , kept AS (
            INSERT INTO secrets (stream, name, value)
            SELECT s.stream, s.name, s.value
            FROM unnest(${first}::uuid[], ${first + 1}::text[], ${first + 2}::text[], ${first + 3}::text[]) AS s (append_id, stream, name, value)
            WHERE (s.append_id IN (SELECT a.append_id FROM accepted a)) IS TRUE
            {onConflict}),
        settled AS (
            DELETE FROM secrets WHERE ctid = ANY (ARRAY(
                SELECT place FROM unnest(${first + 4}::uuid[], ${first + 5}::text[], ${first + 6}::text[]) AS s (append_id, stream, name)
                CROSS JOIN LATERAL (SELECT k.ctid AS place FROM secrets k WHERE k.stream = s.stream AND k.name = s.name OFFSET 0) its
                WHERE (s.append_id IN (SELECT a.append_id FROM accepted a)) IS TRUE)))
        """;

    private static NpgsqlBatchCommand AppendAll(IReadOnlyList<Append> appends, string[] member)
    {
        var messages = Flatten(appends, static append => append.Messages);
        var receipts = Flatten(appends, static append => append.Receipts);
        var erasures = appends.Where(static append => append.Erases).ToArray();
        var secrets = Flatten(appends, static append => append.Beside?.Secrets ?? []);
        var attentions = appends.Where(static append => append.Beside?.Attention is not null).ToArray();
        var (withReceipts, withSecrets) = (receipts.Length > 0, secrets.Length > 0);
        var withAll = erasures.Length > 0 || attentions.Length > 0 || (withSecrets && (withReceipts || appends.Any(MayReplaceSecret)));
        var command = new NpgsqlBatchCommand(withAll ? AppendWithAll : withSecrets ? AppendWithSecrets : withReceipts ? AppendWithReceipts : Append)
        {
            Parameters =
            {
                new NpgsqlParameter<string[]> { TypedValue = member, NpgsqlDbType = Texts },
                Column(appends, static append => append.Stream, Texts),
                Column(appends, static append => append.ExpectedVersion, Longs),
                Column(appends, static append => append.LastVersion, Longs),
                Column(appends, static append => append.Id, Uuids),
                Column(appends, static append => append.RecordedAt, Times),
                Column(appends, static append => append.Events, Texts),
                Column(messages, static message => message.Append, Uuids),
                Column(messages, static message => message.Row.Lane, Integers),
                Column(messages, static message => message.Row.DueAt, Times),
                Column(messages, static message => message.Row.Id, Uuids),
                Column(messages, static message => message.Row.Attempts, Integers),
                Column(messages, static message => message.Row.Stream, Texts),
                Column(messages, static message => message.Row.Type, Texts),
                Column(messages, static message => message.Row.Body, Texts),
                Column(appends, static append => append.Follows, Longs),
            },
        };

        // Most commits move no receipt, have nothing beside their streams and erase nothing, and say nothing of it.
        if (withAll || withReceipts) AddReceipts(command, receipts);
        if (withAll) AddErasures(command, erasures);
        if (withAll || withSecrets) AddSecrets(command, secrets);
        if (withAll) AddAttentions(command, attentions);
        return command;
    }

    private static bool MayReplaceSecret(Append append) =>
        append is { ExpectedVersion: > 0, Beside: { } beside } && beside.Secrets.Any(static secret => secret.Value is not null);

    private static void AddReceipts(NpgsqlBatchCommand command, (Guid Append, string Stream, StoredReceipt Row)[] receipts) =>
        Add(command, [
            Column(receipts, static receipt => receipt.Append, Uuids),
            Column(receipts, static receipt => receipt.Stream, Texts),
            Column(receipts, static receipt => receipt.Row.Operation, Uuids),
            Column(receipts, static receipt => receipt.Row.RecordedAt, Times),
            Column(receipts, static receipt => receipt.Row.Body, Texts),
        ]);

    private static void AddErasures(NpgsqlBatchCommand command, Append[] erasures) =>
        Add(command, [
            Column(erasures, static append => append.Id, Uuids),
            Column(erasures, static append => append.Stream, Texts),
            Column(erasures, static append => append.FirstVersion, Longs),
        ]);

    private static void AddSecrets(NpgsqlBatchCommand command, (Guid Append, string Stream, SecretChange Row)[] secrets)
    {
        var kept = Array.FindAll(secrets, static secret => secret.Row.Value is not null);
        var settled = Array.FindAll(secrets, static secret => secret.Row.Value is null);
        Add(command, [
            Column(kept, static secret => secret.Append, Uuids),
            Column(kept, static secret => secret.Stream, Texts),
            Column(kept, static secret => secret.Row.Name, Texts),
            Column(kept, static secret => secret.Row.Value!.Value, Texts),
            Column(settled, static secret => secret.Append, Uuids),
            Column(settled, static secret => secret.Stream, Texts),
            Column(settled, static secret => secret.Row.Name, Texts),
        ]);
    }

    private static void AddAttentions(NpgsqlBatchCommand command, Append[] attentions)
    {
        var noticed = Array.FindAll(attentions, static append => append.Beside!.Attention!.Value.Reason is not null);
        var attended = Array.FindAll(attentions, static append => append.Beside!.Attention!.Value.Reason is null);
        Add(command, [
            Column(noticed, static append => append.Id, Uuids),
            Column(noticed, static append => append.Stream, Texts),
            Column(noticed, static append => append.RecordedAt, Times),
            Column(noticed, static append => append.Beside!.Attention!.Value.Reason!, Texts),
            Column(noticed, static append => append.Beside!.Attention!.Value.Detail, Texts),
            Column(attended, static append => append.Id, Uuids),
            Column(attended, static append => append.Stream, Texts),
        ]);
    }

    private static (Guid Append, string Stream, T Row)[] Flatten<T>(IReadOnlyList<Append> appends, Func<Append, IReadOnlyList<T>> rows)
    {
        var count = 0;
        for (var i = 0; i < appends.Count; i++) count += rows(appends[i]).Count;
        if (count == 0) return [];
        var flat = new (Guid, string, T)[count];
        var next = 0;
        for (var i = 0; i < appends.Count; i++)
        {
            foreach (var row in rows(appends[i])) flat[next++] = (appends[i].Id, appends[i].Stream, row);
        }

        return flat;
    }
}
