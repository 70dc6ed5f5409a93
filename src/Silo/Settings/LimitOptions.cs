using System.ComponentModel.DataAnnotations;

namespace Holdfast.Silo.Settings;

/// <summary>
/// The section <c>Holdfast:Limits</c>: how much one caller or address may ask of one front door. Twice as much may come at once.
/// </summary>
public sealed class LimitOptions
{
    /// <summary>GET and HEAD of one caller.</summary>
    [Range(1, 1_000_000)]
    public int ReadsPerSecond { get; set; } = 5_000;

    /// <summary>All other requests of one caller.</summary>
    [Range(1, 1_000_000)]
    public int WritesPerSecond { get; set; } = 2_000;

    /// <summary>Requests of one address that say who they are.</summary>
    [Range(1, 1_000_000)]
    public int AddressPerSecond { get; set; } = 10_000;

    /// <summary>Requests of one address that are let in by nobody.</summary>
    [Range(1, 1_000_000)]
    public int RefusedPerSecond { get; set; } = 50;

    /// <summary>
    /// Addresses of proxies whose word counts on where a request comes from (the last entry of X-Forwarded-For), with <c>;</c> between
    /// them. Null for none.
    /// </summary>
    public string? TrustedProxies { get; set; }

    /// <summary>The entries of <see cref="TrustedProxies"/>.</summary>
    public IReadOnlyList<string> Proxies => string.IsNullOrEmpty(TrustedProxies) ? [] : TrustedProxies.Split(';');
}
