using System.Text;
using SQLitePCL;

namespace Holdfast.Journal.Sqlite;

/// <summary>A prepared statement. Parameters and columns count from 1 and 0, as in SQLite; values stay bound until replaced.</summary>
internal sealed class SqliteStatement(sqlite3 database, sqlite3_stmt statement) : IDisposable
{
    private const int GuidBytes = 16;

    /// <summary>Bytes of UTF-8 that are converted on the stack.</summary>
    private const int StackBytes = 512;

    /// <summary>SQLITE_STMTSTATUS_REPREPARE.</summary>
    private const int StatusOfPreparing = 5;

    /// <summary>How often SQLite has prepared it anew: after a change of the tables.</summary>
    public int Repreparations => raw.sqlite3_stmt_status(statement, StatusOfPreparing, resetFlg: 0);

    public SqliteStatement Bind(int parameter, long value)
    {
        Check(raw.sqlite3_bind_int64(statement, parameter, value));
        return this;
    }

    public SqliteStatement Bind(int parameter, DateTimeOffset value) => Bind(parameter, value.ToUnixTimeMilliseconds());

    /// <summary>Big-endian, so that SQLite orders ids as they were made.</summary>
    public SqliteStatement Bind(int parameter, Guid value)
    {
        Span<byte> bytes = stackalloc byte[GuidBytes];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        Check(raw.sqlite3_bind_blob(statement, parameter, bytes));
        return this;
    }

    public SqliteStatement Bind(int parameter, string value)
    {
        Span<byte> bytes = Encoding.UTF8.GetMaxByteCount(value.Length) <= StackBytes
            ? stackalloc byte[StackBytes]
            : new byte[Encoding.UTF8.GetByteCount(value)];
        return Bind(parameter, bytes[..Encoding.UTF8.GetBytes(value, bytes)]);
    }

    /// <param name="utf8">Stored as text.</param>
    public SqliteStatement Bind(int parameter, ReadOnlySpan<byte> utf8)
    {
        // An empty span has no address, and SQLite takes no address for NULL.
        Check(utf8.IsEmpty
            ? raw.sqlite3_bind_text(statement, parameter, string.Empty)
            : raw.sqlite3_bind_text(statement, parameter, utf8));
        return this;
    }

    /// <param name="value">A text, a whole number, or null.</param>
    public SqliteStatement Bind(int parameter, object? value)
    {
        switch (value)
        {
            case string text:
                return Bind(parameter, text);
            case long number:
                return Bind(parameter, number);
            case null:
                Check(raw.sqlite3_bind_null(statement, parameter));
                return this;
            default:
                throw new ArgumentException($"Neither a text nor a whole number: {value.GetType()}.", nameof(value));
        }
    }

    /// <summary>The place of a parameter that has a name.</summary>
    public int PlaceOf(string name) => raw.sqlite3_bind_parameter_index(statement, name);

    /// <summary>Runs a statement that gives no rows, and makes it ready to run again.</summary>
    /// <exception cref="SqliteFailure">The statement was undone; see <see cref="SqliteFailure.IsDataError"/>.</exception>
    public void Run()
    {
        while (Step())
        {
        }

        Reset();
    }

    /// <summary>Goes to the next row; false when there is none. <see cref="Reset"/> must follow in the end.</summary>
    /// <exception cref="SqliteFailure">The statement is reset.</exception>
    public bool Step()
    {
        var result = raw.sqlite3_step(statement);
        if (result == raw.SQLITE_ROW) return true;
        if (result == raw.SQLITE_DONE) return false;
        var failure = new SqliteFailure(raw.sqlite3_extended_errcode(database), raw.sqlite3_errmsg(database).utf8_to_string());
        Reset();
        throw failure;
    }

    public void Reset() => raw.sqlite3_reset(statement);

    public long Integer(int column) => raw.sqlite3_column_int64(statement, column);

    public DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeMilliseconds(Integer(column));

    public Guid Id(int column) => new(raw.sqlite3_column_blob(statement, column), bigEndian: true);

    public string Text(int column) => Encoding.UTF8.GetString(raw.sqlite3_column_blob(statement, column));

    public byte[] Utf8(int column) => raw.sqlite3_column_blob(statement, column).ToArray();

    /// <summary>Reads the rows: all of them, or until <paramref name="goesOn"/> says of one that it is the last.</summary>
    public List<T> Rows<T>(Func<SqliteStatement, T> row, Predicate<T>? goesOn = null)
    {
        var rows = new List<T>();
        try
        {
            while ((rows.Count == 0 || goesOn is null || goesOn(rows[^1])) && Step()) rows.Add(row(this));
        }
        finally
        {
            Reset();
        }

        return rows;
    }

    public void Dispose() => statement.Dispose();

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK) throw new SqliteFailure(raw.sqlite3_extended_errcode(database), raw.sqlite3_errmsg(database).utf8_to_string());
    }
}
