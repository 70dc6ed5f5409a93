using System.Net;
using System.Text;
using Xunit.Sdk;

namespace Holdfast.Tests.Api.Http.OpenApi;

/// <summary>Whoever holds exchanges against the document notices each way in which one of them can be another one.</summary>
public sealed class CheckedExchangesTests : IDisposable
{
    private const string Document = """
        {"paths":{"/v1/things/{id}":{
          "get":{"responses":{"200":{"headers":{"Request-Id":{"$ref":"#/components/headers/Request-Id"}},
            "content":{"application/json":{"schema":{"$ref":"#/components/schemas/Thing"}}}}}},
          "put":{"parameters":[{"name":"Key","in":"header","required":true}],
            "requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Thing"}}}},
            "responses":{"204":{},"422":{}}}}},
         "components":{"headers":{"Request-Id":{"required":true}},
          "schemas":{"Thing":{"type":"object","required":["at"],"properties":{"at":{"type":"string","format":"date-time"},
            "parts":{"type":"array","items":{"$ref":"#/components/schemas/Part"}}}},
           "Part":{"type":"integer"}}}}
        """;

    private const string Thing = """{"at":"2026-03-01T12:00:00.000Z","parts":[1]}""";

    private readonly Server _server = new();
    private readonly HttpClient _client;

    public CheckedExchangesTests() => _client = new(new CheckedExchanges(_server)) { BaseAddress = new("http://localhost") };

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task What_is_as_described_passes()
    {
        (await Get(200, Thing)).Dispose();
        (await Put(204, Thing, key: true)).Dispose();

        // Whoever is refused may have sent anything.
        (await Put(422, "[]", key: false)).Dispose();
    }

    [Theory]
    [InlineData(201, Thing, "application/json", true, "the status is not documented")]
    [InlineData(200, Thing, "text/plain", true, "it is 'text/plain', which is not documented")]
    [InlineData(200, Thing, "application/json", false, "it has no header Request-Id")]
    [InlineData(200, """{"at":"2026-03-01T12:00:00.000Z","parts":[1,"2"]}""", "application/json", true, "'/parts/1'")]
    [InlineData(200, """{"at":"yesterday"}""", "application/json", true, "'/at'")]
    [InlineData(200, "{}", "application/json", true, "\"at\"")]
    public async Task An_answer_that_is_another_one_is_noticed(int status, string body, string mediaType, bool id, string said)
    {
        var failure = await Assert.ThrowsAsync<XunitException>(() => Get(status, body, mediaType, id));
        Assert.Contains(said, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_header_or_a_body_that_nobody_knows_is_noticed()
    {
        _server.Answer = () => Response(204, "", "application/json", false, ("Extra", "1"));
        var header = await Assert.ThrowsAsync<XunitException>(() => SendPut(Thing, key: true));
        Assert.Contains("its header Extra is not documented", header.Message, StringComparison.Ordinal);
        var body = await Assert.ThrowsAsync<XunitException>(() => Put(422, Thing, key: true, answer: "{}"));
        Assert.Contains("it has a body, and none is documented", body.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Thing, false, "without its required header Key")]
    [InlineData("""{"at":1}""", true, "request '/at'")]
    public async Task A_request_that_should_not_have_been_taken_is_noticed(string body, bool key, string said)
    {
        var failure = await Assert.ThrowsAsync<XunitException>(() => Put(204, body, key));
        Assert.Contains(said, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DELETE", "/v1/things/1", 405, true)]
    [InlineData("DELETE", "/v1/things/1", 200, false)]
    [InlineData("GET", "/v1/nothing", 404, true)]
    [InlineData("GET", "/v1/nothing", 200, false)]
    public async Task What_is_not_described_is_not_there(string method, string path, int status, bool passes)
    {
        _server.Answer = () => Response(status, "{}", "application/json", true);
        using var request = new HttpRequestMessage(new(method), path);
        if (passes) (await _client.SendAsync(request)).Dispose();
        else await Assert.ThrowsAsync<XunitException>(() => _client.SendAsync(request));
    }

    private Task<HttpResponseMessage> Get(int status, string body, string mediaType = "application/json", bool id = true)
    {
        _server.Answer = () => Response(status, body, mediaType, id);
        return _client.GetAsync(new Uri("/v1/things/1", UriKind.Relative));
    }

    private Task<HttpResponseMessage> Put(int status, string body, bool key, string answer = "")
    {
        _server.Answer = () => Response(status, answer, "application/json", false);
        return SendPut(body, key);
    }

    private async Task<HttpResponseMessage> SendPut(string body, bool key)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/things/1") { Content = content };
        if (key) request.Headers.Add("Key", "1");
        return await _client.SendAsync(request);
    }

    private static HttpResponseMessage Response(
        int status, string body, string mediaType, bool id, params (string Name, string Value)[] headers)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, mediaType) };
        if (id) response.Headers.Add("Request-Id", "1");
        foreach (var (name, value) in headers) response.Headers.Add(name, value);
        return response;
    }

    /// <summary>Serves the document, and answers all else as it is told to.</summary>
    private sealed class Server : HttpMessageHandler
    {
        public Func<HttpResponseMessage> Answer { get; set; } = static () => throw new InvalidOperationException("Say what to answer.");

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(request.RequestUri!.AbsolutePath == "/openapi/v1.json"
                ? new HttpResponseMessage { Content = new StringContent(Document) }
                : Answer());
    }
}
