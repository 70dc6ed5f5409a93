using System.Net.Sockets;

namespace Holdfast.Bench.Http;

/// <summary>
/// A connection for each caller, and one thread that waits for the responses on all of them. The machine that is measured also makes
/// the load, and a client that wakes a thread of a pool for each response takes much of it from the servers that are compared.
/// </summary>
internal sealed class HttpConnections : IDisposable
{
    /// <summary>Within this the thread notices that it is to end.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(100);

    private readonly HttpConnection[] _connections;
    private volatile bool _disposed;

    private HttpConnections(HttpConnection[] connections)
    {
        _connections = connections;
        new Thread(Run) { IsBackground = true, Name = "http-responses" }.Start();
    }

    public int Count => _connections.Length;

    /// <exception cref="BenchException">Nobody listens there.</exception>
    public static async Task<HttpConnections> Open(Uri server, int callers, CancellationToken cancellationToken)
    {
        var connections = new List<HttpConnection>();
        try
        {
            for (var i = 0; i < callers; i++) connections.Add(await HttpConnection.Open(server, cancellationToken));
            return new([.. connections]);
        }
        catch
        {
            foreach (var connection in connections) connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="HttpConnection.Send"/>
    /// <remarks>What awaits the response runs on the thread that reads all responses, and must not block it.</remarks>
    public ValueTask<HttpReply> Send(int caller, ReadOnlySpan<byte> request) => _connections[caller].Send(request);

    /// <summary>The thread closes the connections.</summary>
    public void Dispose() => _disposed = true;

    private void Run()
    {
        var open = _connections.ToDictionary(static connection => connection.Socket);
        var readable = new List<Socket>(open.Count);
        while (!_disposed && open.Count > 0)
        {
            readable.Clear();
            readable.AddRange(open.Keys);
            Socket.Select(readable, null, null, Wait);
            foreach (var socket in readable)
            {
                if (!open[socket].Receive()) open.Remove(socket);
            }
        }

        foreach (var connection in _connections) connection.Dispose();
    }
}
