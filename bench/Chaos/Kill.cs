using System.Text.Json.Serialization;

namespace Holdfast.Bench.Chaos;

/// <summary>What a cluster is made of, and loses.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Part>))]
public enum Part
{
    Silo,
    FrontDoor,
    Postgres,
}

/// <summary>One process killed, and started again.</summary>
/// <param name="Victim">Its name, and how it was killed if there are several ways.</param>
/// <param name="At">Since the probes began.</param>
/// <param name="Pause">From its end to its new start.</param>
/// <param name="Down">From the kill until it was ready again.</param>
public sealed record Kill(Part Part, string Victim, TimeSpan At, TimeSpan Pause, TimeSpan Down);
