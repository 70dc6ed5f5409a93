using System.Net;
using Holdfast.Silo;
using Holdfast.Silo.Settings;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Holdfast.Api.Hosting;

/// <summary>
/// A server that was told nothing lets in whoever is on this machine, so it listens where only this machine can reach it. It refuses to
/// start elsewhere unless callers are known: by the tokens of an issuer, or by keys, which <c>Holdfast:AllowRemote</c> says there are.
/// </summary>
public static class LoopbackOnly
{
    public static void AddLoopbackOnly(this WebApplicationBuilder builder, HoldfastSettings settings)
    {
        if (settings.Options.AllowRemote || settings.HasIssuer) return;
        foreach (var (setting, address) in ListeningAddresses.Configured(builder.Configuration)) RequireLoopback(setting, address);
        builder.Services.AddHostedService<BoundAddressCheck>();
    }

    /// <exception cref="StartRefusedException">The address can be reached from another machine.</exception>
    internal static void RequireLoopback(string setting, string address)
    {
        if (IsLoopback(address)) return;
        throw new StartRefusedException(
            $"Nobody is known to this server, so it listens on this machine only, but '{setting}' asks for {address}. "
            + $"Use an address such as {FrontDoorDefaults.Url}. Or make a key ('key create NAME') and set Holdfast:AllowRemote to true, "
            + "or name an issuer of tokens, Holdfast:Jwt:Issuer: see docs/callers.md.");
    }

    internal static bool IsLoopback(string address)
    {
        // Parsed by the server's own rules: a host that it would not understand it binds to every address.
        var host = BindingAddress.Parse(address).Host.Trim('[', ']');
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
    }
}

/// <summary>Looks at what the server has really bound: the last word, whatever configured it.</summary>
internal sealed class BoundAddressCheck(IServer server) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        foreach (var address in server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
            LoopbackOnly.RequireLoopback("the server", address);
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
