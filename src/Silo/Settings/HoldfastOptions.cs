using System.ComponentModel.DataAnnotations;

namespace Holdfast.Silo.Settings;

/// <summary>The section <c>Holdfast</c> of the configuration.</summary>
public sealed class HoldfastOptions
{
    public const string Section = "Holdfast";

    /// <summary>The connection string that switches from the embedded store to PostgreSQL and a cluster.</summary>
    public const string ConnectionString = "Holdfast";

    /// <summary>What this process does; see <see cref="HoldfastRole"/>. Null for what its program does by default.</summary>
    [RegularExpression("(?i)all|api|silo", ErrorMessage = "Holdfast:Role must be 'all', 'api' or 'silo'.")]
    public string? Role { get; set; }

    /// <summary>Where the embedded store keeps its files; relative to the working directory.</summary>
    [Required]
    public string DataDirectory { get; set; } = "data";

    /// <summary>Processes with the same cluster id and database are one cluster.</summary>
    [Required]
    [RegularExpression("[A-Za-z0-9._-]{1,100}", ErrorMessage = "Holdfast:ClusterId must be 1 to 100 letters, digits, '.', '_' or '-'.")]
    public string ClusterId { get; set; } = "holdfast";

    /// <summary>
    /// The address under which the other processes of the cluster reach this silo: an IP address or a host name; <c>auto</c> for
    /// this machine's first address that others can reach.
    /// </summary>
    [Required]
    public string AdvertisedAddress { get; set; } = "127.0.0.1";

    /// <summary>The port for other silos; 0 picks a free one.</summary>
    [Range(0, 65535)]
    public int SiloPort { get; set; }

    /// <summary>
    /// Where this silo listens for other silos, when the port that they reach it on is mapped to another one here; 0 for
    /// <see cref="SiloPort"/> itself.
    /// </summary>
    [Range(0, 65535)]
    public int SiloListeningPort { get; set; }

    /// <summary>The port for front doors; 0 picks a free one.</summary>
    [Range(0, 65535)]
    public int GatewayPort { get; set; }

    /// <summary>
    /// This silo is a pod: its name is the pod's, and silos whose pods are gone are declared dead at once. Needs a database, the
    /// labels and variables of Orleans' Kubernetes hosting, and the right to watch pods: see <c>deploy/kubernetes</c>.
    /// </summary>
    public bool Kubernetes { get; set; }

    /// <summary>
    /// Lets the front door listen beyond this machine. Then it lets in nobody without a key or a token, and does not start before there is
    /// a key or an issuer of tokens.
    /// </summary>
    public bool AllowRemote { get; set; }

    /// <summary>
    /// Origins of other sites whose pages may call the front door from a browser, with <c>;</c> between them. Null for none.
    /// </summary>
    [RegularExpression(
        @"https?://[a-z0-9.\[\]:-]+(;https?://[a-z0-9.\[\]:-]+)*",
        ErrorMessage = "Holdfast:AllowedOrigins must be origins such as https://shop.example, in small letters, without a path, "
            + "with ';' between them.")]
    public string? AllowedOrigins { get; set; }

    /// <summary>Whether the Orleans dashboard collects; it costs a little of every grain call.</summary>
    public bool Dashboard { get; set; } = true;

    /// <summary>For <c>migrate</c>: the role that the silos will have; it is given what they need, and no more. Null for nobody.</summary>
    public string? RuntimeRole { get; set; }
}
