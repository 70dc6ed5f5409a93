using System.Data.Common;
using Holdfast.Journal.Sqlite;
using Microsoft.Data.Sqlite;

namespace Holdfast.Bench.Plain;

/// <summary>Orleans' AdoNet grain storage on a SQLite file of its own, as durable as the journal: WAL and <c>synchronous=FULL</c>.</summary>
internal static class PlainStorage
{
    public const string Name = "plain";

    /// <summary>The name that Orleans' ADO.NET provider has for SQLite; it loads Microsoft.Data.Sqlite.</summary>
    private const string SqliteInvariant = "System.Data.SQLite";

    public static ISiloBuilder AddPlainStorage(this ISiloBuilder builder, string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);

        // Its tables and statements serve any grain: the product keeps its snapshots in a file like this one.
        new SqliteSnapshotFile(file).Initialize();
        return builder.AddAdoNetGrainStorage(Name, storage =>
        {
            storage.Invariant = SqliteInvariant;
            storage.DataSource = new PlainFile(file);
        });
    }
}

/// <summary>
/// One connection that is handed from write to write. SQLite has one writer anyway, and grains that wait for it here wait without
/// holding a thread; as connections of their own they would block each other in busy loops, and the comparison would be unfair.
/// </summary>
internal sealed class PlainFile(string file) : DbDataSource
{
    private readonly SemaphoreSlim _free = new(1);
    private SqliteConnection? _idle;

    public override string ConnectionString { get; } = new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString();

    protected override DbConnection CreateDbConnection() => new SqliteConnection(ConnectionString);

    protected override async ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default)
    {
        await _free.WaitAsync(cancellationToken);
        return Interlocked.Exchange(ref _idle, null) ?? OpenDurably();
    }

    private Lent OpenDurably()
    {
        var connection = new Lent(this);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA synchronous=FULL";
        command.ExecuteNonQuery();
        return connection;
    }

    private void TakeBack(SqliteConnection connection)
    {
        _idle = connection;
        _free.Release();
    }

#pragma warning disable CA2215 // A connection that goes back instead of being closed.
    private sealed class Lent(PlainFile owner) : SqliteConnection(owner.ConnectionString)
    {
        public override ValueTask DisposeAsync()
        {
            owner.TakeBack(this);
            return ValueTask.CompletedTask;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) owner.TakeBack(this);
        }
    }
#pragma warning restore CA2215
}
