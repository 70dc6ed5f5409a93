using System.ComponentModel.DataAnnotations;

namespace Holdfast.Silo.Settings;

/// <summary>The section <c>Holdfast:Watch</c>: when a process says that signs of races have become more than usual.</summary>
public sealed class WatchOptions
{
    /// <summary>How long a process counts before it looks. An anomaly is found within four of them.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Span { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How much more than usual is still nothing: it multiplies what docs/design/watching.md says is enough.</summary>
    [Range(1, 100)]
    public int Tolerance { get; set; } = 1;
}
