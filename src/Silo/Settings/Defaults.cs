using Holdfast.Outbox.Ownership;
using Microsoft.Extensions.Configuration.Memory;

namespace Holdfast.Silo.Settings;

/// <summary>Settings of ASP.NET Core that hold until any other source (file, environment, command line) names them.</summary>
public static class Defaults
{
    /// <summary>Where the silo program answers for its health.</summary>
    public const string SiloUrl = "http://localhost:5090";

    /// <param name="url">Where the program listens when no setting says so.</param>
    /// <param name="own">What holds for this program only.</param>
    public static void AddDefaults(this WebApplicationBuilder builder, string url, params ReadOnlySpan<(string Key, string Value)> own)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Logging:LogLevel:Default"] = "Warning",
            ["Logging:LogLevel:Holdfast"] = "Information",
            // What Orleans retries inside: how it ended is said by Orleans itself, without a stack for each try.
            ["Logging:LogLevel:Polly"] = "None",
            // Orleans 10.4 warns at every start that a check "has not completed" for as long as the machine has been up.
            ["Logging:LogLevel:Orleans.Runtime.Watchdog"] = "Error",
            // They name the grain that a call was for, and that of a profile is a person.
            ["Logging:LogLevel:Orleans.Runtime.CallbackData"] = "Error",
            ["Logging:LogLevel:Orleans.Messaging"] = "Critical",
            ["Logging:LogLevel:Orleans.Messaging.GatewayManager"] = "Warning",
            // Orleans' own words for every service of a silo, at each start and stop, under that service's name.
            [$"Logging:LogLevel:{typeof(ILaneService).Namespace}.LaneService"] = "Warning",
            // Two stacks for each grain that a call asks for while the database is away: the grain says so itself, in a line.
            ["Logging:LogLevel:Orleans.Grain"] = "Critical",
        };
        foreach (var (key, value) in own) settings[key] = value;
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = settings });

        // Not a setting of its own: any address that ASP.NET Core knows how to configure takes the place of this one.
        if (!ListeningAddresses.Configured(builder.Configuration).Any()) builder.WebHost.UseUrls(url);
        builder.Services.AddSingleton(TimeProvider.System);
    }
}
