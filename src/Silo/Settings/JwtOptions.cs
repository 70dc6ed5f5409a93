using System.ComponentModel.DataAnnotations;

namespace Holdfast.Silo.Settings;

/// <summary>The section <c>Holdfast:Jwt</c>: whose tokens let the people and programs of the shop in.</summary>
public class JwtOptions
{
    /// <summary>What tokens are signed with: pairs of keys, of which the issuer keeps one to itself.</summary>
    private const string Pairs = "RS256|RS384|RS512|PS256|PS384|PS512|ES256|ES384|ES512";

    /// <summary>
    /// The issuer as its tokens name it (<c>iss</c>), and where it publishes its keys (OpenID Connect discovery). Null for none.
    /// </summary>
    [RegularExpression(@"https?://[^|\s]+", ErrorMessage = "{0} must be the URL of an issuer, such as https://login.example/shop.")]
    public string? Issuer { get; set; }

    /// <summary>What its tokens for this server are for (<c>aud</c>).</summary>
    public string? Audience { get; set; }

    /// <summary>How its tokens may be signed, with <c>;</c> between the names.</summary>
    [Required]
    [RegularExpression(
        $"({Pairs})(;({Pairs}))*",
        ErrorMessage = "{0} must be names of RFC 7518 such as RS256, with ';' between them, and none with a shared secret.")]
    public string Algorithms { get; set; } = "RS256;PS256;ES256";

    /// <summary>A file with the issuer's public keys (a JSON Web Key Set), instead of asking the issuer. Null to ask it.</summary>
    public string? KeysFile { get; set; }

    public bool IsConfigured => Issuer is not null;

    /// <summary>What it says comes over no network: it need not be encrypted.</summary>
    public bool IsOnThisMachine => Uri.TryCreate(Issuer, UriKind.Absolute, out var url) && url.IsLoopback;
}

/// <summary>
/// The section <c>Holdfast:CustomerJwt</c>: whose tokens let customers in, each to what is its own. A token's <c>sub</c> is the customer.
/// </summary>
public sealed class CustomerJwtOptions : JwtOptions;
