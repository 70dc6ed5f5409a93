using System.Net;
using Holdfast.Api.Http.Callers;
using Holdfast.Contracts.Callers;

namespace Holdfast.Tests.Api.Http.Callers;

/// <summary>Before there is a key: whoever is on this machine is let in; from the first key on, nobody who is unknown.</summary>
public sealed class OpenLoopbackTests : IAsyncLifetime
{
    private readonly HttpHost _http = new() { IsOpen = true };

    public Task InitializeAsync() => _http.InitializeAsync();

    public Task DisposeAsync() => _http.DisposeAsync();

    [Fact]
    public async Task It_is_open_to_this_machine_until_a_key_was_made_and_then_for_good_to_nobody_unknown()
    {
        (await _http.Get("/v1/counters/x")).Is(200);
        foreach (var host in new[] { "localhost", "LOCALHOST:80", "127.0.0.1:5080", "[::1]:1" })
            (await _http.Get("/", ("Host", host))).Is(200);
        string[] forwarded = ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Server", "x-forwarded-x"];
        foreach (var header in forwarded.Concat(["Forwarded", "X-Real-IP", "VIA"]))
            (await _http.Get("/", (header, "1.1 x"))).IsProblem(401, "unauthenticated");
        (await _http.Get("/", ("Authorization", "Bearer x"))).IsProblem(401, "unauthenticated");
        (await _http.Get("/", ("Authorization", "Basic eDp5"))).IsProblem(401, "unauthenticated");

        var made = (await _http.Post("/v1/keys", """{"name":"first","scopes":["keys"]}""")).Is(201);
        (await _http.Get("/v1/counters/x")).IsProblem(401, "unauthenticated");
        var key = made.Text("key")!;
        (await _http.As(key, HttpMethod.Get, "/v1/keys")).Is(200);
        (await _http.As(key, HttpMethod.Post, $"/v1/keys/{made.Text("id")}/revoke")).Is(200);
        (await _http.As(key, HttpMethod.Get, "/v1/keys")).IsProblem(401, "unauthenticated");
        (await _http.Get("/v1/counters/x")).IsProblem(401, "unauthenticated");
        (await _http.Get("/health/ready")).Is(200);
    }

    [Fact]
    public async Task A_request_of_http_1_0_is_taken_for_a_proxys()
    {
        (Version, HttpStatusCode)[] cases =
            [(HttpVersion.Version11, HttpStatusCode.OK), (HttpVersion.Version10, HttpStatusCode.Unauthorized)];
        foreach (var (version, status) in cases)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/counters/x")
            {
                Version = version,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            using var response = await _http.Client.SendAsync(request);
            Assert.Equal((version, status), (version, response.StatusCode));
        }
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LocalHost:5080", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("[::1]", true)]
    [InlineData("[::1]:80", true)]
    [InlineData("", false)]
    [InlineData("127.0.0.2", false)]
    [InlineData("localhost.shop.example", false)]
    [InlineData("127.0.0.1.shop.example:80", false)]
    [InlineData("shop.example", false)]
    [InlineData("[::2]:80", false)]
    [InlineData("localhost:80:80", false)]
    public void A_name_of_this_machine_is_known(string host, bool isLoopback) => Assert.Equal(isLoopback, OpenLoopback.IsLoopback(host));

    [Fact]
    public async Task A_request_before_the_first_key_and_one_after_it_have_different_callers()
    {
        const string Body = """{"delta":1}""";
        (await _http.Post("/v1/counters/c/increments", Body, "k")).Is(200);
        Assert.True((await _http.Post("/v1/counters/c/increments", Body, "k")).Is(200).Replayed);
        var key = await _http.MakeKey("anonymous", Scopes.All);
        Assert.False((await _http.As(key, HttpMethod.Post, "/v1/counters/c/increments", Body, ("Idempotency-Key", "k"))).Is(200).Replayed);
    }
}
