using System.ComponentModel.DataAnnotations;

namespace Holdfast.Silo;

/// <summary>The section <c>Holdfast</c> of the configuration.</summary>
public sealed class HoldfastOptions
{
    public const string Section = "Holdfast";

    /// <summary>What this process does. Today it does all of it: front door and silo in one process.</summary>
    [RegularExpression("(?i)all", ErrorMessage = "Holdfast:Role must be 'all'.")]
    public string Role { get; set; } = "all";

    /// <summary>Where the embedded store keeps its files; relative to the working directory.</summary>
    [Required]
    public string DataDirectory { get; set; } = "data";

    /// <summary>The silo's port on loopback; 0 picks a free one.</summary>
    [Range(0, 65535)]
    public int SiloPort { get; set; }

    /// <summary>The gateway's port on loopback; 0 picks a free one.</summary>
    [Range(0, 65535)]
    public int GatewayPort { get; set; }

    /// <summary>Whether the Orleans dashboard collects; it costs a little of every grain call.</summary>
    public bool Dashboard { get; set; } = true;
}
