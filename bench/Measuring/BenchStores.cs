using System.CommandLine;
using Holdfast.Bench.Plain;
using Holdfast.Rig;
using Holdfast.Silo;
using Microsoft.Data.Sqlite;
using Npgsql;
using PostgresDatabase = Holdfast.Journal.Postgres.PostgresDatabase;

namespace Holdfast.Bench.Measuring;

internal enum StoreKind
{
    Sqlite,
    Postgres,
}

/// <summary>
/// Where a measurement keeps its data: in SQLite files, or on a PostgreSQL of its own, which is started for the run with its
/// settings as they come, and as careful with the disk.
/// </summary>
internal sealed class BenchStores(StoreKind kind, WorkDirectory work, TimeProvider clock) : IAsyncDisposable
{
    public static readonly Option<StoreKind> Option = new("--store")
    {
        Description = "sqlite: files in this process. postgres: a private server, started from the installed programs.",
        DefaultValueFactory = static _ => StoreKind.Sqlite,
    };

    private readonly List<OrleansStorage> _storages = [];
    private PostgresServer? _server;

    public StoreKind Kind => kind;

    /// <summary>The store's name and version.</summary>
    public async Task<string> Version(CancellationToken cancellationToken)
    {
        if (kind == StoreKind.Sqlite) return $"SQLite {new SqliteConnection().ServerVersion}";
        await using var connection = new NpgsqlConnection(await NewDatabase("version", cancellationToken));
        await connection.OpenAsync(cancellationToken);
        return $"PostgreSQL {connection.PostgreSqlVersion}";
    }

    /// <exception cref="BenchException">PostgreSQL is not installed, or did not start.</exception>
    public async Task<string> NewDatabase(string name, CancellationToken cancellationToken)
    {
        try
        {
            _server ??= await PostgresServer.Start(clock, work.Path, cancellationToken: cancellationToken);
            return await _server.CreateDatabase(name, cancellationToken);
        }
        catch (RigException e)
        {
            throw new BenchException($"--store postgres: {e.Message}", e);
        }
    }

    /// <summary>What a silo hosts that keeps its journal under this name.</summary>
    public async Task<Action<ISiloBuilder>> Journal(string name, CancellationToken cancellationToken)
    {
        if (kind == StoreKind.Sqlite) return silo => silo.AddHoldfast(work.For(name));
        var connectionString = await NewDatabase(name, cancellationToken);
        var database = new PostgresDatabase(connectionString);
        return silo => silo.AddHoldfast(database);
    }

    /// <summary>Orleans' own grain storage, for plain grains.</summary>
    public async Task<Action<ISiloBuilder>> Plain(CancellationToken cancellationToken)
    {
        if (kind == StoreKind.Sqlite) return silo => silo.AddPlainStorage(work.For("plain/plain.db"));
        var storage = new OrleansStorage(await NewDatabase("plain", cancellationToken));
        _storages.Add(storage);
        await storage.CreateTables(cancellationToken);
        return silo => storage.AddTo(silo, PlainStorage.Name);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var storage in _storages) await storage.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
    }
}
