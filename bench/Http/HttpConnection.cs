using System.Net.Sockets;

namespace Holdfast.Bench.Http;

/// <param name="Body">Until the connection's next request.</param>
internal readonly record struct HttpReply(int Status, ReadOnlyMemory<byte> Body);

/// <summary>
/// One caller's connection, which stays open: a request, its response, the next request. The machine that is measured also makes the
/// load, and .NET's own client takes more of it than the servers that are compared; this one does nothing that a socket does not.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    /// <summary>Bytes of a response, head and body.</summary>
    private const int MaxResponse = 64 * 1024;

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[MaxResponse];
    private int _filled;

    private HttpConnection(Socket socket) => _socket = socket;

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

    /// <summary>Sends a whole request, and waits for the whole response.</summary>
    /// <exception cref="BenchException">The connection ended, or the response cannot be understood.</exception>
    public async ValueTask<HttpReply> Send(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        while (request.Length > 0) request = request[await _socket.SendAsync(request, cancellationToken)..];
        _filled = 0;
        ResponseHead head;
        while (!HttpWire.TryReadHead(_buffer.AsSpan(0, _filled), out head)) await Receive(cancellationToken);
        int length, used;
        if (head.Length is { } whole)
        {
            while (_filled < head.Bytes + whole) await Receive(cancellationToken);
            (length, used) = (whole, whole);
        }
        else
        {
            while (!HttpWire.TryJoinChunks(_buffer.AsSpan(head.Bytes, _filled - head.Bytes), out length, out used)) await Receive(cancellationToken);
        }

        if (_filled != head.Bytes + used) throw new BenchException("A response is longer than it says.");
        return new(head.Status, _buffer.AsMemory(head.Bytes, length));
    }

    public void Dispose() => _socket.Dispose();

    private async ValueTask Receive(CancellationToken cancellationToken)
    {
        if (_filled == MaxResponse) throw new BenchException($"A response is longer than {MaxResponse} bytes.");
        try
        {
            var count = await _socket.ReceiveAsync(_buffer.AsMemory(_filled), cancellationToken);
            if (count == 0) throw new BenchException("The server closed the connection before it had answered.");
            _filled += count;
        }
        catch (SocketException e)
        {
            throw new BenchException($"The connection broke before the server had answered: {e.Message}", e);
        }
    }
}
