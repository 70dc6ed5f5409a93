namespace Holdfast.Silo.Settings;

/// <summary>Where a program is told to listen, by the settings that ASP.NET Core reads for it.</summary>
public static class ListeningAddresses
{
    /// <summary>Every address that ASP.NET Core would listen on, with the setting it comes from.</summary>
    public static IEnumerable<(string Setting, string Address)> Configured(IConfiguration configuration)
    {
        foreach (var url in Split(configuration["urls"])) yield return ("urls", url);
        foreach (var port in Split(configuration["http_ports"])) yield return ("http_ports", $"http://*:{port}");
        foreach (var port in Split(configuration["https_ports"])) yield return ("https_ports", $"https://*:{port}");
        foreach (var endpoint in configuration.GetSection("Kestrel:Endpoints").GetChildren())
        {
            if (endpoint["Url"] is { } url) yield return ($"Kestrel:Endpoints:{endpoint.Key}", url);
        }
    }

    private static string[] Split(string? list) =>
        (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
