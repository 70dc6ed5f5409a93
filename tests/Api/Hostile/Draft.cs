using System.Globalization;
using System.Text;

namespace Holdfast.Tests.Api.Hostile;

/// <summary>A request while it is being spoilt: at first one that the route takes.</summary>
internal sealed class Draft(Target target, int port)
{
    /// <summary>What was done to it, in order.</summary>
    public List<string> Spoilt { get; } = [];

    public Target Target => target;

    public string Method { get; set; } = target.Method;

    /// <summary>As it goes over the wire.</summary>
    public string Path { get; set; } = target.Path;

    public List<string> Query { get; } = [];

    /// <summary>Each a line of its own; a value of null leaves the header out.</summary>
    public List<(string Name, string Value)> Headers { get; } =
    [
        ("Host", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")),
        .. target.Body is null ? [] : new (string, string)[] { ("Content-Type", target.MediaType) },
    ];

    public byte[]? Body { get; set; } = target.Body is null ? null : Encoding.UTF8.GetBytes(target.Body);

    public bool IsChunked { get; set; }

    /// <summary>A list may say that it is not as far yet.</summary>
    public bool AsksAhead { get; set; }

    /// <summary>The server may close the connection before it has heard all of it, and then the answer can be lost.</summary>
    public bool IsTooLarge { get; set; }

    /// <summary>Replaces all lines of the header; null leaves it out.</summary>
    public void Set(string name, string? value)
    {
        Headers.RemoveAll(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (value is not null) Headers.Add((name, value));
    }

    public byte[] Bytes()
    {
        var head = new StringBuilder().Append(Method).Append(' ').Append(Path);
        if (Query.Count > 0) head.Append('?').AppendJoin('&', Query);
        head.Append(" HTTP/1.1\r\n");
        foreach (var (name, value) in Headers) head.Append(name).Append(": ").Append(value).Append("\r\n");
        if (Body is null) return Encoding.Latin1.GetBytes(head.Append("\r\n").ToString());
        if (IsChunked) head.Append("Transfer-Encoding: chunked\r\n\r\n");
        else head.Append(CultureInfo.InvariantCulture, $"Content-Length: {Body.Length}\r\n\r\n");
        var bytes = Encoding.Latin1.GetBytes(head.ToString());
        return IsChunked ? [.. bytes, .. Chunks(Body)] : [.. bytes, .. Body];
    }

    public override string ToString()
    {
        var bytes = Encoding.Latin1.GetString(Bytes());
        return $"{target.Method} {target.Pattern}, spoilt by {string.Join(", ", Spoilt)}:\n{bytes[..Math.Min(bytes.Length, 3_000)]}";
    }

    private static byte[] Chunks(byte[] body)
    {
        var half = body.Length / 2;
        return [.. Chunk(body[..half]), .. Chunk(body[half..]), .. "0\r\n\r\n"u8];
    }

    /// <summary>One of no bytes would be the last.</summary>
    private static byte[] Chunk(byte[] bytes) => bytes.Length == 0
        ? []
        : [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{bytes.Length:x}\r\n")), .. bytes, .. "\r\n"u8];
}
