using System.Buffers.Text;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Holdfast.Api.Http.Problems;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Holdfast.Api.Http.Requests;

/// <summary>
/// What the server cannot parse as HTTP it refuses by itself, before anything of ours runs, with a bare status. This gives such an
/// answer the problem that every other one has, on its way out.
/// </summary>
internal static class UnreadableRequests
{
    public static void Explain(KestrelServerOptions kestrel) => kestrel.ConfigureEndpointDefaults(static endpoint => endpoint.Use(static next => connection =>
    {
        connection.Transport = new Transport(connection.Transport.Input, new ExplainingWriter(connection.Transport.Output));
        return next(connection);
    }));

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Passes everything on, and looks at the first bytes of each flush: the head of an answer.</summary>
    internal sealed class ExplainingWriter(PipeWriter inner) : PipeWriter
    {
        /// <summary>
        /// What the head of an answer and what is put behind it take. Where an answer begins that much is asked for: it may begin at the
        /// end of a block that earlier answers have filled.
        /// </summary>
        private const int RoomBytes = 1024;

        private Memory<byte> _memory;
        private bool _begun;

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override Memory<byte> GetMemory(int sizeHint = 0) =>
            _memory = inner.GetMemory(_begun ? sizeHint : Math.Max(sizeHint, RoomBytes));

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void Advance(int bytes)
        {
            if (!_begun && bytes > 0)
            {
                _begun = true;
                if (bytes <= _memory.Length) bytes = Explained(_memory.Span, bytes);
            }

            inner.Advance(bytes);
            _memory = default;
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            _begun = false;
            return inner.FlushAsync(cancellationToken);
        }

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
    }

    private static ReadOnlySpan<byte> Refused => "HTTP/1.1 4"u8;

    private static ReadOnlySpan<byte> Empty => "\r\nContent-Length: 0\r\n"u8;

    private static ReadOnlySpan<byte> Last => "\r\nConnection: close\r\n"u8;

    /// <summary>No endpoint refuses without a body and closes the connection.</summary>
    /// <returns>How many bytes of the buffer are the answer now.</returns>
    private static int Explained(Span<byte> buffer, int length)
    {
        var head = buffer[..length];
        if (!head.StartsWith(Refused) || !head.EndsWith("\r\n\r\n"u8) || head.IndexOf(Last) < 0 || head.IndexOf(Empty) is not (var empty and >= 0)) return length;
        if (!Utf8Parser.TryParse(head["HTTP/1.1 ".Length..], out int status, out _)) return length;

        var problem = ProblemAnswers.ForStatus(status);
        problem.TraceId = RequestIds.New();
        var body = JsonSerializer.SerializeToUtf8Bytes(problem, StrictJson.Bodies.Problem);
        var headers = Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"\r\nContent-Length: {body.Length}\r\nContent-Type: {Problem.MediaType}\r\n{RequestIds.Header}: {problem.TraceId}\r\n"));
        var rest = head[(empty + Empty.Length)..].ToArray();
        if (empty + headers.Length + rest.Length + body.Length > buffer.Length) return length;

        headers.CopyTo(buffer[empty..]);
        rest.CopyTo(buffer[(empty + headers.Length)..]);
        body.CopyTo(buffer[(empty + headers.Length + rest.Length)..]);
        return empty + headers.Length + rest.Length + body.Length;
    }
}
