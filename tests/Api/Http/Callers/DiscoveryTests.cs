using Holdfast.Tests.Journal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Holdfast.Tests.Api.Http.Callers;

/// <summary>An issuer that is asked for its keys: as its tokens name it, and only when it can be asked.</summary>
public sealed class DiscoveryTests : IAsyncLifetime
{
    private const string Path = "/v1/counters/x";

    private readonly TempDirectory _files = new();
    private readonly WebApplication _site;
    private TestIssuer _issuer = null!;
    private TestIssuer _customers = null!;
    private HttpHost _http = null!;
    private volatile bool _isAway;
    private int _asked;

    public DiscoveryTests()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        _site = builder.Build();
        _site.MapGet("/.well-known/openid-configuration", () =>
        {
            Interlocked.Increment(ref _asked);
            return _isAway
                ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable)
                : Results.Json(new { issuer = _issuer.Name, jwks_uri = _issuer.Name + "/keys" });
        });
        _site.MapGet("/keys", () => Results.Text(_issuer.PublicKeys, "application/json"));
    }

    public async Task InitializeAsync()
    {
        await _site.StartAsync();
        _issuer = new(_site.Urls.First(), "holdfast", System.IO.Path.Combine(_files.Path, "unused.json"));
        var customerKeys = System.IO.Path.Combine(_files.Path, "customers.json");
        _customers = new("https://login.example/customers", "holdfast", customerKeys);
        _http = new()
        {
            IsOpen = true,
            More =
            [
                "--Holdfast:Jwt:Issuer", _issuer.Name, "--Holdfast:Jwt:Audience", _issuer.Audience,
                "--Holdfast:CustomerJwt:Issuer", _customers.Name, "--Holdfast:CustomerJwt:Audience", _customers.Audience,
                "--Holdfast:CustomerJwt:KeysFile", customerKeys,
            ],
        };
        await _http.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _http.DisposeAsync();
        await _site.DisposeAsync();
        _issuer.Dispose();
        _customers.Dispose();
        _files.Dispose();
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    public async Task The_keys_of_an_issuer_are_found_where_it_publishes_them(string algorithm)
    {
        (await _http.As(_issuer.Token("ada", "operate", algorithm: algorithm), HttpMethod.Get, Path)).Is(200);
        var elsewhere = _customers.Token("ada", "operate", claims => claims["iss"] = _issuer.Name, algorithm);
        (await _http.As(elsewhere, HttpMethod.Get, Path)).IsProblem(401, "unauthenticated");
    }

    [Fact]
    public async Task While_an_issuer_cannot_be_asked_its_tokens_are_for_later_and_what_is_none_of_them_is_refused()
    {
        _isAway = true;
        var token = _issuer.Token("ada", "operate");
        var unavailable = (await _http.As(token, HttpMethod.Get, Path)).IsProblem(503, "unavailable");
        Assert.Equal("5", unavailable.Headers["Retry-After"]);
        var asked = _asked;
        var strangers = _customers.Token("x", null, static claims => claims["iss"] = "https://elsewhere.example");
        foreach (var other in new[] { "what", "a.b.c", strangers })
            (await _http.As(other, HttpMethod.Get, Path)).IsProblem(401, "unauthenticated");
        (await _http.As(_customers.Token("carl"), HttpMethod.Get, "/v1/orders")).Is(200);
        Assert.Equal(asked, _asked);

        _isAway = false;
        await Eventually.True(
            async () => (await _http.As(token, HttpMethod.Get, Path)).Status == 200, static () => "the issuer should be asked again");
        _isAway = true;
        (await _http.As(token, HttpMethod.Get, Path)).Is(200);
    }

    [Fact]
    public async Task An_address_at_which_nobody_answers_is_no_reason_to_refuse_a_token()
    {
        await _site.StopAsync();
        (await _http.As(_issuer.Token("ada", "operate"), HttpMethod.Get, Path)).IsProblem(503, "unavailable");
    }
}
