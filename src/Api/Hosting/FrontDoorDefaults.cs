using Holdfast.Silo.Settings;

namespace Holdfast.Api.Hosting;

/// <summary>What holds for a front door until a setting says otherwise.</summary>
public static class FrontDoorDefaults
{
    public const string Url = "http://localhost:5080";

    public static void AddFrontDoorDefaults(this WebApplicationBuilder builder) =>
        // A page on another site can make a browser call this one under a name of its own (DNS rebinding).
        builder.AddDefaults(Url, ("AllowedHosts", "localhost;127.0.0.1;[::1]"));
}
