using Microsoft.Extensions.Configuration.Memory;

namespace Holdfast.Api.Hosting;

/// <summary>Settings that hold until any other source (file, environment, command line) names them.</summary>
public static class Defaults
{
    public const string Url = "http://localhost:5080";

    public static void AddDefaults(this WebApplicationBuilder builder)
    {
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?>
            {
                ["Logging:LogLevel:Default"] = "Warning",
                ["Logging:LogLevel:Holdfast"] = "Information",
                // What Orleans retries inside: how it ended is said by Orleans itself, without a stack for each try.
                ["Logging:LogLevel:Polly"] = "None",
                // Orleans 10.4 warns at every start that a check "has not completed" for as long as the machine has been up.
                ["Logging:LogLevel:Orleans.Runtime.Watchdog"] = "Error",
                // Orleans' own words for every service of a silo, at each start and stop, under that service's name.
                ["Logging:LogLevel:Holdfast.Outbox.Ownership.LaneService"] = "Warning",
                // Two stacks for each grain that a call asks for while the database is away: the grain says so itself, in a line.
                ["Logging:LogLevel:Orleans.Grain"] = "Critical",
                // A page on another site can make a browser call this one under a name of its own (DNS rebinding).
                ["AllowedHosts"] = "localhost;127.0.0.1;[::1]",
            },
        });

        // Not a setting of its own: any address that ASP.NET Core knows how to configure takes the place of this one.
        if (!ListeningAddresses.Configured(builder.Configuration).Any()) builder.WebHost.UseUrls(Url);
        builder.Services.AddSingleton(TimeProvider.System);
    }
}
