using Microsoft.Extensions.Configuration.Memory;

namespace Holdfast.Silo;

/// <summary>Settings of the silo program that hold until any other source names them.</summary>
internal static class SiloDefaults
{
    /// <summary>Where the silo answers for its health.</summary>
    public const string Url = "http://localhost:5090";

    public static void AddSiloDefaults(this WebApplicationBuilder builder)
    {
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?>
            {
                ["Logging:LogLevel:Default"] = "Warning",
                ["Logging:LogLevel:Holdfast"] = "Information",
                ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Information",
                // What Orleans retries inside: how it ended is said by Orleans itself, without a stack for each try.
                ["Logging:LogLevel:Polly"] = "None",
                // Orleans 10.4 warns at every start that a check "has not completed" for as long as the machine has been up.
                ["Logging:LogLevel:Orleans.Runtime.Watchdog"] = "Error",
                // Orleans' own words for every service of a silo, at each start and stop, under that service's name.
                ["Logging:LogLevel:Holdfast.Outbox.Ownership.LaneService"] = "Warning",
                // Two stacks for each grain that a call asks for while the database is away: the grain says so itself, in a line.
                ["Logging:LogLevel:Orleans.Grain"] = "Critical",
            },
        });
        if (builder.Configuration["urls"] is null && builder.Configuration["http_ports"] is null) builder.WebHost.UseUrls(Url);
        builder.Services.AddSingleton(TimeProvider.System);
    }
}
