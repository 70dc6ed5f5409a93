namespace Holdfast.Journal.Sqlite;

/// <summary>A row of the table <c>secrets</c>, of which the first writer's is kept, or the last one's.</summary>
internal static class SqliteSecret
{
    /// <returns>What the row says now.</returns>
    public static ReadOnlyMemory<byte> Write(
        SqliteDatabase database, string stream, string name, ReadOnlyMemory<byte> value, bool replaces) => database.Prepare(
        """
        INSERT INTO secrets (stream, name, value) VALUES (?1, ?2, ?3)
        ON CONFLICT (stream, name) DO UPDATE SET value = CASE WHEN ?4 THEN excluded.value ELSE secrets.value END
        RETURNING value
        """)
        .Bind(1, stream).Bind(2, name).Bind(3, value.Span).Bind(4, replaces ? 1 : 0)
        .Rows(static row => (ReadOnlyMemory<byte>)row.Utf8(0)).Single();
}
