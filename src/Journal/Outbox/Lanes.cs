namespace Holdfast.Journal.Outbox;

/// <summary>What a message's handler waits for. A slow one delays only its like.</summary>
public enum LaneClass
{
    /// <summary>A step that only calls grains.</summary>
    Step = 0,

    /// <summary>A step that waits for the outside.</summary>
    Payment = 1,
}

/// <summary>
/// The fixed set of lanes that carry messages: lane i is queue i and stream i, never a stream an order, because registering a
/// cold stream pauses its queue and each stream is remembered for half an hour. Rows name their lane: the numbers are stored.
/// </summary>
public static class Lanes
{
    private const int Steps = 8;
    private const int Payments = 4;

    public const int Count = Steps + Payments;

    /// <summary>The stream provider's name.</summary>
    public const string Provider = "outbox";

    /// <summary>The namespace of the lanes' streams.</summary>
    public const string Namespace = "holdfast.lanes";

    public static IReadOnlyList<LaneClass> Classes { get; } = [LaneClass.Step, LaneClass.Payment];

    /// <summary>The first lane of a class and how many it has.</summary>
    public static (int First, int Count) Of(LaneClass laneClass) => laneClass switch
    {
        LaneClass.Step => (0, Steps),
        LaneClass.Payment => (Steps, Payments),
        _ => throw new ArgumentOutOfRangeException(nameof(laneClass), laneClass, null),
    };

    public static string StreamKey(int lane) => $"lane-{lane}";

    public static int FromStreamKey(string key) => int.Parse(key.AsSpan("lane-".Length), System.Globalization.CultureInfo.InvariantCulture);
}
