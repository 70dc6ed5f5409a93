using System.Net;
using Holdfast.Silo.Settings;

namespace Holdfast.Api.Http.Callers;

/// <summary>
/// The one way in without a key or a token: from this machine to this machine, by a name of this machine, and through nothing in between.
/// Whether there is a key already is not asked here.
/// </summary>
internal sealed class OpenLoopback(HoldfastSettings settings)
{
    /// <summary>What proxies add to what they pass on: the other end of the line may be anywhere.</summary>
    private static readonly string[] Forwarding = ["Forwarded", "X-Real-IP", "Via"];

    /// <summary>How the names of others begin, which differ from proxy to proxy.</summary>
    private const string ForwardingPrefix = "X-Forwarded-";

    /// <summary>Others can reach the server, or callers are known by tokens: then nobody is let in unknown.</summary>
    public bool IsPossible { get; } = !settings.Options.AllowRemote && !settings.HasIssuer;

    public bool Admits(HttpContext context)
    {
        if (!IsPossible) return false;
        if (context.Connection is not { RemoteIpAddress: { } remote, LocalIpAddress: { } local }) return false;
        if (!IsLoopback(remote) || !IsLoopback(local) || !IsLoopback(context.Request.Host.Value)) return false;

        // Some proxies add nothing, and speak a version that nobody else does any more.
        if (HttpProtocol.IsHttp10(context.Request.Protocol)) return false;
        foreach (var (header, _) in context.Request.Headers)
        {
            if (header.StartsWith(ForwardingPrefix, StringComparison.OrdinalIgnoreCase)) return false;
            if (Forwarding.Contains(header, StringComparer.OrdinalIgnoreCase)) return false;
        }

        return true;
    }

    /// <summary>A name of this machine, with or without a port.</summary>
    internal static bool IsLoopback(ReadOnlySpan<char> host)
    {
        var port = host.LastIndexOf(':');
        var name = port > host.LastIndexOf(']') ? host[..port] : host;
        return name is "127.0.0.1" or "[::1]" || name.Equals("localhost", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsLoopback(IPAddress address) => IPAddress.IsLoopback(address);
}
