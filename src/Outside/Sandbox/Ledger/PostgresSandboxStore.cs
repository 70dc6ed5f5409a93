using System.Net.Sockets;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Orders.Payments;
using Npgsql;

namespace Holdfast.Outside.Sandbox.Ledger;

/// <summary>The books in a PostgreSQL database, which all processes of a cluster share.</summary>
internal sealed class PostgresSandboxStore(string connectionString) : ISandboxStore
{
    /// <summary>The columns that <see cref="ReadCharge"/> reads, of a row called c.</summary>
    public const string ChargeColumns =
        "c.number, c.id, c.order_id, c.amount, c.currency, c.status, c.decline_reason, c.refunded, c.answered_at, c.content";

    /// <summary>Connections of one process: one writes, the others read.</summary>
    private const int Connections = 8;

    /// <summary>To connect, to wait for a connection of the pool, and to answer: past it the gateway is unavailable.</summary>
    private const int PatienceSeconds = 10;

    /// <summary>Statements that a connection keeps parsed; there are about ten.</summary>
    private const int PreparedStatements = 16;

    private readonly NpgsqlDataSource _database = Connect(connectionString);
    private volatile bool _isThere;

    /// <summary>True when the text is null or a connection string.</summary>
    public static bool CanConnect(string? connectionString)
    {
        if (connectionString is null)
            return true;
        try
        {
            return !string.IsNullOrWhiteSpace(Settings(connectionString).Host);
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            return false;
        }
    }

    public static NpgsqlDataSource Connect(string connectionString) => NpgsqlDataSource.Create(Settings(connectionString).ConnectionString);

    public async Task<ISandboxWriter> OpenWriter()
    {
        await EnsureSchema(CancellationToken.None);
        return new PostgresSandboxWriter(await _database.OpenConnectionAsync());
    }

    public Task<StoredCharge?> FindByKey(string key, CancellationToken cancellationToken) =>
        FindOne("WHERE c.idempotency_key = $1", key, cancellationToken);

    public Task<StoredCharge?> FindByOrder(string orderId, CancellationToken cancellationToken) =>
        FindOne("WHERE c.order_id = $1", orderId, cancellationToken);

    public Task<IReadOnlyList<StoredCharge>> ReadCharges(long after, int limit, CancellationToken cancellationToken) =>
        Read(
            "WHERE c.number > $1 ORDER BY c.number LIMIT $2",
            [new NpgsqlParameter<long> { TypedValue = after }, new NpgsqlParameter<int> { TypedValue = limit }],
            cancellationToken);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    internal static StoredCharge ReadCharge(NpgsqlDataReader row, int at = 0) => new(
        row.GetInt64(at),
        row.GetString(at + 1),
        row.GetString(at + 2),
        new Money(row.GetInt64(at + 3), row.GetString(at + 4)),
        row.GetString(at + 5),
        row.IsDBNull(at + 6) ? null : row.GetString(at + 6),
        row.GetInt64(at + 7),
        row.GetFieldValue<DateTimeOffset>(at + 8),
        row.GetGuid(at + 9));

    private static NpgsqlConnectionStringBuilder Settings(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxPoolSize = Connections,
            MinPoolSize = 0,
            Timeout = PatienceSeconds,
            CommandTimeout = PatienceSeconds,
            MaxAutoPrepare = PreparedStatements,
            AutoPrepareMinUsages = 2,
        };
        settings.ApplicationName ??= "holdfast sandbox gateway";
        return settings;
    }

    private async Task<StoredCharge?> FindOne(string where, string value, CancellationToken cancellationToken) =>
        await Read(where, [new NpgsqlParameter<string> { TypedValue = value }], cancellationToken) is [var found] ? found : null;

    private async Task<IReadOnlyList<StoredCharge>> Read(string where, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        try
        {
            await EnsureSchema(cancellationToken);
            await using var command = _database.CreateCommand($"SELECT {ChargeColumns} FROM sandbox_gateway.charges c {where}");
            command.Parameters.AddRange(parameters);
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            var charges = new List<StoredCharge>();
            while (await rows.ReadAsync(cancellationToken))
                charges.Add(ReadCharge(rows));
            return charges;
        }
        catch (ObjectDisposedException closed)
        {
            throw new PaymentUnavailableException("The gateway is closed.", closed);
        }
        catch (PostgresException refusal) when (refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new PaymentUnavailableException(
                $"This role may not use the sandbox gateway's tables ({refusal.MessageText}). Run the silo program's 'migrate' command as a "
                + "role that owns the schema sandbox_gateway, with --Holdfast:RuntimeRole naming this role.",
                refusal);
        }
        catch (Exception error) when (error is NpgsqlException or SocketException or IOException or TimeoutException)
        {
            throw new PaymentUnavailableException($"The gateway's ledger cannot be read: {error.Message}", error);
        }
    }

    private async Task EnsureSchema(CancellationToken cancellationToken)
    {
        if (_isThere)
            return;
        await PostgresSandboxSchema.Ensure(_database, cancellationToken);
        _isThere = true;
    }
}
