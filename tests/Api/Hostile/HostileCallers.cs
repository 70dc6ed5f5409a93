using System.Security.Cryptography;
using System.Text;
using Holdfast.Contracts.Callers;
using Holdfast.Tests.Api.Http.Callers;

namespace Holdfast.Tests.Api.Hostile;

/// <summary>Who sends the requests: somebody who may do everything, people who may do little, and people whom nobody knows.</summary>
internal sealed class HostileCallers
{
    private const string Hex = "0123456789abcdef";
    private const string Base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private readonly string _key;
    private readonly string _limitedKey;
    private readonly string _staff;
    private readonly string _staffWithout;
    private readonly string _customer;
    private readonly string[] _noTokens;

    /// <param name="key">With every scope.</param>
    /// <param name="limitedKey">With the scope events:read.</param>
    public HostileCallers(string key, string limitedKey, TestIssuer staff, TestIssuer customers)
    {
        (_key, _limitedKey) = (key, limitedKey);
        var all = string.Join(' ', Scopes.All);
        (_staff, _staffWithout) = (staff.Token("ada", all, Lasting), staff.Token("bob", "", Lasting));
        _customer = customers.Token("nobody-who-ordered", null, Lasting);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var claims = staff.Claims("ada", all);
        _noTokens =
        [
            staff.Token("ada", all, static claims => claims["iss"] = "https://evil.example"),
            staff.Token("ada", all, static claims => claims["aud"] = "another"),
            staff.Token("ada", all, static claims => claims["aud"] = null),
            staff.Token("ada", all, static claims => claims["exp"] = null),
            staff.Token("ada", all, claims => claims["exp"] = now - 3_600),
            staff.Token("ada", all, claims => claims["nbf"] = now + 3_600),
            staff.Token("ada", all, static claims => claims["exp"] = "tomorrow"),
            staff.Token("ada", all, static claims => claims["exp"] = 1e300),
            staff.Token("ada", all, static claims => claims["exp"] = -1),
            staff.Token("", all),
            staff.Token(new string('s', 256), all),
            staff.Token("a\nb", all),
            staff.Token("a\u0000b", all),
            staff.Token("ada", all, static claims => claims["sub"] = null),
            customers.Token("\u202Ecarl"),
            customers.Token(" carl"),
            customers.Token("ada", all, claims => claims["iss"] = staff.Name),
            TestIssuer.Sign("none", claims, static _ => []),
            TestIssuer.Sign("NONE", claims, static _ => []),
            TestIssuer.Sign("HS256", claims, bytes => HMACSHA256.HashData(Encoding.ASCII.GetBytes(staff.PublicPem), bytes)),
            TestIssuer.Sign("HS256", claims, bytes => HMACSHA256.HashData(staff.Modulus, bytes)),
            TestIssuer.Sign("RS256", claims, static bytes => SHA256.HashData(bytes)),
            TestIssuer.Sign("ES256", claims, static _ => new byte[64]),
            TestIssuer.Sign("", claims, static _ => [1]),
            "a.b.c", "..", ".", "eyJhbGciOiJub25lIn0..", "eyJ.eyJ.x", "null", "undefined", new string('a', 4_000), new string('.', 1_000),
            string.Join('.', Enumerable.Repeat("eyJhbGciOiJSUzI1NiJ9", 5)), "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0....", "%00", "\u00E4",
        ];

        static void Lasting(Dictionary<string, object?> claims) => claims["exp"] = (long)claims["iat"]! + 86_400;
    }

    /// <summary>Texts that nobody but their holders may hear.</summary>
    public static string[] SecretsIn(Draft draft) =>
    [
        .. draft.Headers.Where(static header => header.Name == "Authorization")
            .SelectMany(static header => header.Value.Split(' ', ',')).Where(static part => part.Length > 40),
    ];

    /// <summary>Lets in whoever may do what the request does.</summary>
    public void Admit(Draft draft, Random random) => Say(draft, random.Next(20) switch
    {
        0 => _staff,
        1 => "  " + _key,
        _ => _key,
    });

    /// <summary>Any of those who are known: a request that is spoilt is refused to each.</summary>
    public void AdmitAny(Draft draft, Random random)
    {
        Say(draft, random.Pick([_limitedKey, _staffWithout, _customer]));
        draft.Spoilt.Add("a caller who may do little");
    }

    public void Spoil(Draft draft, Random random)
    {
        if (draft.Target.NeedsMoreThanEvents && random.OneIn(3))
        {
            // What is there is somebody else's: a customer who is let in finds nothing of it.
            Say(draft, random.Pick([_limitedKey, _staffWithout, _customer]));
            draft.Spoilt.Add("a caller who may not do it");
            return;
        }

        draft.Set("Authorization", random.Next(12) switch
        {
            0 => null,
            1 => random.Pick(["", "Bearer", "Bearer ", "Basic eDp5", "Digest x",
                "Bearer\t" + _key, "Bearer" + _key, _key, "Token " + _key, "Bearer " + _key + " x", "Bearer " + _key + ","]),
            2 => $"Bearer hf_{random.Hex(16)}_{random.Hex(64)}_{random.Hex(32)}",
            3 => "Bearer " + random.WithOneChanged(_key, 3, Hex),
            4 => "Bearer " + _key[..random.Next(3, _key.Length)],
            5 => "Bearer " + _key + random.Pick(["0", "_", "%00", "\u00E4"]),
            6 => "Bearer " + random.WithOneChanged(_staff, 0, Base64),
            7 => "Bearer " + _staff[..(_staff.LastIndexOf('.') + 1)],
            8 => "Bearer " + _key.ToUpperInvariant(),
            9 => "Bearer " + random.Latin(random.Next(1, 300)),
            _ => "Bearer " + random.Pick(_noTokens),
        });
        if (random.OneIn(12))
        {
            Say(draft, _key);
            draft.Headers.Add(("Authorization", "Bearer " + _key));
        }

        draft.Spoilt.Add("a caller whom nobody knows");
    }

    private static void Say(Draft draft, string token) => draft.Set("Authorization", "Bearer " + token);
}
