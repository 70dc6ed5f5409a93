using System.Text;
using Holdfast.Bench;
using Holdfast.Bench.Http;

namespace Holdfast.Tests.Bench.Http;

public sealed class HttpWireTests
{
    private const string Head = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\ncontent-length: 12\r\n\r\n";

    [Fact]
    public void A_head_says_its_status_and_how_long_the_body_is()
    {
        Assert.True(HttpWire.TryReadHead(Bytes(Head + "{\"a\":1}"), out var head));
        Assert.Equal(new(201, Head.Length, 12), head);
    }

    [Fact]
    public void A_head_that_has_not_come_whole_is_waited_for()
    {
        for (var length = 0; length < Head.Length; length++) Assert.False(HttpWire.TryReadHead(Bytes(Head[..length]), out _));
    }

    [Fact]
    public void A_body_in_chunks_has_no_length_in_its_head()
    {
        Assert.True(HttpWire.TryReadHead(Bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"), out var head));
        Assert.Null(head.Length);
    }

    [Theory]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n", "status")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n", "status")]
    [InlineData("HTTP/1.1 2x0 OK\r\nContent-Length: 1\r\n\r\n", "status")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", "neither")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1a\r\n\r\n", "length")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "encoding")]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n", "closes")]
    public void What_is_not_understood_is_refused_and_named(string head, string named)
    {
        Assert.Contains(named, Assert.Throws<BenchException>(() => HttpWire.TryReadHead(Bytes(head), out _)).Message);
    }

    [Fact]
    public void Chunks_are_put_together_when_the_last_one_has_come()
    {
        const string Chunks = "5\r\nhello\r\nB\r\n, warehouse\r\n0\r\n\r\n";
        for (var length = 0; length < Chunks.Length; length++)
        {
            var part = Bytes(Chunks[..length]);
            Assert.False(HttpWire.TryJoinChunks(part, out _, out _));
            Assert.Equal(Chunks[..length], Encoding.UTF8.GetString(part));
        }

        var whole = Bytes(Chunks + "more");
        Assert.True(HttpWire.TryJoinChunks(whole, out var bytes, out var used));
        Assert.Equal("hello, warehouse", Encoding.UTF8.GetString(whole, 0, bytes));
        Assert.Equal(Chunks.Length, used);
    }

    [Theory]
    [InlineData("\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5;name=value\r\nhello\r\n0\r\n\r\n")]
    [InlineData("4\r\nhello\r\n0\r\n\r\n")]
    [InlineData("0\r\nTrailer: 1\r\n\r\n")]
    public void Chunks_that_are_wrong_or_carry_more_are_refused(string chunks)
    {
        Assert.Throws<BenchException>(() => HttpWire.TryJoinChunks(Bytes(chunks), out _, out _));
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
