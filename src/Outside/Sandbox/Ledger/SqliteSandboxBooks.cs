using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Orders.Payments;
using Holdfast.Journal;
using Microsoft.Data.Sqlite;

namespace Holdfast.Outside.Sandbox.Ledger;

/// <summary>One connection to the SQLite file. Not safe for several threads at once.</summary>
internal sealed class SqliteSandboxBooks : ISandboxWriter
{
    private const long SchemaVersion = 1;

    /// <summary>How long to wait for another process that is writing to the same ledger.</summary>
    private const int BusySeconds = 5;

    private const string Schema = """
        CREATE TABLE charges (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
            idempotency_key TEXT NOT NULL UNIQUE,
            content BLOB NOT NULL,
            order_id TEXT NOT NULL UNIQUE,
            amount INTEGER NOT NULL CHECK (amount >= 0),
            currency TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('captured', 'declined')),
            decline_reason TEXT,
            refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND CASE status WHEN 'captured' THEN amount ELSE 0 END),
            answered_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE refunds (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
            idempotency_key TEXT NOT NULL UNIQUE,
            charge_id TEXT NOT NULL,
            order_id TEXT NOT NULL,
            amount INTEGER NOT NULL CHECK (amount >= 0),
            answered_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE attempts (idempotency_key TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
        """;

    private const string Charges =
        "SELECT number, id, order_id, amount, currency, status, decline_reason, refunded, answered_at, content FROM charges ";

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _insertCharge;
    private readonly SqliteCommand _chargeByKey;
    private readonly SqliteCommand _chargeByOrder;
    private readonly SqliteCommand _charges;
    private readonly SqliteCommand _insertRefund;
    private readonly SqliteCommand _refundByKey;
    private readonly SqliteCommand _addRefunded;
    private readonly SqliteCommand _insertAttempt;

    private SqliteSandboxBooks(SqliteConnection connection)
    {
        _connection = connection;
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _insertCharge = Prepare("""
            INSERT INTO charges (id, idempotency_key, content, order_id, amount, currency, status, decline_reason, answered_at)
            VALUES ($id, $key, $content, $order, $amount, $currency, $status, $reason, $at) ON CONFLICT DO NOTHING
            """, "$id", "$key", "$content", "$order", "$amount", "$currency", "$status", "$reason", "$at");
        _chargeByKey = Prepare(Charges + "WHERE idempotency_key = $key", "$key");
        _chargeByOrder = Prepare(Charges + "WHERE order_id = $order", "$order");
        _charges = Prepare(Charges + "WHERE number > $after ORDER BY number LIMIT $limit", "$after", "$limit");
        _insertRefund = Prepare("""
            INSERT INTO refunds (id, idempotency_key, charge_id, order_id, amount, answered_at)
            VALUES ($id, $key, $charge, $order, $amount, $at)
            """, "$id", "$key", "$charge", "$order", "$amount", "$at");
        _refundByKey = Prepare("SELECT id, charge_id, order_id, amount FROM refunds WHERE idempotency_key = $key", "$key");
        _addRefunded = Prepare("UPDATE charges SET refunded = refunded + $amount WHERE number = $number", "$amount", "$number");
        _insertAttempt = Prepare("INSERT INTO attempts (idempotency_key) VALUES ($key) ON CONFLICT DO NOTHING", "$key");
    }

