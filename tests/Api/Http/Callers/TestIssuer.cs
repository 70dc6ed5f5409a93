using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Holdfast.Tests.Api.Http.Callers;

/// <summary>An issuer of tokens, with a key that is made anew, and its public half in a file.</summary>
internal sealed class TestIssuer : IDisposable
{
    private readonly RSA _key = RSA.Create(2048);
    private readonly ECDsa _curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public TestIssuer(string name, string audience, string keysFile)
    {
        (Name, Audience) = (name, audience);
        var (rsa, point) = (_key.ExportParameters(false), _curve.ExportParameters(false));
        PublicKeys = JsonSerializer.Serialize(new
        {
            keys = new object[]
            {
                new { kty = "RSA", use = "sig", kid = "r", n = Text(rsa.Modulus!), e = Text(rsa.Exponent!) },
                new { kty = "EC", use = "sig", kid = "e", crv = "P-256", x = Text(point.Q.X!), y = Text(point.Q.Y!) },
            },
        });
        File.WriteAllText(keysFile, PublicKeys);
    }

    public string Name { get; }

    public string Audience { get; }

    public string PublicKeys { get; }

    public byte[] Modulus => _key.ExportParameters(false).Modulus!;

    public string PublicPem => _key.ExportSubjectPublicKeyInfoPem();

    public void Dispose()
    {
        _key.Dispose();
        _curve.Dispose();
    }

    /// <summary>A token that holds, unless a claim or a header takes another value; null leaves it out.</summary>
    public string Token(
        string subject, string? scope = null, Action<Dictionary<string, object?>>? change = null, string algorithm = "RS256") =>
        Sign(algorithm, Claims(subject, scope, change), bytes => Sign(algorithm, bytes));

    /// <summary>A token that holds for whoever passes over what its header says is critical.</summary>
    public string CriticalToken(string subject, string scope) =>
        Sign("RS256", Claims(subject, scope), bytes => Sign("RS256", bytes), critical: ["x"]);

    public Dictionary<string, object?> Claims(string subject, string? scope = null, Action<Dictionary<string, object?>>? change = null)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var claims = new Dictionary<string, object?>
        {
            ["iss"] = Name,
            ["aud"] = Audience,
            ["sub"] = subject,
            ["scope"] = scope,
            ["iat"] = now - 10,
            ["nbf"] = now - 10,
            ["exp"] = now + 600,
        };
        change?.Invoke(claims);
        return claims;
    }

    public static string Sign(
        string algorithm, Dictionary<string, object?> claims, Func<byte[], byte[]> sign, IReadOnlyList<string>? critical = null)
    {
        var payload = claims.Where(static claim => claim.Value is not null).ToDictionary();
        var header = new Dictionary<string, object> { ["alg"] = algorithm, ["typ"] = "JWT", ["kid"] = algorithm == "ES256" ? "e" : "r" };
        if (critical is not null) header["crit"] = critical;
        var head = Text(JsonSerializer.SerializeToUtf8Bytes(header));
        var unsigned = $"{head}.{Text(JsonSerializer.SerializeToUtf8Bytes(payload))}";
        return $"{unsigned}.{Text(sign(Encoding.ASCII.GetBytes(unsigned)))}";
    }

    private byte[] Sign(string algorithm, byte[] bytes) => algorithm == "ES256"
        ? _curve.SignData(bytes, HashAlgorithmName.SHA256)
        : _key.SignData(bytes, HashAlgorithmName.SHA256, algorithm == "PS256" ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);

    private static string Text(byte[] bytes) => Base64UrlEncoder.Encode(bytes);
}
