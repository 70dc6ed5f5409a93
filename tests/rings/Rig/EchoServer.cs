using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Holdfast.Rings.Rig;

/// <summary>Sends back what it receives, and tells what it saw.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();
    private readonly Task _accepting;

    public EchoServer()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = Accept();
    }

    public int Port { get; }

    /// <summary>Nothing has happened that <see cref="Next"/> has not told.</summary>
    public bool IsQuiet => !_events.Reader.TryPeek(out _);

    /// <summary>What happens next: <c>connected</c>, a text that came, or <c>ended</c>.</summary>
    public Task<string> Next() => _events.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
    }

    private async Task Accept()
    {
        List<Task> serving = [];
        try
        {
            while (true) serving.Add(Serve(await _listener.AcceptTcpClientAsync()));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(serving).WaitAsync(Patience);
        }
    }

    private async Task Serve(TcpClient client)
    {
        using var _ = client;
        _events.Writer.TryWrite("connected");
        var buffer = new byte[1024];
        try
        {
            while (await client.GetStream().ReadAsync(buffer) is > 0 and var count)
            {
                _events.Writer.TryWrite(System.Text.Encoding.UTF8.GetString(buffer, 0, count));
                await client.GetStream().WriteAsync(buffer.AsMemory(0, count));
            }
        }
        catch (IOException)
        {
            // Reset.
        }

        _events.Writer.TryWrite("ended");
    }
}
