using System.Data;
using Npgsql;

namespace Holdfast.Outside.Sandbox.Ledger;

/// <summary>The tables of the books, in a PostgreSQL schema of their own: the gateway plays an outside company.</summary>
internal static class PostgresSandboxSchema
{
    /// <summary>The advisory lock of whoever changes the books: the letters "Sandbox".</summary>
    public const long LockKey = 0x53_61_6E_64_62_6F_78;

    private const int Version = 1;

    // Keys have the collation "C": they are compared for equality only, and an upgrade of the system's collations cannot break the
    // unique indexes that everything rests on.
    private const string Create = """
        CREATE SCHEMA IF NOT EXISTS sandbox_gateway;
        CREATE TABLE sandbox_gateway.schema_version (version int NOT NULL);
        CREATE TABLE sandbox_gateway.charges (
            number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id text COLLATE "C" NOT NULL,
            idempotency_key text COLLATE "C" NOT NULL UNIQUE,
            content uuid NOT NULL,
            order_id text COLLATE "C" NOT NULL UNIQUE,
            amount bigint NOT NULL CHECK (amount >= 0),
            currency text NOT NULL,
            status text NOT NULL CHECK (status IN ('captured', 'declined')),
            decline_reason text,
            refunded bigint NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND CASE status WHEN 'captured' THEN amount ELSE 0 END),
            answered_at timestamptz NOT NULL
        );
        CREATE TABLE sandbox_gateway.refunds (
            number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id text COLLATE "C" NOT NULL,
            idempotency_key text COLLATE "C" NOT NULL UNIQUE,
            charge_id text COLLATE "C" NOT NULL,
            order_id text COLLATE "C" NOT NULL,
            amount bigint NOT NULL CHECK (amount >= 0),
            answered_at timestamptz NOT NULL
        );
        CREATE TABLE sandbox_gateway.attempts (idempotency_key text COLLATE "C" PRIMARY KEY);
        """;

    /// <summary>
    /// Creates the tables when they are missing; several processes may do so at once. Changes nothing when they are there, so that a
    /// role without the right to create will do.
    /// </summary>
    /// <exception cref="InvalidOperationException">A newer version made the tables.</exception>
    public static async Task Ensure(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (await IsThere(connection, cancellationToken))
            return;

        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
        await Execute(connection, $"SELECT pg_advisory_xact_lock({LockKey})", cancellationToken);
        // Read again: another process may have created them while this one waited for its turn.
        if (!await IsThere(connection, cancellationToken))
            await Execute(connection, $"{Create}INSERT INTO sandbox_gateway.schema_version VALUES ({Version})", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Lets another role keep the books: read and add, and change only what was refunded.</summary>
    public static async Task Grant(NpgsqlDataSource database, string role, CancellationToken cancellationToken)
    {
        var name = $"\"{role.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await Execute(
            connection,
            $"""
            GRANT USAGE ON SCHEMA sandbox_gateway TO {name};
            GRANT SELECT ON ALL TABLES IN SCHEMA sandbox_gateway TO {name};
            GRANT INSERT ON sandbox_gateway.charges, sandbox_gateway.refunds, sandbox_gateway.attempts TO {name};
            GRANT UPDATE (refunded) ON sandbox_gateway.charges TO {name};
            """,
            cancellationToken);
    }

    private static async Task<bool> IsThere(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string Exists =
            "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'sandbox_gateway' AND tablename = 'schema_version')";
        if (await Scalar(connection, Exists, cancellationToken) is not true)
            return false;

        if (await Scalar(connection, "SELECT max(version) FROM sandbox_gateway.schema_version", cancellationToken) is > Version)
            throw new InvalidOperationException(
                "The schema sandbox_gateway was made by a newer version of the sandbox gateway: run that version, or use another database.");
        return true;
    }

    private static async Task<object?> Scalar(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
