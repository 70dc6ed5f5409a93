using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Holdfast.Rig;

/// <summary>How a proxy treats what passes through it; replaced, never changed.</summary>
internal sealed class ProxyMode
{
    public TimeSpan Delay { get; init; }

    public bool Frozen { get; init; }

    /// <summary>The process whose connections are frozen; null for everybody's.</summary>
    public int? Only { get; init; }

    public bool Refusing { get; init; }

    /// <summary>Ends when another mode has taken its place.</summary>
    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A reply that shall not arrive, or a request.</summary>
internal sealed class SwallowedReply(Func<ReadOnlyMemory<byte>, bool> request, Func<ReadOnlyMemory<byte>, bool> ends, bool requestToo)
{
    public bool RequestToo => requestToo;

    public Func<ReadOnlyMemory<byte>, bool> Request => request;

    public Func<ReadOnlyMemory<byte>, bool> Ends => ends;

    public TaskCompletionSource Happened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>One client's connection through a proxy: a reader and a writer each way, with what is under way between them.</summary>
internal sealed class ProxyLink(FaultProxy proxy, Socket client)
{
    private const int ChunkBytes = 64 * 1024;

    /// <summary>Chunks under way in one direction; past it the sender's own buffer fills, as with a line that is slow or cut.</summary>
    private const int MaxUnderWay = 64;

    private readonly CancellationTokenSource _ending = new();
    private readonly int _clientPort = ((IPEndPoint)client.RemoteEndPoint!).Port;
    private (int Process, bool Owns) _askedAbout;
    private Socket? _server;
    private SwallowedReply? _swallow;

    public Task Ended { get; private set; } = Task.CompletedTask;

    public void Start(CancellationToken disposing) => Ended = Run(disposing);

    /// <summary>Both sides see the connection break at once, with what was under way lost.</summary>
    public void Reset()
    {
        _ending.Cancel();
        Reset(client);
        if (Volatile.Read(ref _server) is { } server) Reset(server);
    }

    /// <summary>Closes with a reset instead of an orderly end.</summary>
    public static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new(enable: true, seconds: 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is broken or closed already.
        }

        socket.Dispose();
    }

    private async Task Run(CancellationToken disposing)
    {
        // The proxy holds its lock here.
        await Task.Yield();
        await using var _ = disposing.UnsafeRegister(static link => ((ProxyLink)link!)._ending.Cancel(), this);
        try
        {
            await Clear(proxy.Clock.GetTimestamp());
            var server = await proxy.Connect(_ending.Token);
            Volatile.Write(ref _server, server);
            await Task.WhenAll(Forward(client, server, upstream: true), Forward(server, client, upstream: false));
            // Both have said that they are done: a reset now could overtake what was said last.
            client.Dispose();
            server.Dispose();
        }
        catch (Exception e) when (IsEnd(e))
        {
            // The server cannot be reached, or one side broke the connection: so it is broken for the other.
        }
        finally
        {
            Reset();
            _swallow?.Happened.TrySetException(new RigException("The connection ended before the whole reply had come."));
            proxy.Remove(this);
        }
    }

    private async Task Forward(Socket from, Socket to, bool upstream)
    {
        var underWay = Channel.CreateBounded<Chunk>(new BoundedChannelOptions(MaxUnderWay) { SingleReader = true, SingleWriter = true });
        var reading = Read(from, underWay.Writer, upstream);
        try
        {
            await Write(underWay.Reader, to, upstream);
        }
        catch
        {
            Reset();
            throw;
        }
        finally
        {
            await reading;
        }
    }

    private async Task Read(Socket from, ChannelWriter<Chunk> underWay, bool upstream)
    {
        var buffer = new byte[ChunkBytes];
        try
        {
            while (await from.ReceiveAsync(buffer, _ending.Token) is > 0 and var count)
            {
                var bytes = buffer.AsMemory(0, count).ToArray();
                if (!upstream && Swallow(bytes)) continue;
                await underWay.WriteAsync(new(bytes, proxy.Clock.GetTimestamp()), _ending.Token);
            }

            underWay.Complete();
        }
        catch (Exception e) when (IsEnd(e))
        {
            underWay.Complete(e);
        }
    }

    private async Task Write(ChannelReader<Chunk> underWay, Socket to, bool upstream)
    {
        try
        {
            await foreach (var chunk in underWay.ReadAllAsync(_ending.Token))
            {
                await Clear(chunk.Arrived);
                // Before it goes out: the reply may be back at once.
                if (upstream && proxy.Matching(chunk.Bytes) is { } swallow)
                {
                    if (swallow.RequestToo)
                    {
                        Reset();
                        swallow.Happened.TrySetResult();
                        continue;
                    }

                    Volatile.Write(ref _swallow, swallow);
                }

                for (var sent = 0; sent < chunk.Bytes.Length;)
                    sent += await to.SendAsync(chunk.Bytes.AsMemory(sent), _ending.Token);
            }
        }
        finally
        {
            // An end, too, does not pass a cut cable.
            await Clear(proxy.Clock.GetTimestamp());
        }

        to.Shutdown(SocketShutdown.Send);
    }

    private bool Swallow(byte[] reply)
    {
        if (Volatile.Read(ref _swallow) is not { } swallow) return false;
        if (swallow.Ends(reply))
        {
            Reset();
            swallow.Happened.TrySetResult();
        }

        return true;
    }

    /// <summary>Waits until what came at a time may go on.</summary>
    private async Task Clear(long arrived)
    {
        while (true)
        {
            var mode = proxy.Mode;
            if (mode.Frozen && (mode.Only is not { } process || IsOf(process)))
            {
                await mode.Ended.Task.WaitAsync(_ending.Token);
                continue;
            }

            var wait = mode.Delay - proxy.Clock.GetElapsedTime(arrived);
            if (wait <= TimeSpan.Zero) return;
            await Task.Delay(wait, proxy.Clock, _ending.Token);
        }
    }

    private bool IsOf(int process)
    {
        if (_askedAbout.Process != process) _askedAbout = (process, SocketOwner.Owns(process, _clientPort));
        return _askedAbout.Owns;
    }

    private static bool IsEnd(Exception e) => e is SocketException or OperationCanceledException or ObjectDisposedException or ChannelClosedException;

    private readonly record struct Chunk(byte[] Bytes, long Arrived);
}
