using System.Collections.Frozen;
using System.Security.Claims;
using System.Text.Json;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts.Callers;
using Holdfast.Silo;
using Holdfast.Silo.Settings;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Holdfast.Api.Http.Callers;

/// <summary>Callers who are known by the tokens of an OpenID Connect issuer, one for those of the shop and one for its customers.</summary>
internal sealed class Tokens(HoldfastSettings settings, IOptionsMonitor<JwtBearerOptions> schemes)
{
    private const string Staff = "jwt";
    private const string Customers = "customer-jwt";

    /// <summary>Characters in the name that an issuer has for somebody.</summary>
    private const int MaxSubject = 255;

    private const string Critical = "crit";

    private static readonly JsonWebTokenHandler Reader = new();

    /// <summary>How far the clocks of an issuer and of this machine may be apart.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    /// <summary>How long an issuer may take to say what its keys are.</summary>
    private static readonly TimeSpan IssuerPatience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    /// <summary>What a customer may do with what is its own, whatever its token claims.</summary>
    private static readonly FrozenSet<string> CustomerScopes =
        [Scopes.CustomersRead, Scopes.CustomersWrite, Scopes.OrdersRead, Scopes.OrdersWrite];

    /// <exception cref="StartRefusedException">A file of keys cannot be read; the message says which, and why.</exception>
    public static void Add(IServiceCollection services, HoldfastSettings settings)
    {
        // No scheme is anybody's default: the door asks, and asks once.
        var schemes = services.AddAuthentication(static options => options.DefaultScheme = "none");
        if (settings.Jwt.IsConfigured) Add(schemes, Staff, settings.Jwt);
        if (settings.CustomerJwt.IsConfigured) Add(schemes, Customers, settings.CustomerJwt);
    }

    /// <summary>Whose token the request carries; null when it is none that holds here.</summary>
    /// <exception cref="RefusedRequestException">503: the issuer's keys cannot be had.</exception>
    public async ValueTask<Caller?> Find(HttpContext context, string token, CancellationToken cancellationToken)
    {
        // Not verified yet: it only says who is to be asked.
        if (IssuerOf(token) is not { } issuer) return null;
        if (issuer == settings.Jwt.Issuer && await Read(context, Staff, cancellationToken) is { } staff) return OfStaff(staff, issuer);
        return issuer == settings.CustomerJwt.Issuer && await Read(context, Customers, cancellationToken) is { } customer
            ? OfCustomer(customer, issuer)
            : null;
    }

    private static Caller? OfStaff(ClaimsPrincipal token, string issuer) =>
        Subject(token) is { } subject
            ? new($"jwt:{issuer}|{subject}", Caller.Known(token.FindAll("scope").SelectMany(static claim => claim.Value.Split(' '))))
            : null;

    /// <summary>What its token says of scopes is not looked at.</summary>
    private static Caller? OfCustomer(ClaimsPrincipal token, string issuer) =>
        Subject(token) is { } subject && Names.IsName(subject) ? new($"jwt:{issuer}|{subject}", CustomerScopes, subject) : null;

    private static string? Subject(ClaimsPrincipal token) =>
        token.FindFirst("sub")?.Value is { Length: > 0 and <= MaxSubject } subject && Checks.IsOneLine(subject) ? subject : null;

    /// <summary>Null, too, for a token that is not to be taken without extensions that nobody here knows (RFC 7515, 4.1.11).</summary>
    private static string? IssuerOf(string token)
    {
        try
        {
            if (!Reader.CanReadToken(token)) return null;
            var read = Reader.ReadJsonWebToken(token);
            return read.TryGetHeaderValue<object>(Critical, out _) ? null : read.Issuer;
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or SecurityTokenException or FormatException or JsonException)
        {
            return null;
        }
    }

    private async Task<ClaimsPrincipal?> Read(HttpContext context, string scheme, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(IssuerPatience);
        try
        {
            // Whoever verifies the token takes keys that cannot be had for a token that does not hold.
            if (schemes.Get(scheme).ConfigurationManager is { } issuer)
                await issuer.GetConfigurationAsync(limit.Token).WaitAsync(limit.Token);
            return (await context.AuthenticateAsync(scheme)).Principal;
        }
        catch (Exception exception) when (exception is InvalidOperationException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // What the issuer publishes could not be read. Not a word of the token is in there, nor of what is wrong with it.
            throw new RefusedRequestException(
                new Problem(ProblemKind.Unavailable, "The keys of the token's issuer cannot be had. Repeat the request after a moment.")
                {
                    RetryAfter = RetryAfter,
                },
                exception);
        }
    }

    private static void Add(AuthenticationBuilder schemes, string scheme, JwtOptions issuer)
    {
        var keys = issuer.KeysFile is { } file ? ReadKeys(file) : null;
        schemes.AddJwtBearer(scheme, options =>
        {
            if (keys is null) options.Authority = issuer.Issuer;
            options.RequireHttpsMetadata = !issuer.IsOnThisMachine;
            options.BackchannelTimeout = IssuerPatience;
            options.MapInboundClaims = false;
            options.IncludeErrorDetails = false;
            options.SaveToken = false;
            options.TokenValidationParameters = new()
            {
                ValidateIssuer = true,
                ValidIssuer = issuer.Issuer,
                ValidateAudience = true,
                RequireAudience = true,
                ValidAudience = issuer.Audience,
                ValidAlgorithms = issuer.Algorithms.Split(';'),
                RequireSignedTokens = true,
                ValidateIssuerSigningKey = true,
                IssuerSigningKeys = keys,
                ValidateLifetime = true,
                RequireExpirationTime = true,
                ClockSkew = ClockSkew,
            };
        });
    }

    private static IList<SecurityKey> ReadKeys(string file)
    {
        try
        {
            var keys = new JsonWebKeySet(File.ReadAllText(file)).GetSigningKeys();
            if (keys.Count > 0) return keys;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartRefusedException($"The file of an issuer's keys, {file}, cannot be read: {unreadable.Message}", unreadable);
        }

        throw new StartRefusedException(
            $"The file of an issuer's keys, {file}, has none to verify a token with: it is a JSON Web Key Set.");
    }
}
