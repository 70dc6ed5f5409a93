using Holdfast.Domain.Orders;
using Holdfast.Journal.Postgres;
using Holdfast.Outbox.Lanes;

namespace Holdfast.Silo.Settings;

/// <summary>The settings of this process, read once and checked: nobody else reads the section <c>Holdfast</c>.</summary>
public sealed class HoldfastSettings
{
    private HoldfastSettings(HoldfastOptions options, string? connectionString)
    {
        Options = options;
        ConnectionString = connectionString;
        Database = connectionString is null ? null : new(connectionString);
    }

    public HoldfastOptions Options { get; }

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
        var connectionString = configuration.GetConnectionString(HoldfastOptions.ConnectionString);
        return new(sections.OfType<HoldfastOptions>().Single(), string.IsNullOrWhiteSpace(connectionString) ? null : connectionString);
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
