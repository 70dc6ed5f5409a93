using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Holdfast.Rig;

/// <summary>
/// A Redis of our own, made from the installed program: in a directory of its own, on a port of its own, without a password. It
/// keeps an append-only file that is synced every second, as Redis advises. Neither the server nor its directory outlives this
/// process, even if that is killed.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    /// <summary>From its start until it answers.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);

    /// <summary>From a signal to stop until it has stopped; after that it is killed.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);

    private readonly string _directory;
    private readonly TimeProvider _clock;
    private readonly OutputTail _output = new(null);
    private ChildProcess? _process;

    private RedisServer(string directory, TimeProvider clock)
    {
        _directory = directory;
        _clock = clock;
    }

    /// <summary>Null when <see cref="Start"/> can work on this machine, else why it cannot.</summary>
    public static string? WhyUnavailable { get; } = ChildProcess.WhyUnavailable
        ?? (Programs.Find("redis-server") is null ? "Redis is not installed: there is no redis-server on PATH; it is Debian's package 'redis-server'" : null);

    /// <summary>On 127.0.0.1.</summary>
    public int Port { get; } = LoopbackPorts.Next();

    /// <summary>Null when it was stopped.</summary>
    public int? ProcessId => _process?.Id;

    /// <summary>What the server wrote.</summary>
    public OutputTail Output => _output;

    /// <summary>As StackExchange.Redis takes it.</summary>
    public string ConnectionString => $"{IPAddress.Loopback}:{Port}";

    /// <param name="parent">Where the server's directory is made; the system's place for temporary files when left out.</param>
    /// <exception cref="RigException">Redis is not installed, or it did not start: the message has its last lines.</exception>
    public static async Task<RedisServer> Start(TimeProvider clock, string? parent = null, CancellationToken cancellationToken = default)
    {
        if (WhyUnavailable is { } reason) throw new RigException(reason);
        var directory = Path.Combine(Path.GetFullPath(parent ?? Path.GetTempPath()), $"holdfast-redis-{Path.GetRandomFileName()}");
        Directory.CreateDirectory(directory);
        var server = new RedisServer(directory, clock);
        try
        {
            await server.Launch(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the server and removes its directory.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Send(Signal.Terminate);
            await process.Exited.WithLimit(StopLimit, _clock);
            await process.DisposeAsync();
        }

        _output.Dispose();
        if (Directory.Exists(_directory)) Directory.Delete(_directory, recursive: true);
    }

    private async Task Launch(CancellationToken cancellationToken)
    {
        var started = _clock.GetTimestamp();
        _process = ChildProcess.Start(Command(), _directory, _output, _clock, Signal.Terminate, _directory);
        while (!await Answers(cancellationToken))
        {
            if (_process.Exited.IsCompleted)
                throw new RigException($"Redis ended at its start with exit code {await _process.Exited}:\n{_output}");
            if (_clock.GetElapsedTime(started) > StartLimit)
                throw new RigException($"Redis did not answer within {StartLimit.TotalSeconds} s:\n{_output}");
            await Task.Delay(PollInterval, _clock, cancellationToken);
        }
    }

    private string[] Command() =>
    [
        Programs.Find("redis-server")!, "--bind", $"{IPAddress.Loopback}", "--port", $"{Port}", "--dir", _directory, "--daemonize", "no",
        "--save", "", "--appendonly", "yes", "--appendfsync", "everysec",
    ];

    private async Task<bool> Answers(CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port, cancellationToken);
            await using var stream = client.GetStream();
            await stream.WriteAsync("PING\r\n"u8.ToArray(), cancellationToken);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            return await reader.ReadLineAsync(cancellationToken) == "+PONG";
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }
}
