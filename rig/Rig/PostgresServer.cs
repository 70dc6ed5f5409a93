using System.Net;
using System.Text;
using Npgsql;

namespace Holdfast.Rig;

/// <summary>
/// A PostgreSQL of our own, made from the installed programs: in a directory of its own, on a port of its own that it keeps over
/// restarts, without passwords, and as careful with its disk as one in production. Its methods are called one at a time. Neither
/// the server nor its directory outlives this process, even if that is killed.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>The superuser.</summary>
    public const string User = "postgres";

    /// <summary>Connections that the server takes at a time.</summary>
    public const int MaxConnections = 200;

    /// <summary>For making a cluster of databases, which writes some 40 MB.</summary>
    private static readonly TimeSpan InitLimit = TimeSpan.FromMinutes(1);

    /// <summary>From its start until it takes connections; it may have a crash to recover from.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    /// <summary>From a signal to stop until it has stopped; after that it is killed.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);

    /// <summary>Bytes in the path of a Unix socket, the name that PostgreSQL gives it and the closing zero included.</summary>
    private const int MaxSocketPath = 107;

    private readonly string _directory;
    private readonly string? _logFile;
    private readonly string? _library;
    private readonly TimeProvider _clock;
    private OutputTail _output;
    private ChildProcess? _process;

    private PostgresServer(string directory, string? logFile, string? library, TimeProvider clock)
    {
        _directory = directory;
        _logFile = logFile;
        _library = library;
        _clock = clock;
        _output = new(logFile);
    }

    /// <summary>Null when <see cref="Start"/> can work on this machine, else why it cannot.</summary>
    public static string? WhyUnavailable => PostgresPrograms.WhyUnavailable;

    /// <summary>On 127.0.0.1; the same for the server's whole life.</summary>
    public int Port { get; } = LoopbackPorts.Next();

    /// <summary>The postmaster; null while it is stopped.</summary>
    public int? ProcessId => _process?.Id;

    /// <summary>Ends with the postmaster, however it ends; null while it is stopped.</summary>
    public Task<int>? Exited => _process?.Exited;

    /// <summary>What the server wrote since it was last started.</summary>
    public OutputTail Output => _output;

    private string Data => Path.Combine(_directory, "data");

    /// <param name="parent">Where the server's directory is made; the system's place for temporary files when left out.</param>
    /// <param name="logFile">Takes the server's log; kept in memory only when left out.</param>
    /// <param name="library">Loaded into the server's processes before any other, as <see cref="StallingDisk"/> has it.</param>
    /// <exception cref="RigException">PostgreSQL is not installed, or it did not start: the message has its last lines.</exception>
    public static async Task<PostgresServer> Start(
        TimeProvider clock, string? parent = null, string? logFile = null, string? library = null, CancellationToken cancellationToken = default)
    {
        if (WhyUnavailable is { } reason) throw new RigException(reason);
        var directory = Path.Combine(Path.GetFullPath(parent ?? Path.GetTempPath()), $"holdfast-postgres-{Path.GetRandomFileName()}");
        Directory.CreateDirectory(directory);
        var server = new PostgresServer(directory, logFile, library, clock);
        try
        {
            await server.Initialize(cancellationToken);
            await server.Launch(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whom the server lets in without a password, over TCP.</summary>
    public string ConnectionString(string database, string? user = null) => new NpgsqlConnectionStringBuilder
    {
        Host = IPAddress.Loopback.ToString(),
        Port = Port,
        Database = database,
        Username = user ?? User,
    }.ConnectionString;

    /// <summary>Makes a database in UTF-8 whose texts sort by their bytes; returns its connection string.</summary>
    /// <exception cref="PostgresException">There is one of that name.</exception>
    public async Task<string> CreateDatabase(string name, CancellationToken cancellationToken = default)
    {
        await PostgresAdmin.CreateDatabase(ConnectionString(User), name, cancellationToken);
        return ConnectionString(name);
    }

    /// <summary>Ends every client's connection but ours, as an operator or a failover does; returns how many.</summary>
    public Task<int> DropAllConnections(CancellationToken cancellationToken = default) =>
        PostgresAdmin.DropAllConnections(ConnectionString(User), cancellationToken);

    /// <summary>Runs a statement as the superuser; the first column of its first row, null when there is none.</summary>
    public Task<object?> Execute(string sql, CancellationToken cancellationToken = default) =>
        PostgresAdmin.Execute(ConnectionString(User), sql, cancellationToken);

    /// <summary>
    /// Each commit waits for a standby that there is not, or no longer does; returns when every session knows. What waits when it is told
    /// to wait no longer is done with it.
    /// </summary>
    public async Task WaitForStandby(bool wait, CancellationToken cancellationToken = default)
    {
        var standby = wait ? "nobody" : "";
        await Execute($"ALTER SYSTEM SET synchronous_standby_names = '{standby}'", cancellationToken);
        await Execute("SELECT pg_reload_conf()", cancellationToken);

        // When a new session has it, the checkpointer has been told to read it, and does so before its next work. Then it tells everybody.
        while ((string?)await Execute("SHOW synchronous_standby_names", cancellationToken) != standby) await Task.Delay(PollInterval, _clock, cancellationToken);
        await Execute("CHECKPOINT", cancellationToken);
    }

    /// <summary>
    /// Stops the processes of the server that are in the middle of an append to the journal where they stand, as a machine does that has
    /// no time for them; waits until there is one.
    /// </summary>
    /// <returns>What <see cref="Resume"/> takes.</returns>
    public async Task<IReadOnlyList<int>> PauseAppends(CancellationToken cancellationToken = default)
    {
        const string Appending = "SELECT array_agg(pid) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%INSERT INTO journal (%' AND pid <> pg_backend_pid()";
        while (true)
        {
            if (await Execute(Appending, cancellationToken) is int[] processes && processes.Where(static id => Signals.Send(id, Signals.Stop)).ToArray() is { Length: > 0 } stopped)
                return stopped;
        }
    }

    /// <summary>Lets the processes go on.</summary>
    public static void Resume(IReadOnlyList<int> processes)
    {
        foreach (var process in processes) Signals.Send(process, Signals.Continue);
    }

    /// <summary>Stops without a checkpoint and without a word to clients, like a crash: the next start recovers from the log.</summary>
    public Task StopImmediately() => End(Signal.Quit);

    /// <summary>Kills the postmaster; its processes notice, and end by themselves.</summary>
    public Task Kill() => End(Signal.Kill);

    /// <summary>Starts again on the same port and data; a server that still runs is stopped in order before.</summary>
    /// <exception cref="RigException">It did not start: the message has its last lines.</exception>
    public async Task Restart(CancellationToken cancellationToken = default)
    {
        await End(Signal.Interrupt);
        await Launch(cancellationToken);
    }

    /// <summary>Stops the server and removes its directory.</summary>
    public async ValueTask DisposeAsync()
    {
        await End(Signal.Quit);
        _output.Dispose();
        // Processes of a server that was killed may still be writing their last.
        for (var tries = 0; Directory.Exists(_directory) && !TryRemove(last: tries == 40); tries++)
            await Task.Delay(PollInterval, _clock);
    }

    private async Task Initialize(CancellationToken cancellationToken)
    {
        if (PostgresPrograms.AsOwner is [_, var user, ..])
            await Run(["chown", user["--reuid=".Length..], _directory], cancellationToken);
        // What is made here need not survive the machine, so it is not synced; what the server writes later is.
        await Run(
            [.. PostgresPrograms.AsOwner, PostgresPrograms.Path("initdb"), "-D", Data, "-U", User, "-E", "UTF8", "--locale=C", "-A", "trust", "--no-sync"],
            cancellationToken);
    }

    private Task Run(IReadOnlyList<string> command, CancellationToken cancellationToken) =>
        ChildProcess.Run(command, _directory, InitLimit, _clock, cancellationToken);

    private async Task Launch(CancellationToken cancellationToken)
    {
        var started = _clock.GetTimestamp();
        while (true)
        {
            _output.Dispose();
            _output = new(_logFile);
            _process = ChildProcess.Start(Command(), _directory, _output, _clock, Signal.Quit, _directory);
            while (!_process.Exited.IsCompleted)
            {
                if (await PostgresAdmin.Answers(ConnectionString(User), cancellationToken)) return;
                if (_clock.GetElapsedTime(started) > StartLimit)
                    throw new RigException($"PostgreSQL took no connections within {StartLimit.TotalSeconds} s:\n{_output}");
                await Task.Delay(PollInterval, _clock, cancellationToken);
            }

            if (!PredecessorLives() || _clock.GetElapsedTime(started) > StartLimit)
                throw new RigException($"PostgreSQL ended at its start with exit code {await _process.Exited}:\n{_output}");
            await End(Signal.Kill);
            await Task.Delay(PollInterval, _clock, cancellationToken);
        }
    }

    /// <summary>After a kill the old server's processes hold its memory for a moment, and the new one refuses to start beside them.</summary>
    private bool PredecessorLives() => _output.Lines.Any(static line => line.Contains("pre-existing shared memory block", StringComparison.Ordinal));

    private string[] Command()
    {
        var fits = Encoding.UTF8.GetByteCount(Path.Combine(_directory, ".s.PGSQL.00000")) < MaxSocketPath;
        string[] settings =
        [
            "listen_addresses=127.0.0.1", $"unix_socket_directories={(fits ? _directory : "")}", $"max_connections={MaxConnections}", "fsync=on",
        ];
        return
        [
            .. PostgresPrograms.AsOwner, .. _library is null ? (string[])[] : ["env", $"LD_PRELOAD={_library}"],
            PostgresPrograms.Path("postgres"), "-D", Data, "-p", $"{Port}",
            .. settings.SelectMany(static setting => new[] { "-c", setting }),
        ];
    }

    private async Task End(Signal signal)
    {
        if (_process is not { } process) return;
        _process = null;
        process.Send(signal);
        await process.Exited.WithLimit(StopLimit, _clock);
        await process.DisposeAsync();
    }

    private bool TryRemove(bool last)
    {
        try
        {
            Directory.Delete(_directory, recursive: true);
            return true;
        }
        catch (IOException) when (!last)
        {
            return false;
        }
    }
}
