using System.Text;
using Holdfast.Bench;
using Holdfast.Bench.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Holdfast.Tests.Bench.Http;

/// <summary>The bench's own HTTP client against a real Kestrel.</summary>
public sealed class HttpConnectionsTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly WebApplication _server = Build();
    private readonly CancellationTokenSource _limit = new(Limit);
    private HttpConnections _connections = null!;

    public async Task InitializeAsync()
    {
        await _server.StartAsync();
        _connections = await HttpConnections.Open(new(_server.Urls.Single()), callers: 1, _limit.Token);
    }

    public async Task DisposeAsync()
    {
        _connections.Dispose();
        _limit.Dispose();
        await _server.StopAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task One_connection_carries_one_request_after_the_other()
    {
        var first = await Send("/connection");
        var second = await Send("/connection");

        Assert.Equal(200, first.Status);
        Assert.NotEqual("", first.Body);
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task The_body_that_is_sent_arrives()
    {
        Assert.Equal((200, "a body"), await Send("/echo", "a body"));
    }

    [Fact]
    public async Task A_body_in_chunks_is_read_whole_and_the_next_request_follows()
    {
        Assert.Equal((200, "one, two, three"), await Send("/chunks"));
        Assert.Equal((200, "again"), await Send("/echo", "again"));
    }

    [Fact]
    public async Task A_body_that_comes_in_many_pieces_is_read_whole()
    {
        Assert.Equal((200, new string('x', 50_000)), await Send("/long"));
    }

    [Fact]
    public async Task A_refusal_is_given_back_as_it_is()
    {
        Assert.Equal((409, "sold out"), await Send("/refused"));
        Assert.Equal((200, "again"), await Send("/echo", "again"));
    }

    [Fact]
    public async Task A_response_beyond_the_bound_is_refused()
    {
        await Assert.ThrowsAsync<BenchException>(() => Send("/endless"));
    }

    [Fact]
    public async Task A_connection_that_ends_without_an_answer_is_reported()
    {
        await Assert.ThrowsAsync<BenchException>(() => Send("/abort"));
    }

    private async Task<(int Status, string Body)> Send(string path, string body = "")
    {
        var request = $"POST {path} HTTP/1.1\r\nHost: test\r\nContent-Length: {body.Length}\r\n\r\n{body}";
        var reply = await _connections.Send(0, Encoding.UTF8.GetBytes(request)).AsTask().WaitAsync(_limit.Token);
        return (reply.Status, Encoding.UTF8.GetString(reply.Body.Span));
    }

    private static WebApplication Build()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapPost("/connection", static (HttpContext context) => context.Connection.Id);
        app.MapPost("/echo", static (Stream body) => new StreamReader(body).ReadToEndAsync());
        app.MapPost("/chunks", static (HttpContext context) => WriteChunks(context.Response, ["one, ", "two, ", "three"]));
        app.MapPost("/long", static () => new string('x', 50_000));
        app.MapPost("/endless", static () => new string('x', 70_000));
        app.MapPost("/refused", static () => Results.Text("sold out", statusCode: 409));
        app.MapPost("/abort", static (HttpContext context) => context.Abort());
        return app;
    }

    private static async Task WriteChunks(HttpResponse response, string[] chunks)
    {
        foreach (var chunk in chunks)
        {
            await response.WriteAsync(chunk);
            await response.Body.FlushAsync();
        }
    }
}
