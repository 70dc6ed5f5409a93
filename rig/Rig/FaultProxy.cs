using System.Net;
using System.Net.Sockets;

namespace Holdfast.Rig;

/// <summary>
/// A TCP proxy on 127.0.0.1 in front of a server, with the faults that a network has. A mode holds for connections that exist and
/// for new ones, until the next is set; it begins as <see cref="Pass"/>.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly string _host;
    private readonly int _targetPort;
    private readonly CancellationTokenSource _disposing = new();
    private readonly Lock _lock = new();
    private readonly HashSet<ProxyLink> _links = [];
    private readonly Task _accepting;
    private ProxyMode _mode = new();
    private SwallowedReply? _swallow;

    private FaultProxy(TcpListener listener, string host, int targetPort, TimeProvider clock)
    {
        (_listener, _host, _targetPort, Clock) = (listener, host, targetPort, clock);
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _accepting = Accept();
    }

    /// <summary>Where the proxy listens, on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Clients that are connected now, those that wait in a freeze included.</summary>
    public int Connections
    {
        get
        {
            lock (_lock) return _links.Count;
        }
    }

    internal TimeProvider Clock { get; }

    internal ProxyMode Mode => Volatile.Read(ref _mode);

    /// <param name="targetPort">The server's port; nobody need listen on it yet.</param>
    /// <param name="host">Where the server is.</param>
    public static FaultProxy Start(int targetPort, TimeProvider clock, string host = "127.0.0.1")
    {
        var listener = new TcpListener(IPAddress.Loopback, LoopbackPorts.Next());
        listener.Start();
        return new(listener, host, targetPort, clock);
    }

    /// <summary>Forwards everything at once.</summary>
    public void Pass() => Switch(new());

    /// <summary>Forwards everything, each chunk so much later than it came.</summary>
    /// <param name="eachWay">A round trip takes twice as long more.</param>
    public void Delay(TimeSpan eachWay) => Switch(new() { Delay = eachWay });

    /// <summary>
    /// Accepts connections and forwards nothing, not even their end, like a cut cable. What was under way is forwarded in order when
    /// the mode changes; up to a bound the sender can go on sending.
    /// </summary>
    public void Freeze() => Switch(new() { Frozen = true });

    /// <summary>The same for the connections of one process on this machine; those of others pass.</summary>
    /// <exception cref="RigException">This system does not say whose connections are whose.</exception>
    public void FreezeFrom(int processId)
    {
        if (SocketOwner.WhyUnavailable is { } reason) throw new RigException(reason);
        Switch(new() { Frozen = true, Only = processId });
    }

    /// <summary>Resets the connections that exist, and every new one as soon as it is made.</summary>
    public void Refuse() => Switch(new() { Refusing = true });

    /// <summary>Resets the connections that exist, once; returns how many. The mode stays.</summary>
    public int ResetAll()
    {
        ProxyLink[] links;
        lock (_lock) links = [.. _links];
        foreach (var link in links) link.Reset();
        return links.Length;
    }

    /// <summary>
    /// Lets a request happen and loses its reply: the next chunk from a client that matches is forwarded, what the server sends on
    /// that connection from then on is thrown away, and when the reply has ended, the connection is reset. It is meant for
    /// protocols with one request at a time on a connection, such as PostgreSQL's.
    /// </summary>
    /// <param name="request">Whether the chunk is the request; called for every chunk until one is. <see cref="PostgresWire.Says"/>.</param>
    /// <param name="replyEnds">Whether the reply ends with the chunk; the first chunk ends it when left out. <see cref="PostgresWire.EndsReply"/>.</param>
    /// <returns>Ends when it has happened and the connection is reset. Fails if the server ends the connection without a whole reply.</returns>
    /// <exception cref="InvalidOperationException">The reply before has not been swallowed yet.</exception>
    public Task SwallowNextReply(Func<ReadOnlyMemory<byte>, bool> request, Func<ReadOnlyMemory<byte>, bool>? replyEnds = null) =>
        Swallow(new(request, replyEnds ?? (static _ => true), requestToo: false));

    /// <summary>Loses the next chunk from a client that matches, and resets its connection; the server gets nothing of it.</summary>
    /// <returns>Ends when it has happened.</returns>
    /// <exception cref="InvalidOperationException">Another loss is waited for.</exception>
    public Task SwallowNextRequest(Func<ReadOnlyMemory<byte>, bool> request) => Swallow(new(request, static _ => true, requestToo: true));

    /// <summary>Resets the connections that exist, and listens no more.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposing.IsCancellationRequested) return;
        await _disposing.CancelAsync();
        _listener.Stop();
        await _accepting;
        ResetAll();
        while (FirstLink() is { } link) await link.Ended;
        Interlocked.Exchange(ref _swallow, null)?.Happened.TrySetCanceled(CancellationToken.None);
        _disposing.Dispose();
    }

    /// <summary>The reply to this chunk is to be swallowed; null for every other chunk.</summary>
    internal SwallowedReply? Matching(ReadOnlyMemory<byte> chunk) =>
        Volatile.Read(ref _swallow) is { } swallow && swallow.Request(chunk) && Interlocked.CompareExchange(ref _swallow, null, swallow) == swallow
            ? swallow
            : null;

    internal void Remove(ProxyLink link)
    {
        lock (_lock) _links.Remove(link);
    }

    internal Task<Socket> Connect(CancellationToken cancellationToken) => ConnectTo(_host, _targetPort, cancellationToken);

    private static async Task<Socket> ConnectTo(string host, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private Task Swallow(SwallowedReply swallow)
    {
        if (Interlocked.CompareExchange(ref _swallow, swallow, null) is not null)
            throw new InvalidOperationException("A reply is waited for already.");
        return swallow.Happened.Task;
    }

    private ProxyLink? FirstLink()
    {
        lock (_lock) return _links.FirstOrDefault();
    }

    private async Task Accept()
    {
        while (!_disposing.IsCancellationRequested)
        {
            try
            {
                Admit(await _listener.AcceptSocketAsync(_disposing.Token));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The client was gone before it was accepted, or this proxy ends.
            }
        }
    }

    private void Admit(Socket client)
    {
        // Under the lock, so that a switch to refusing finds every connection that was let in before it.
        lock (_lock)
        {
            if (!_mode.Refusing)
            {
                client.NoDelay = true;
                var link = new ProxyLink(this, client);
                _links.Add(link);
                link.Start(_disposing.Token);
                return;
            }
        }

        ProxyLink.Reset(client);
    }

    private void Switch(ProxyMode mode)
    {
        ProxyMode before;
        lock (_lock)
        {
            before = _mode;
            Volatile.Write(ref _mode, mode);
        }

        if (mode.Refusing) ResetAll();
        before.Ended.TrySetResult();
    }
}
