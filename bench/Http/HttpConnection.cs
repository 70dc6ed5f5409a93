using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Holdfast.Bench.Http;

/// <param name="Body">Until the connection's next request.</param>
internal readonly record struct HttpReply(int Status, ReadOnlyMemory<byte> Body);

/// <summary>One caller's connection, which stays open: a request, its response, the next request.</summary>
internal sealed class HttpConnection : IValueTaskSource<HttpReply>, IDisposable
{
    /// <summary>Bytes of a response, head and body.</summary>
    private const int MaxResponse = 64 * 1024;

    private readonly byte[] _buffer = new byte[MaxResponse];
    private int _filled;

    // Why nothing more can be sent.
    private Exception? _broken;

    // What follows an answer, the next request that is, is done by the thread that read it.
    private ManualResetValueTaskSourceCore<HttpReply> _reply;

    private HttpConnection(Socket socket) => Socket = socket;

    public Socket Socket { get; }

    /// <exception cref="BenchException">Nobody listens there.</exception>
    public static async Task<HttpConnection> Open(Uri server, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server.Host, server.Port, cancellationToken);
            return new(socket);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new BenchException($"Cannot connect to {server}: {e.Message}", e);
        }
    }

    /// <summary>Sends a whole request; completes when <see cref="Receive"/> has read the whole response.</summary>
    /// <exception cref="BenchException">The connection ended, or the response cannot be understood.</exception>
    public ValueTask<HttpReply> Send(ReadOnlySpan<byte> request)
    {
        if (_broken is { } broken) throw new BenchException(broken.Message, broken);
        _filled = 0;
        _reply.Reset();
        try
        {
            // A request is far smaller than what the socket takes at once.
            Socket.Send(request);
        }
        catch (SocketException e)
        {
            throw BrokenBy(e);
        }

        return new(this, _reply.Version);
    }

    /// <summary>Reads what has come. False when the connection is of no more use; its caller knows.</summary>
    public bool Receive()
    {
        try
        {
            var count = Socket.Receive(_buffer.AsSpan(_filled));
            if (count == 0) throw new BenchException("The server closed the connection before it had answered.");
            _filled += count;
            if (Complete() is { } reply) _reply.SetResult(reply);
            else if (_filled == MaxResponse) throw new BenchException($"A response is longer than {MaxResponse} bytes.");
            return true;
        }
        catch (Exception e) when (e is BenchException or SocketException)
        {
            _broken = e as BenchException ?? BrokenBy(e);

            // One that the server closes while nothing is asked is found out by the next request.
            if (_reply.GetStatus(_reply.Version) == ValueTaskSourceStatus.Pending) _reply.SetException(_broken);
            return false;
        }
    }

    public void Dispose() => Socket.Dispose();

    HttpReply IValueTaskSource<HttpReply>.GetResult(short token) => _reply.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<HttpReply>.GetStatus(short token) => _reply.GetStatus(token);

    void IValueTaskSource<HttpReply>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _reply.OnCompleted(continuation, state, token, flags);

    /// <summary>The response, when all of it is there.</summary>
    private HttpReply? Complete()
    {
        if (!HttpWire.TryReadHead(_buffer.AsSpan(0, _filled), out var head)) return null;
        int length, used;
        if (head.Length is { } whole) (length, used) = (whole, whole);
        else if (!HttpWire.TryJoinChunks(_buffer.AsSpan(head.Bytes, _filled - head.Bytes), out length, out used)) return null;
        if (_filled < head.Bytes + used) return null;
        if (_filled != head.Bytes + used) throw new BenchException("A response is longer than it says.");
        return new(head.Status, _buffer.AsMemory(head.Bytes, length));
    }

    private static BenchException BrokenBy(Exception e) => new($"The connection broke before the server had answered: {e.Message}", e);
}
