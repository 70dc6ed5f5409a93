using System.Buffers.Text;
using System.Text;

namespace Holdfast.Bench.Http;

/// <summary>What a response's head says of the body behind it.</summary>
/// <param name="Bytes">Of the head, its empty line included.</param>
/// <param name="Length">Of the body; null when it comes in chunks.</param>
internal readonly record struct ResponseHead(int Status, int Bytes, int? Length);

/// <summary>As much of HTTP/1.1 (RFC 9112) as the responses of the servers that are measured need. What else there is, is refused.</summary>
internal static class HttpWire
{
    private const int StatusDigits = 3;

    private static ReadOnlySpan<byte> NewLine => "\r\n"u8;

    private static ReadOnlySpan<byte> Version => "HTTP/1.1 "u8;

    private static ReadOnlySpan<byte> HeadEnd => "\r\n\r\n"u8;

    /// <summary>False while more of it has to come.</summary>
    /// <exception cref="BenchException">It is not a response that can be understood here.</exception>
    public static bool TryReadHead(ReadOnlySpan<byte> bytes, out ResponseHead head)
    {
        head = default;
        var end = bytes.IndexOf(HeadEnd);
        if (end < 0) return false;
        var lines = bytes[..(end + NewLine.Length)];
        var firstEnd = lines.IndexOf(NewLine);
        var (status, length) = (StatusOf(lines[..firstEnd]), LengthOf(lines[(firstEnd + NewLine.Length)..]));
        head = new(status, end + HeadEnd.Length, length);
        return true;
    }

    /// <summary>Puts a body together that came in chunks, in its place. False while more of it has to come; nothing is changed then.</summary>
    /// <param name="bytes">What has come behind the head.</param>
    /// <param name="length">Of the body.</param>
    /// <param name="used">Bytes of the chunks, with all that is around them.</param>
    /// <exception cref="BenchException">It is not what it should be.</exception>
    public static bool TryJoinChunks(Span<byte> bytes, out int length, out int used)
    {
        if (!TryWalkChunks(bytes, join: false, out length, out used)) return false;
        return TryWalkChunks(bytes, join: true, out length, out used);
    }

    private static bool TryWalkChunks(Span<byte> bytes, bool join, out int length, out int used)
    {
        (length, used) = (0, 0);
        while (true)
        {
            var sizeEnd = bytes[used..].IndexOf(NewLine);
            if (sizeEnd < 0) return false;
            var line = bytes.Slice(used, sizeEnd);
            if (!Utf8Parser.TryParse(line, out int size, out var digits, 'X') || digits != line.Length || size < 0)
                throw Refused("a chunk without a size", line);
            var start = used + sizeEnd + NewLine.Length;
            if (bytes.Length - start - NewLine.Length < size) return false;
            if (!bytes.Slice(start + size, NewLine.Length).SequenceEqual(NewLine)) throw Refused("a chunk of another size than it says, or a trailer", line);
            if (join) bytes.Slice(start, size).CopyTo(bytes[length..]);
            length += size;
            used = start + size + NewLine.Length;
            if (size == 0) return true;
        }
    }

    private static int StatusOf(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith(Version)
            && line.Length >= Version.Length + StatusDigits
            && Utf8Parser.TryParse(line.Slice(Version.Length, StatusDigits), out int status, out var digits)
            && digits == StatusDigits
            && status >= 200)
        {
            return status;
        }

        throw Refused("no final HTTP/1.1 status", line);
    }

    private static int? LengthOf(ReadOnlySpan<byte> lines)
    {
        var (length, chunked) = (-1, false);
        while (lines.Length > 0)
        {
            var end = lines.IndexOf(NewLine);
            var line = lines[..end];
            if (TryValue(line, "Content-Length:"u8, out var number))
            {
                if (!Utf8Parser.TryParse(number, out length, out var digits) || digits != number.Length || length < 0) throw Refused("a length that is no number", line);
            }
            else if (TryValue(line, "Transfer-Encoding:"u8, out var encoding))
            {
                chunked = Ascii.EqualsIgnoreCase(encoding, "chunked"u8) ? true : throw Refused("an encoding that is not known here", line);
            }
            else if (TryValue(line, "Connection:"u8, out var connection) && Ascii.EqualsIgnoreCase(connection, "close"u8))
            {
                throw Refused("that the server closes the connection", line);
            }

            lines = lines[(end + NewLine.Length)..];
        }

        if (chunked) return null;
        return length >= 0 ? length : throw new BenchException("A response says neither how long it is nor that it comes in chunks.");
    }

    private static bool TryValue(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (line.Length < name.Length || !Ascii.EqualsIgnoreCase(line[..name.Length], name)) return false;
        value = line[name.Length..].Trim((byte)' ');
        return true;
    }

    private static BenchException Refused(string what, ReadOnlySpan<byte> line) => new($"A response has {what}: '{Encoding.UTF8.GetString(line)}'.");
}
