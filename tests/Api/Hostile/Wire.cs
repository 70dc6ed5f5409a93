using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Holdfast.Tests.Api.Hostile;

/// <summary>A connection that sends the bytes it is given, which no client would send, and reads what is answered.</summary>
internal sealed class Wire : IDisposable
{
    /// <summary>Of what goes on for ever no more than this is read.</summary>
    private const int MaxAnswer = 16 * 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly TcpClient _client;
    private readonly NetworkStream _stream;
    private byte[] _read = new byte[16 * 1024];
    private int _start;
    private int _end;

    private Wire(TcpClient client) => (_client, _stream) = (client, client.GetStream());

    /// <summary>The other end will read no further request.</summary>
    public bool IsOver { get; private set; }

    public static async Task<Wire> Open(int port)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port);
        return new Wire(client);
    }

    public void Dispose() => _client.Dispose();

    /// <returns>False when the other end did not want to hear all of it.</returns>
    public async Task<bool> Send(byte[] bytes)
    {
        try
        {
            await _stream.WriteAsync(bytes);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Nothing more will be sent.</summary>
    public void EndSending()
    {
        try
        {
            _client.Client.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The other end was faster.
        }
    }

    /// <param name="method">Of the request: an answer to HEAD has no body, whatever it says.</param>
    /// <param name="isEndless">Of what is answered well only the head is read, since the rest never ends.</param>
    /// <returns>Null when the connection was closed without an answer.</returns>
    /// <exception cref="TimeoutException">Nobody has answered, nor closed it.</exception>
    public async Task<Answer?> Read(string method, bool isEndless = false)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        try
        {
            while (true)
            {
                if (await ReadHead(patience.Token) is not { } head) return null;
                var lines = head.Split("\r\n");
                var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
                if (status is >= 100 and < 200) continue;
                var headers = Headers(lines[1..]);
                isEndless &= status == 200;
                IsOver |= isEndless || headers.GetValueOrDefault("Connection") == "close";
                var body = isEndless || method == "HEAD" || status is 204 or 304 ? [] : await ReadBody(headers, patience.Token);
                return new(status, headers.GetValueOrDefault("Content-Type")?.Split(';')[0], Encoding.UTF8.GetString(body), headers);
            }
        }
        catch (IOException)
        {
            IsOver = true;
            return null;
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException($"No answer within {Patience}", late);
        }
    }

    private static Dictionary<string, string> Headers(string[] lines)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = (line[..colon], line[(colon + 1)..].Trim());
            headers[name] = headers.TryGetValue(name, out var earlier) ? $"{earlier}, {value}" : value;
        }

        return headers;
    }

    private async Task<string?> ReadHead(CancellationToken cancellationToken)
    {
        int end;
        while ((end = _read.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await ReadMore(cancellationToken)) return null;
        }

        return Encoding.Latin1.GetString(Take(end + 4))[..^4];
    }

    private async Task<byte[]> ReadBody(Dictionary<string, string> headers, CancellationToken cancellationToken)
    {
        if (headers.TryGetValue("Content-Length", out var length))
            return await ReadBytes(int.Parse(length, CultureInfo.InvariantCulture), cancellationToken);
        var body = new MemoryStream();
        if (headers.GetValueOrDefault("Transfer-Encoding") == "chunked")
        {
            while (body.Length < MaxAnswer)
            {
                var size = int.Parse(await ReadLine(cancellationToken), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                body.Write(await ReadBytes(size, cancellationToken));
                await ReadLine(cancellationToken);
                if (size == 0) break;
            }
        }
        else
        {
            while (body.Length < MaxAnswer && await ReadMore(cancellationToken)) body.Write(Take(_end - _start));
        }

        return body.ToArray();
    }

    private async Task<string> ReadLine(CancellationToken cancellationToken)
    {
        int end;
        while ((end = _read.AsSpan(_start, _end - _start).IndexOf("\r\n"u8)) < 0)
        {
            if (!await ReadMore(cancellationToken)) throw new IOException("It ends within a chunk.");
        }

        return Encoding.ASCII.GetString(Take(end + 2))[..^2];
    }

    private async Task<byte[]> ReadBytes(int count, CancellationToken cancellationToken)
    {
        while (_end - _start < count)
        {
            if (!await ReadMore(cancellationToken)) throw new IOException("It ends within a body.");
        }

        return Take(count);
    }

    private byte[] Take(int count)
    {
        var taken = _read.AsSpan(_start, count).ToArray();
        _start += count;
        return taken;
    }

    private async Task<bool> ReadMore(CancellationToken cancellationToken)
    {
        _read.AsSpan(_start, _end - _start).CopyTo(_read);
        (_start, _end) = (0, _end - _start);
        if (_end == _read.Length) Array.Resize(ref _read, 2 * _read.Length);
        var count = await _stream.ReadAsync(_read.AsMemory(_end), cancellationToken);
        _end += count;
        IsOver |= count == 0;
        return count > 0;
    }
}
