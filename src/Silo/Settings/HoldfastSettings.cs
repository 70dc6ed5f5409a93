using System.Net;
using Holdfast.Domain.Orders;
using Holdfast.Journal.Postgres;
using Holdfast.Outbox.Lanes;

namespace Holdfast.Silo.Settings;

/// <summary>The settings of this process, read once and checked: nobody else reads the section <c>Holdfast</c>.</summary>
public sealed class HoldfastSettings
{
    private HoldfastSettings(object[] sections, string? connectionString)
    {
        Options = sections.OfType<HoldfastOptions>().Single();
        Jwt = sections.OfType<JwtOptions>().Single(static section => section is not CustomerJwtOptions);
        Limits = sections.OfType<LimitOptions>().Single();
        CustomerJwt = sections.OfType<CustomerJwtOptions>().Single();
        Watch = sections.OfType<WatchOptions>().Single();
        ConnectionString = connectionString;
        Database = connectionString is null ? null : new(connectionString);
    }

    public HoldfastOptions Options { get; }

    /// <summary>Whose tokens let the people and programs of the shop in.</summary>
    public JwtOptions Jwt { get; }

    /// <summary>Whose tokens let customers in.</summary>
    public CustomerJwtOptions CustomerJwt { get; }

    /// <summary>How much a caller may ask.</summary>
    public LimitOptions Limits { get; }

    /// <summary>When signs of races are more than usual.</summary>
    public WatchOptions Watch { get; }

    /// <summary>Callers are known by tokens, too.</summary>
    public bool HasIssuer => Jwt.IsConfigured || CustomerJwt.IsConfigured;

    /// <summary>Of the shared database; null for the embedded store.</summary>
    public string? ConnectionString { get; }

    /// <summary>The shared database; null for the embedded store.</summary>
    internal PostgresDatabase? Database { get; }

    /// <exception cref="StartRefusedException">A setting is wrong, or is none; the message says which.</exception>
    /// <exception cref="Journal.JournalStoreException">The connection string cannot be understood.</exception>
    public static HoldfastSettings Read(IConfiguration configuration)
    {
        UnknownSettings.Refuse(configuration);
        LogLevels.Require(configuration);
        ListeningAddresses.Require(configuration);
        var sections = SettingsSections.All.Select(section => section.Read(configuration)).ToArray();
        TimeOrder.Require(sections.OfType<OrderOptions>().Single(), sections.OfType<OutboxOptions>().Single());
        foreach (var issuer in sections.OfType<JwtOptions>()) RequireWhole(issuer);
        RequireDifferent([.. sections.OfType<JwtOptions>()]);
        RequireAddresses(sections.OfType<LimitOptions>().Single());
        var connectionString = configuration.GetConnectionString(HoldfastOptions.ConnectionString);
        return new(sections, string.IsNullOrWhiteSpace(connectionString) ? null : connectionString);
    }

    /// <summary>An issuer without an audience would let in whoever has its token for anything else.</summary>
    private static void RequireWhole(JwtOptions issuer)
    {
        var section = SettingsSections.All.Single(section => section.Type == issuer.GetType()).Path;
        if (issuer.IsConfigured == string.IsNullOrEmpty(issuer.Audience))
            throw new StartRefusedException($"{section}:Issuer and {section}:Audience go together: set both, or none.");
        if (issuer.Issuer is { } url && url.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            && issuer is { KeysFile: null, IsOnThisMachine: false })
        {
            throw new StartRefusedException(
                $"{section}:Issuer is {url}: keys come over https, from this machine, or from {section}:KeysFile.");
        }
    }

    /// <summary>A token of which nothing says whose it is would be one of the shop's, with the scopes that it claims.</summary>
    private static void RequireDifferent(JwtOptions[] issuers)
    {
        var (one, other) = (issuers[0], issuers[1]);
        if (!one.IsConfigured || one.Issuer != other.Issuer || one.Audience != other.Audience) return;
        throw new StartRefusedException(
            "Holdfast:Jwt and Holdfast:CustomerJwt have the same Issuer and the same Audience: "
            + "a customer's token would be one of the shop's. Let the issuer make tokens for customers with an audience of their own.");
    }

    private static void RequireAddresses(LimitOptions limits)
    {
        foreach (var entry in limits.Proxies)
        {
            // "1" and "010.0.0.1" are addresses, too, though not those that whoever wrote them means.
            if (IPAddress.TryParse(entry, out var address) && (entry.Contains(':') || address.ToString() == entry)) continue;
            throw new StartRefusedException(
                $"Holdfast:Limits:TrustedProxies has the entry '{entry}', which is no IP address; they stand with ';' between them.");
        }
    }

    /// <exception cref="StartRefusedException">This program does not do that.</exception>
    internal HoldfastRole RoleOf(string program, HoldfastRole byDefault, params ReadOnlySpan<HoldfastRole> possible)
    {
        var role = string.IsNullOrEmpty(Options.Role) ? byDefault : Enum.Parse<HoldfastRole>(Options.Role, ignoreCase: true);
        if (!possible.Contains(role)) throw new StartRefusedException($"Holdfast:Role is '{Options.Role}', which {program} cannot be.");
        if (role == HoldfastRole.Api && Database is null)
        {
            throw new StartRefusedException(
                "Holdfast:Role 'api' needs ConnectionStrings:Holdfast, a PostgreSQL database: there it finds the silos.");
        }

        return role;
    }
}
