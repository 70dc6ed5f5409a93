using System.Globalization;
using Holdfast.Silo.Cluster;
using Holdfast.Silo.Settings;

namespace Holdfast.Silo.Health;

/// <summary>
/// <c>health</c>: asks this machine's own process whether it is ready. For a container's health check: the images have no other
/// program that could ask.
/// </summary>
public static class HealthCommand
{
    /// <summary>True for <c>health …</c>: not to start, but to ask the one that runs.</summary>
    public static bool IsAskedFor(string[] args) => args is ["health", ..];

    /// <param name="args">The same settings as the process that is asked.</param>
    /// <param name="defaultUrl">Where that listens when no setting says so.</param>
    /// <returns>The exit code: 0 when it is ready.</returns>
    public static async Task<int> Run(string[] args, string defaultUrl, TextWriter errors)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables("ASPNETCORE_").AddEnvironmentVariables().AddCommandLine(args).Build();
        var address = Address(configuration, defaultUrl);
        try
        {
            using var client = new HttpClient { Timeout = Budgets.HealthCommand };
            using var answer = await client.GetAsync(address);
            if (answer.IsSuccessStatusCode) return 0;
            await errors.WriteLineAsync($"{address} answers {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        }
        catch (Exception silent) when (silent is HttpRequestException or OperationCanceledException)
        {
            await errors.WriteLineAsync($"{address} does not answer: {silent.Message}");
        }

        return 1;
    }

    /// <summary>The first plain address that the process listens on, by a name that it accepts from itself.</summary>
    private static Uri Address(IConfiguration configuration, string defaultUrl)
    {
        var url = ListeningAddresses.Configured(configuration).Select(static where => where.Address).FirstOrDefault(IsPlain) ?? defaultUrl;
        var listening = BindingAddress.Parse(url);
        // AllowedHosts has to let localhost in; an address that stands for all of them is no address to call.
        var host = listening.Host is "0.0.0.0" or "[::]" or "*" or "+" ? "localhost" : listening.Host;
        return new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{host}:{listening.Port}/health/ready"));
    }

    private static bool IsPlain(string url) => url.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
}