    /// <summary>Opens the file, and creates it and its schema when they are missing; safe when several processes do so at once.</summary>
    /// <exception cref="InvalidOperationException">A newer version made the file.</exception>
    public static SqliteSandboxBooks Open(string path)
    {
        var file = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        OwnedFile.Create(file);
        // A pooled connection would keep the file, and whatever went wrong on it, open after Dispose.
        var settings = new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = BusySeconds };
        var connection = new SqliteConnection(settings.ToString());
        try
        {
            connection.Open();
            Execute(connection, $"PRAGMA busy_timeout = {BusySeconds * 1000}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
            Upgrade(connection, file);
            return new SqliteSandboxBooks(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public Task Write(IReadOnlyList<SandboxWrite> writes, DateTimeOffset now)
    {
        _begin.ExecuteNonQuery();
        foreach (var write in writes)
            Run(write, now);
        return Task.CompletedTask;
    }

    public Task Commit()
    {
        _commit.ExecuteNonQuery();
        return Task.CompletedTask;
    }

    public StoredCharge? FindByKey(string key) => FindOne(_chargeByKey, key);

    public StoredCharge? FindByOrder(string orderId) => FindOne(_chargeByOrder, orderId);

    /// <summary>Charges with a number above the given one, oldest first.</summary>
    public IReadOnlyList<StoredCharge> ReadCharges(long after, int limit)
    {
        Bind(_charges, after, limit);
        using var rows = _charges.ExecuteReader();
        var charges = new List<StoredCharge>();
        while (rows.Read())
            charges.Add(ReadCharge(rows));
        return charges;
    }

    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    /// <summary>Rolls back what is not committed.</summary>
    public void Close()
    {
        foreach (var command in new[]
        {
            _begin, _commit, _insertCharge, _chargeByKey, _chargeByOrder, _charges,
            _insertRefund, _refundByKey, _addRefunded, _insertAttempt,
        })
            command.Dispose();
        _connection.Dispose();
    }

    private static void Upgrade(SqliteConnection connection, string file)
    {
        if (Version(connection) == SchemaVersion)
            return;

        Execute(connection, "BEGIN IMMEDIATE");
        // Read again: another process may have created the schema while this one waited for its turn.
        switch (Version(connection))
        {
            case 0:
                Execute(connection, Schema + $"PRAGMA user_version = {SchemaVersion}");
                break;
            case > SchemaVersion:
                throw new InvalidOperationException(
                    $"{file} was made by a newer version of the sandbox gateway: run that version, or point Path at another file.");
        }

        Execute(connection, "COMMIT");
    }

    private static long Version(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        return (long)command.ExecuteScalar()!;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters)
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        return command;
    }

    private static void Bind(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
    }

    private void Run(SandboxWrite write, DateTimeOffset now)
    {
        switch (write)
        {
            case ChargeWrite charge:
                charge.Result = Charge(charge, now);
                break;
            case RefundWrite refund:
                refund.Result = Refund(refund, now);
                break;
            case AttemptWrite attempt:
                attempt.Result = IsFirstAttempt(attempt.Key);
                break;
            default:
                throw new NotSupportedException($"The books have no {write.GetType().Name}.");
        }
    }

    private RecordedCharge Charge(ChargeWrite charge, DateTimeOffset now)
    {
        var (id, request) = (StoredCharge.NewId(now), charge.Request);
        Bind(
            _insertCharge, id, request.IdempotencyKey, StoredCharge.ContentOf(request).ToByteArray(), request.OrderId,
            request.Amount.Amount, request.Amount.Currency, charge.Status, charge.DeclineReason, Milliseconds(now));
        return _insertCharge.ExecuteNonQuery() == 1 ? charge.First(id) : charge.Repeat(FindByKey(request.IdempotencyKey));
    }

    private RefundResult Refund(RefundWrite refund, DateTimeOffset now)
    {
        var request = refund.Request;
        var charge = FindByOrder(request.OrderId);
        return refund.AnswerWithout(FindRefund(request.IdempotencyKey), charge) ?? AddRefund(request, charge!, now);
    }

    private RefundResult AddRefund(RefundRequest request, StoredCharge charge, DateTimeOffset now)
    {
        var id = StoredCharge.NewRefundId(now);
        Bind(_insertRefund, id, request.IdempotencyKey, request.ChargeId, request.OrderId, request.Amount, Milliseconds(now));
        _insertRefund.ExecuteNonQuery();
        Bind(_addRefunded, request.Amount, charge.Number);
        _addRefunded.ExecuteNonQuery();
        return new RefundResult(RefundStatus.Refunded, id, charge.Refunded + request.Amount);
    }

    private bool IsFirstAttempt(string key)
    {
        Bind(_insertAttempt, key);
        return _insertAttempt.ExecuteNonQuery() == 1;
    }

    private (string Id, RefundRequest Request)? FindRefund(string key)
    {
        Bind(_refundByKey, key);
        using var rows = _refundByKey.ExecuteReader();
        return rows.Read()
            ? (rows.GetString(0), new RefundRequest(key, rows.GetString(2), rows.GetString(1), rows.GetInt64(3)))
            : null;
    }

    private static StoredCharge? FindOne(SqliteCommand command, string value)
    {
        Bind(command, value);
        using var rows = command.ExecuteReader();
        return rows.Read() ? ReadCharge(rows) : null;
    }

    private static StoredCharge ReadCharge(SqliteDataReader row) => new(
        row.GetInt64(0),
        row.GetString(1),
        row.GetString(2),
        new Money(row.GetInt64(3), row.GetString(4)),
        row.GetString(5),
        row.IsDBNull(6) ? null : row.GetString(6),
        row.GetInt64(7),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(8)),
        new Guid((byte[])row.GetValue(9)));

    private static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();
}
