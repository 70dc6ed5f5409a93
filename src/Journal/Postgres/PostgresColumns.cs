using Npgsql;
using NpgsqlTypes;

namespace Holdfast.Journal.Postgres;

/// <summary>Rows as one array a column, which a statement unnests: one statement for as many rows as there are.</summary>
internal static class PostgresColumns
{
    public const NpgsqlDbType Texts = NpgsqlDbType.Array | NpgsqlDbType.Text;
    public const NpgsqlDbType Longs = NpgsqlDbType.Array | NpgsqlDbType.Bigint;
    public const NpgsqlDbType Integers = NpgsqlDbType.Array | NpgsqlDbType.Integer;
    public const NpgsqlDbType Uuids = NpgsqlDbType.Array | NpgsqlDbType.Uuid;
    public const NpgsqlDbType Times = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz;

    /// <summary>One value of each row, as an array parameter.</summary>
    public static NpgsqlParameter<TValue[]> Column<TRow, TValue>(IReadOnlyList<TRow> rows, Func<TRow, TValue> value, NpgsqlDbType type)
    {
        var column = new TValue[rows.Count];
        for (var i = 0; i < column.Length; i++) column[i] = value(rows[i]);
        return new() { TypedValue = column, NpgsqlDbType = type };
    }

    public static void Add(NpgsqlBatchCommand command, ReadOnlySpan<NpgsqlParameter> parameters)
    {
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
    }
}
