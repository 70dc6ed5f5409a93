using System.Text;

namespace Holdfast.Rig;

/// <summary>As much of PostgreSQL's protocol as is needed to tell one request from another on an unencrypted connection.</summary>
public static class PostgresWire
{
    /// <summary>'Z', ready for query, with its length and before its status: what ends the reply to a request.</summary>
    private static ReadOnlySpan<byte> ReadyForQuery => [(byte)'Z', 0, 0, 0, 5];

    /// <summary>
    /// Chunks that contain a text: of SQL, or of a parameter. A statement that is prepared already goes by a name only, its
    /// parameters are there each time.
    /// </summary>
    public static Func<ReadOnlyMemory<byte>, bool> Says(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return chunk => chunk.Span.IndexOf(bytes) >= 0;
    }

    /// <summary>The server has finished the request: its transaction, if it was one, is committed or rolled back.</summary>
    public static bool EndsReply(ReadOnlyMemory<byte> chunk) =>
        chunk.Length > ReadyForQuery.Length && chunk.Span[^(ReadyForQuery.Length + 1)..^1].SequenceEqual(ReadyForQuery);
}
