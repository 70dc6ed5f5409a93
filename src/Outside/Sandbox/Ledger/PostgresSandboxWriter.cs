using System.Data;
using System.Globalization;
using System.Net.Sockets;
using Holdfast.Domain.Orders.Payments;
using Npgsql;

namespace Holdfast.Outside.Sandbox.Ledger;

/// <summary>
/// Writes into the PostgreSQL database: a transaction is sent whole, then its COMMIT. So what failed before the COMMIT was sent is
/// certainly rolled back, and only what failed after is unknown.
/// </summary>
internal sealed class PostgresSandboxWriter(NpgsqlConnection connection) : ISandboxWriter
{
    // Of the transaction, so that a pooler between us and the server does not hand them to somebody else. A process that vanishes
    // inside its transaction would keep the others from the books until the server notices: after these times.
    private const string Settings = """
        SELECT set_config('synchronous_commit', 'on', true), set_config('lock_timeout', '5s', true),
            set_config('statement_timeout', '10s', true), set_config('idle_in_transaction_session_timeout', '10s', true),
            set_config('tcp_user_timeout', '10s', true), set_config('enable_seqscan', 'off', true)
        """;

    // One process at a time writes to the books, from here to its COMMIT. A number is taken when a row is inserted and shows when it
    // is committed: two transactions at once could show 8 before 7, and a reader who has gone on after 8 would never see 7. It also
    // makes what a statement below reads the newest there is, whoever wrote it. Many writes share each turn.
    private static readonly string OneAtATime =
        string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_xact_lock({PostgresSandboxSchema.LockKey})");

    // Charges that follow each other, together: what their keys have now, and, because the second part reads what was there before
    // the statement, no row twice. One by one, each insert would parse the table's checks again.
    private const string Charges = $"""
        WITH first AS (
            INSERT INTO sandbox_gateway.charges
                (id, idempotency_key, content, order_id, amount, currency, status, decline_reason, answered_at)
            SELECT w.id, w.idempotency_key, w.content, w.order_id, w.amount, w.currency, w.status, w.decline_reason, $9
            FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[])
                AS w (id, idempotency_key, content, order_id, amount, currency, status, decline_reason)
            ON CONFLICT DO NOTHING RETURNING *)
        SELECT c.idempotency_key, {PostgresSandboxStore.ChargeColumns} FROM first c
        UNION ALL
        SELECT c.idempotency_key, {PostgresSandboxStore.ChargeColumns} FROM sandbox_gateway.charges c WHERE c.idempotency_key = ANY ($2)
        """;

    // What was there before, and what was given now. The update's own conditions are those of RefundWrite.AnswerWithout.
    private const string Refund = $"""
        WITH earlier AS (
            SELECT id, order_id, charge_id, amount FROM sandbox_gateway.refunds WHERE idempotency_key = $2),
        given AS (
            UPDATE sandbox_gateway.charges SET refunded = refunded + $5
            WHERE order_id = $3 AND id = $4 AND status = 'captured' AND $5 <= amount - refunded AND NOT EXISTS (SELECT FROM earlier)
            RETURNING refunded),
        line AS (
            INSERT INTO sandbox_gateway.refunds (id, idempotency_key, order_id, charge_id, amount, answered_at)
            SELECT $1, $2, $3, $4, $5, $6 FROM given)
        SELECT given.refunded, earlier.id, earlier.order_id, earlier.charge_id, earlier.amount, {PostgresSandboxStore.ChargeColumns}
        FROM (VALUES (1)) AS one
        LEFT JOIN earlier ON true
        LEFT JOIN given ON true
        LEFT JOIN sandbox_gateway.charges c ON c.order_id = $3
        """;

    private const string Attempt =
        "INSERT INTO sandbox_gateway.attempts (idempotency_key) VALUES ($1) ON CONFLICT DO NOTHING RETURNING true";

    private NpgsqlTransaction? _transaction;

