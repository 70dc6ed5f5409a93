using System.Text;
using Npgsql;

namespace Holdfast.Journal.Postgres;

/// <summary>The statement that stores a secret beside a stream without an append.</summary>
internal static class PostgresSecret
{
    /// <summary>A row that is there is written again as it is: so it is locked, and told to whoever came second.</summary>
    private const string Statement =
        """
        INSERT INTO secrets (stream, name, value) VALUES ($1, $2, $3)
        ON CONFLICT (stream, name) DO UPDATE SET value = CASE WHEN $4 THEN excluded.value ELSE secrets.value END
        RETURNING value
        """;

    public static async Task<ReadOnlyMemory<byte>> Write(
        PostgresReader reader, string stream, string name, ReadOnlyMemory<byte> value, bool replaces, CancellationToken cancellation) =>
        (await reader.Read(Statement, static row => row.GetFieldValue<byte[]>(0), Of(stream, name, value, replaces), cancellation))
        .Single();

    private static NpgsqlParameter[] Of(string stream, string name, ReadOnlyMemory<byte> value, bool replaces) =>
    [
        PostgresReader.Value(stream),
        PostgresReader.Value(name),
        PostgresReader.Value(Encoding.UTF8.GetString(value.Span)),
        PostgresReader.Value(replaces),
    ];
}
