using System.Net;
using System.Net.Sockets;

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

    /// <exception cref="StartRefusedException">There is one that is no address; the message says which.</exception>
    internal static void Require(IConfiguration configuration)
    {
        foreach (var (setting, address) in Configured(configuration))
        {
            if (IsAddress(address)) continue;
            throw new StartRefusedException(
                $"'{setting}' asks for '{address}', which is no address to listen on; one looks like {Defaults.SiloUrl}.");
        }
    }

    /// <summary>Says that a port is in use before anything is opened; each part would say so later, in words of its own.</summary>
    /// <exception cref="StartRefusedException">One is; the message says which.</exception>
    internal static void RequireFree(IConfiguration configuration, HoldfastOptions options)
    {
        foreach (var (asked, address) in Configured(configuration))
        {
            var parsed = BindingAddress.Parse(address);
            if (!parsed.IsUnixPipe && !parsed.IsNamedPipe) RequireFree(asked, HostOf(parsed), parsed.Port);
        }

        var isLoopback = IPAddress.TryParse(options.AdvertisedAddress, out var advertised) && IPAddress.IsLoopback(advertised);
        var silo = isLoopback ? advertised! : IPAddress.Any;
        var (port, setting) = options.SiloListeningPort is 0
            ? (options.SiloPort, nameof(options.SiloPort))
            : (options.SiloListeningPort, nameof(options.SiloListeningPort));
        RequireFree($"{HoldfastOptions.Section}:{setting}", silo, port);
        RequireFree($"{HoldfastOptions.Section}:{nameof(options.GatewayPort)}", silo, options.GatewayPort);
    }

    private static void RequireFree(string setting, IPAddress address, int port)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new StartRefusedException(
                $"'{setting}' asks for port {port}, which is in use: end who uses it, or set another one.", failure);
        }
        catch (SocketException)
        {
            // An address that this machine does not have: who listens there says it better.
        }
    }

    private static IPAddress HostOf(BindingAddress address) => IPAddress.TryParse(address.Host.Trim('[', ']'), out var host)
        ? host
        : address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback : IPAddress.Any;

    /// <summary>By the server's own rules.</summary>
    private static bool IsAddress(string address)
    {
        try
        {
            var parsed = BindingAddress.Parse(address);
            return parsed.Scheme.ToUpperInvariant() is "HTTP" or "HTTPS" && parsed.Port <= IPEndPoint.MaxPort;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static string[] Split(string? list) =>
        (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