    public async Task Write(IReadOnlyList<SandboxWrite> writes, DateTimeOffset now)
    {
        // The books keep milliseconds.
        var at = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        // Read committed, whatever the database's default is: a snapshot from before the lock would not see who had it last.
        _transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted);
        await using var batch = new NpgsqlBatch(connection, _transaction);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Settings));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(OneAtATime));
        var answers = new List<Func<NpgsqlDataReader, Task>>();
        for (var i = 0; i < writes.Count;)
        {
            var charges = writes.Skip(i).TakeWhile(static write => write is ChargeWrite).Cast<ChargeWrite>().ToArray();
            var (statement, read) = charges.Length > 0 ? Statement(charges, at) : Statement(writes[i], at);
            batch.BatchCommands.Add(statement);
            answers.Add(read);
            i += Math.Max(charges.Length, 1);
        }

        await using var results = await batch.ExecuteReaderAsync();
        await results.NextResultAsync();
        foreach (var read in answers)
        {
            await results.NextResultAsync();
            await read(results);
        }

        // To the end: a statement's error comes after its rows.
        while (await results.NextResultAsync())
        {
        }
    }

    public async Task Commit()
    {
        await _transaction!.CommitAsync();
        await _transaction.DisposeAsync();
        _transaction = null;
    }

    /// <summary>Never throws: a connection that is beyond rolling back is beyond committing too.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_transaction is not null)
                await _transaction.DisposeAsync();
        }
        catch (Exception error) when (error is NpgsqlException or SocketException or IOException or TimeoutException)
        {
            // The server rolls back when the connection ends.
        }

        await connection.DisposeAsync();
    }

    private static (NpgsqlBatchCommand Statement, Func<NpgsqlDataReader, Task> ReadAnswer) Statement(SandboxWrite write, DateTimeOffset at)
    {
        switch (write)
        {
            case RefundWrite refund:
                var id = StoredCharge.NewRefundId(at);
                return (Statement(refund.Request, id, at), row => ReadAnswer(row, refund, id));
            case AttemptWrite attempt:
                return (
                    new NpgsqlBatchCommand(Attempt) { Parameters = { Text(attempt.Key) } },
                    async row => attempt.Result = await row.ReadAsync());
            default:
                throw new NotSupportedException($"The books have no {write.GetType().Name}.");
        }
    }

    private static (NpgsqlBatchCommand Statement, Func<NpgsqlDataReader, Task> ReadAnswers) Statement(ChargeWrite[] charges, DateTimeOffset at)
    {
        var ids = Array.ConvertAll(charges, _ => StoredCharge.NewId(at));
        var statement = new NpgsqlBatchCommand(Charges)
        {
            Parameters =
            {
                new NpgsqlParameter<string[]> { TypedValue = ids },
                Column(charges, static charge => charge.Request.IdempotencyKey),
                Column(charges, static charge => StoredCharge.ContentOf(charge.Request)),
                Column(charges, static charge => charge.Request.OrderId),
                Column(charges, static charge => charge.Request.Amount.Amount),
                Column(charges, static charge => charge.Request.Amount.Currency),
                Column(charges, static charge => charge.Status),
                Column(charges, static charge => charge.DeclineReason),
                new NpgsqlParameter<DateTimeOffset> { TypedValue = at },
            },
        };
        return (statement, rows => ReadAnswers(rows, charges, ids));
    }

    private static async Task ReadAnswers(NpgsqlDataReader rows, ChargeWrite[] charges, string[] ids)
    {
        var stored = new Dictionary<string, StoredCharge>(charges.Length);
        while (await rows.ReadAsync()) stored.Add(rows.GetString(0), PostgresSandboxStore.ReadCharge(rows, 1));
        for (var i = 0; i < charges.Length; i++)
        {
            var found = stored.GetValueOrDefault(charges[i].Request.IdempotencyKey);
            charges[i].Result = found?.Id == ids[i] ? charges[i].First(ids[i]) : charges[i].Repeat(found);
        }
    }

    private static async Task ReadAnswer(NpgsqlDataReader row, RefundWrite refund, string id)
    {
        await row.ReadAsync();
        refund.Result = ReadRefund(row, refund, id);
    }

    private static NpgsqlParameter<T[]> Column<T>(ChargeWrite[] charges, Converter<ChargeWrite, T> value) =>
        new() { TypedValue = Array.ConvertAll(charges, value) };

    private static NpgsqlBatchCommand Statement(RefundRequest refund, string id, DateTimeOffset at) => new(Refund)
    {
        Parameters =
        {
            Text(id),
            Text(refund.IdempotencyKey),
            Text(refund.OrderId),
            Text(refund.ChargeId),
            new NpgsqlParameter<long> { TypedValue = refund.Amount },
            new NpgsqlParameter<DateTimeOffset> { TypedValue = at },
        },
    };

    private static RefundResult ReadRefund(NpgsqlDataReader row, RefundWrite refund, string id)
    {
        if (!row.IsDBNull(0))
            return new RefundResult(RefundStatus.Refunded, id, row.GetInt64(0));

        (string, RefundRequest)? earlier = row.IsDBNull(1)
            ? null
            : (row.GetString(1),
               new RefundRequest(refund.Request.IdempotencyKey, row.GetString(2), row.GetString(3), row.GetInt64(4)));
        var charge = row.IsDBNull(5) ? null : PostgresSandboxStore.ReadCharge(row, 5);
        return refund.AnswerWithout(earlier, charge)
            ?? throw new InvalidOperationException("The books refused a refund that their own rules allow.");
    }

    private static NpgsqlParameter<string?> Text(string? value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text };
}
