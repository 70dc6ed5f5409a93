using System.ComponentModel.DataAnnotations;

namespace Holdfast.Outside.Sandbox;

/// <summary>Where the sandbox gateway keeps its books, and how slow it is.</summary>
public sealed class SandboxGatewayOptions
{
    /// <summary>No answer takes longer than this.</summary>
    public static readonly TimeSpan LongestAnswer = TimeSpan.FromHours(1);

    /// <summary>
    /// The PostgreSQL database of its ledger, which all silos of a cluster share; null: the SQLite file at <see cref="Path"/>. The
    /// ledger has a schema of its own there, which is created when it is missing.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>The SQLite file of its ledger; its folder is created. Several silos of one machine may share it.</summary>
    public string Path { get; set; } = "data/sandbox-gateway.db";

    /// <summary>How long <c>tok_slow</c> takes before it is captured. Zero to <see cref="LongestAnswer"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan SlowAnswer { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long a caller of <c>tok_timeout</c> that has no timeout of its own waits for the answer that does not come. Zero to
    /// <see cref="LongestAnswer"/>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan TimeoutAnswer { get; set; } = TimeSpan.FromSeconds(30);
}
