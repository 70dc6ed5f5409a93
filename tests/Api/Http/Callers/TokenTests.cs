using System.Security.Cryptography;
using System.Text;
using Holdfast.Contracts.Callers;

namespace Holdfast.Tests.Api.Http.Callers;

/// <summary>Callers who are known by a token of an issuer: only when everything about it is right, and no word on what is not.</summary>
public sealed class TokenTests(TokenHost host) : IClassFixture<TokenHost>
{
    private const string Path = "/v1/counters/x";

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    public async Task A_token_of_the_issuer_lets_in_with_the_scopes_that_it_says(string algorithm)
    {
        var token = host.Staff.Token("ada", "openid operate events:read", algorithm: algorithm);
        (await host.Http.As(token, HttpMethod.Get, Path)).Is(200);
        (await host.Http.As(token, HttpMethod.Get, "/v1/keys")).IsProblem(403, "forbidden");
        var many = host.Staff.Token("ada", null, static claims => claims["scope"] = new[] { "openid", "operate" }, algorithm);
        (await host.Http.As(many, HttpMethod.Get, Path)).Is(200);
        (await host.Http.As(host.Staff.Token("ada", null), HttpMethod.Get, Path)).IsProblem(403, "forbidden");
    }

    [Fact]
    public async Task A_key_lets_in_beside_tokens_and_nobody_is_let_in_unknown()
    {
        (await host.Http.As(null, HttpMethod.Get, Path)).IsProblem(401, "unauthenticated");
        var body = $$"""{"name":"{{HttpHost.Name("shop")}}","scopes":["operate"]}""";
        var made = (await host.Http.As(host.Staff.Token("ada", "keys operate"), HttpMethod.Post, "/v1/keys", body)).Is(201);
        (await host.Http.As(made.Text("key"), HttpMethod.Get, Path)).Is(200);
    }

    [Fact]
    public async Task A_token_with_anything_wrong_is_refused_and_every_one_in_the_same_words()
    {
        var refused = new HashSet<string>();
        foreach (var (what, token) in Wrong())
        {
            var answer = await host.Http.As(token, HttpMethod.Get, Path);
            Assert.True(answer.Status == 401, $"{what}: {answer.Status} {answer.Body}");
            answer.IsProblem(401, "unauthenticated");
            Assert.Equal((what, "Bearer"), (what, answer.Headers["WWW-Authenticate"]));
            refused.Add(answer.Body.Replace(answer.Text("traceId")!, "", StringComparison.Ordinal));
        }

        refused.Add(Without(await host.Http.As(null, HttpMethod.Get, Path)));
        refused.Add(Without(await host.Http.As(null, HttpMethod.Get, Path, null, ("Authorization", "Basic YTpi"))));
        Assert.Single(refused);
    }

    [Fact]
    public async Task Two_tokens_at_once_are_none()
    {
        var token = host.Staff.Token("ada", "operate");
        (await host.Http.As(token, HttpMethod.Get, Path, null, ("Authorization", $"Bearer {token}"))).IsProblem(401, "unauthenticated");
    }

    [Fact]
    public async Task Keys_of_requests_of_different_callers_never_meet()
    {
        const string Body = """{"delta":1}""";
        var path = $"/v1/counters/{HttpHost.Name("counter")}/increments";
        foreach (var subject in new[] { "ada", "bob" })
        {
            var token = host.Staff.Token(subject, "operate");
            Assert.False((await host.Http.As(token, HttpMethod.Post, path, Body, ("Idempotency-Key", "k"))).Is(200).Replayed);
            Assert.True((await host.Http.As(token, HttpMethod.Post, path, Body, ("Idempotency-Key", "k"))).Is(200).Replayed);
        }
    }

    private IEnumerable<(string What, string Token)> Wrong()
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var (issuer, right) = (host.Staff, host.Staff.Token("ada", "operate"));
        yield return ("issuer", issuer.Token("ada", "operate", static claims => claims["iss"] = "https://login.example/other"));
        yield return ("no issuer", issuer.Token("ada", "operate", static claims => claims["iss"] = null));
        yield return ("issuer in capitals", issuer.Token("ada", "operate", static claims => claims["iss"] = "https://LOGIN.example/shop"));
        yield return ("audience", issuer.Token("ada", "operate", static claims => claims["aud"] = "other"));
        yield return ("no audience", issuer.Token("ada", "operate", static claims => claims["aud"] = null));
        yield return ("expired", issuer.Token("ada", "operate", claims => claims["exp"] = now - 31));
        yield return ("no end", issuer.Token("ada", "operate", static claims => claims["exp"] = null));
        yield return ("not yet", issuer.Token("ada", "operate", claims => claims["nbf"] = now + 60));
        yield return ("no subject", issuer.Token("ada", "operate", static claims => claims["sub"] = null));
        yield return ("long subject", issuer.Token(new string('a', 256), "operate"));
        yield return ("subject of two lines", issuer.Token("a\nb", "operate"));
        yield return ("key of another issuer", host.Customers.Token("ada", "operate", claims => claims["iss"] = issuer.Name));
        yield return ("algorithm that is not allowed", TestIssuer.Sign("RS384", issuer.Claims("ada", "operate"), static _ => [1]));
        foreach (var none in new[] { "none", "None", "NONE", "" })
        {
            yield return ($"alg {none}", TestIssuer.Sign(none, issuer.Claims("ada", "operate"), static _ => []));
            yield return ($"alg {none}, signed", TestIssuer.Sign(none, issuer.Claims("ada", "operate"), static _ => [1]));
        }

        // A server that takes the public key for a shared secret would be fooled by these.
        byte[][] secrets = [Encoding.ASCII.GetBytes(issuer.PublicPem), issuer.Modulus, Encoding.ASCII.GetBytes(issuer.PublicKeys)];
        foreach (var secret in secrets)
        {
            var claims = issuer.Claims("ada", "operate");
            yield return ("public key as a secret", TestIssuer.Sign("HS256", claims, bytes => HMACSHA256.HashData(secret, bytes)));
        }

        yield return ("an extension that nobody here knows", issuer.CriticalToken("ada", "operate"));
        yield return ("no signature", right[..(right.LastIndexOf('.') + 1)]);
        yield return ("no third part", right[..right.LastIndexOf('.')]);
        var (parts, others) = (right.Split('.'), issuer.Token("eve", "keys").Split('.'));
        yield return ("another's claims", $"{parts[0]}.{others[1]}.{parts[2]}");
        yield return ("garbage", "what");
        yield return ("empty", "");
        yield return ("dots", "..");
        yield return ("five parts", "a.b.c.d.e");
        yield return ("an invented key", KeyText.Draw(new byte[32]).Text);
    }

    private static string Without(Answer answer) => answer.Body.Replace(answer.Text("traceId")!, "", StringComparison.Ordinal);
}
