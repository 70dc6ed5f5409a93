using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Journal;
using Microsoft.Data.Sqlite;

namespace Holdfast.Views.Store;

/// <summary>The views in a SQLite file of their own. One that is damaged is made anew.</summary>
/// <param name="file">Created when missing.</param>
public sealed class SqliteViewStore(string file) : ViewStore
{
    private const int SqliteCorrupt = 11;
    private const int SqliteNotADatabase = 26;

    /// <summary>
    /// What is removed is overwritten. What is lost with the power is read from the feed again, with the position that goes with it.
    /// </summary>
    internal const string Settings = "PRAGMA secure_delete=ON; PRAGMA synchronous=NORMAL";

    private readonly FileSource _source = new(file);
    private readonly SqliteViewWriter _writer = new(file);
    private bool _isOpen;

    public override string Text => "TEXT";

    public override string ByKey => " WITHOUT ROWID";

    public override string Name => file;

    public override string Each => "json_each(@a)";

    protected override DbDataSource Source => _source;

    /// <inheritdoc />
    /// <remarks>Again, when somebody has dropped the tables, or put another file in the place of this one.</remarks>
    public override async Task Initialize(CancellationToken cancellationToken)
    {
        await _writer.Close(cancellationToken);
        _source.CloseIdle();
        await Task.Run(Create, cancellationToken);
    }

    public override Task<bool> Scrub(CancellationToken cancellationToken) => _writer.Scrub(cancellationToken);

    public override ViewStatement Among(string sql, IEnumerable<string> texts) =>
        new($"{sql} IN (SELECT value FROM {Each})", Texts(texts));

    public override object Texts(IEnumerable<string> texts) => JsonSerializer.Serialize(texts.ToArray(), TextsJson.Default.StringArray);

    public override Task<bool> Write(
        ViewStatement guard, IReadOnlyList<ViewRows> rows, bool erases, CancellationToken cancellationToken) =>
        _writer.Write(guard, rows, erases, cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await base.DisposeAsync();
    }

    private void Create()
    {
        try
        {
            Open();
        }
        catch (SqliteException e) when (!_isOpen && e.SqliteErrorCode is (SqliteCorrupt or SqliteNotADatabase))
        {
            foreach (var suffix in (string[])["", "-wal", "-shm"]) File.Delete(file + suffix);
            Open();
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new JournalStoreException($"{file} cannot be opened: {e.Message}", e);
        }
    }

    private void Open()
    {
        // Whoever closes a file loses all locks that the process has on it, those of SQLite's open connections among them.
        if (!_isOpen || !File.Exists(file)) OwnedFile.Create(file);
        using var connection = _source.OpenConnection();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=WAL; SELECT count(*) FROM sqlite_schema";
        command.ExecuteScalar();
        _isOpen = true;
    }

    private sealed class FileSource(string file) : DbDataSource
    {
        public override string ConnectionString { get; } =
            new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 5 }.ToString();

        public void CloseIdle()
        {
            using var connection = new SqliteConnection(ConnectionString);
            SqliteConnection.ClearPool(connection);
        }

        protected override DbConnection CreateDbConnection() => new SqliteConnection(ConnectionString);

        protected override DbConnection OpenDbConnection()
        {
            var connection = new SqliteConnection(ConnectionString);
            try
            {
                connection.Open();
                using var command = connection.CreateCommand();
                command.CommandText = Settings;
                command.ExecuteNonQuery();
                return connection;
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }

        /// <summary>SQLite blocks its thread.</summary>
        protected override ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default) =>
            new(Task.Run(OpenDbConnection, cancellationToken));

        protected override ValueTask DisposeAsyncCore()
        {
            CloseIdle();
            return base.DisposeAsyncCore();
        }
    }
}

[JsonSerializable(typeof(string[]))]
internal sealed partial class TextsJson : JsonSerializerContext;
