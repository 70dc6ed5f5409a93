using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Holdfast.Api.Http.Requests;

namespace Holdfast.Tests.Api.Http.Requests;

public sealed class UnreadableRequestTests
{
    private const int BlockBytes = 4_096;

    private const string Bare =
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\nDate: Mon, 30 Nov 2026 12:00:00 GMT\r\n\r\n";

    /// <summary>Answers that nobody has fetched yet fill the block of memory in which the next one begins.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2_000)]
    [InlineData(3_500)]
    [InlineData(BlockBytes - 200)]
    [InlineData(BlockBytes - 1)]
    [InlineData(BlockBytes)]
    public async Task What_is_no_request_gets_a_problem_whatever_was_answered_before_it(int bytes)
    {
        var pipe = new Pipe(new PipeOptions(minimumSegmentSize: BlockBytes, pauseWriterThreshold: 0));
        var writer = new UnreadableRequests.ExplainingWriter(pipe.Writer);
        writer.Write(new byte[bytes]);
        await writer.FlushAsync();

        // As the server writes it: into what there is, and all at once where it fits.
        writer.Write(Encoding.ASCII.GetBytes(Bare));
        await writer.FlushAsync();

        var sent = (await pipe.Reader.ReadAsync()).Buffer.Slice(bytes);
        var answer = Encoding.UTF8.GetString(sent.ToArray());
        Assert.Contains("Content-Type: application/problem+json\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("}", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"bad_request\"", answer, StringComparison.Ordinal);
    }
}
