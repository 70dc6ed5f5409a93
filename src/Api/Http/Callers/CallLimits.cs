using System.Net;
using Holdfast.Api.Http.Problems;
using Holdfast.Silo.Settings;

namespace Holdfast.Api.Http.Callers;

/// <summary>
/// How much one caller, and one address, may ask of this front door. Whoever is let in without a name, on a machine that nobody else can
/// reach, may ask what it likes.
/// </summary>
internal sealed class CallLimits(HoldfastSettings settings, TimeProvider clock)
{
    public static readonly ProblemKind TooMany = new("too_many_requests", 429, "Too many requests", Retryable: true);

    private readonly Rates _reads = new(settings.Limits.ReadsPerSecond, clock);
    private readonly Rates _writes = new(settings.Limits.WritesPerSecond, clock);
    private readonly Rates _addresses = new(settings.Limits.AddressPerSecond, clock);
    private readonly Rates _refused = new(settings.Limits.RefusedPerSecond, clock);

    private readonly HashSet<IPAddress> _proxies =
        [.. settings.Limits.Proxies.Select(static address => Plain(IPAddress.Parse(address)))];

    /// <summary>Of a request that says who it is, before that is looked into; null when it may go on.</summary>
    public Problem? OfAddress(HttpContext context) => _addresses.TryTake(Hash(AddressOf(context)), out var wait) ? null : Refusal(wait);

    /// <summary>Of a caller who was let in; null when it may go on.</summary>
    public Problem? OfCaller(HttpContext context, Caller caller)
    {
        if (ReferenceEquals(caller, Caller.Anonymous)) return null;
        var method = context.Request.Method;
        var rates = HttpMethods.IsGet(method) || HttpMethods.IsHead(method) ? _reads : _writes;
        return rates.TryTake(caller.Id.GetHashCode(StringComparison.Ordinal), out var wait) ? null : Refusal(wait);
    }

    /// <summary>Of somebody who is not let in; null when it may be told so. It says nothing about those who are.</summary>
    public Problem? OfStranger(HttpContext context) => _refused.TryTake(Hash(AddressOf(context)), out var wait) ? null : Refusal(wait);

    /// <summary>Where a request comes from. What a proxy says counts when the settings name it, and then only its own word.</summary>
    internal IPAddress AddressOf(HttpContext context)
    {
        var remote = Plain(context.Connection.RemoteIpAddress ?? IPAddress.None);
        if (!_proxies.Contains(remote)) return remote;
        var said = context.Request.Headers["X-Forwarded-For"].LastOrDefault()?.Split(',')[^1].Trim();
        return IPAddress.TryParse(said, out var address) ? Plain(address) : remote;
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>Of an address of IPv6 the first half: whoever has one has the whole of the other.</summary>
    private static int Hash(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        var hash = default(HashCode);
        hash.AddBytes(bytes[..Math.Min(length, 8)]);
        return hash.ToHashCode();
    }

    private static Problem Refusal(TimeSpan wait) => new(TooMany, "Send fewer requests a second; repeat this one after a moment.")
    {
        RetryAfter = TimeSpan.FromSeconds(Math.Ceiling(wait.TotalSeconds)),
    };
}
