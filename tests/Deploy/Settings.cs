using System.Text.RegularExpressions;
using Holdfast.Silo.Settings;
using Holdfast.Tests.Tidy;
using Microsoft.Extensions.Hosting;

namespace Holdfast.Tests.Deploy;

/// <summary>What the deployment files may say, because the code knows it.</summary>
internal static partial class Settings
{
    /// <summary>Read by others: ASP.NET Core, the PostgreSQL image, Orleans' Kubernetes hosting and its conventions.</summary>
    private static readonly HashSet<string> Others =
    [
        "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "AllowedHosts", "ConnectionStrings__" + HoldfastOptions.ConnectionString,
        "POSTGRES_DB", "POSTGRES_PASSWORD", "HOLDFAST_PASSWORD",
        "POD_NAME", "POD_NAMESPACE", "POD_IP", "ORLEANS_SERVICE_ID", "ORLEANS_CLUSTER_ID",
    ];

    /// <summary>In which a host that is told to stop has to end by itself.</summary>
    public static TimeSpan HostShutdown { get; } = new HostOptions().ShutdownTimeout;

    public static IReadOnlyList<string> HealthPaths { get; } =
        [.. MappedHealth().Matches(Repository.Read("src/Silo/Health/HealthEndpoints.cs")).Select(path => path.Groups[1].Value)];

    public static bool IsUnknown(string variable) =>
        !Others.Contains(variable) && !Known.Contains(variable.Replace("__", ":", StringComparison.Ordinal));

    private static readonly HashSet<string> Known = [.. SettingsSections.All.SelectMany(static section => section.Settings.Select(section.NameOf))];

    [GeneratedRegex("MapHealthChecks\\(\"([^\"]+)\"")]
    private static partial Regex MappedHealth();
}
