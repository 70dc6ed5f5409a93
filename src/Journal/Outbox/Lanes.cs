namespace Holdfast.Journal.Outbox;

/// <summary>What a message's handler waits for. A slow one delays only its like.</summary>
public enum LaneClass
{
    /// <summary>A step that only calls grains.</summary>
    Step = 0,

    /// <summary>A step that waits for the outside.</summary>
    Payment = 1,

    /// <summary>A step that only calls grains and ends what was begun. Whoever comes anew waits in other lanes.</summary>
    Finish = 2,

    /// <summary>The same for a step that waits for the outside.</summary>
    Refund = 3,
}

/// <summary>
/// The fixed set of lanes that carry messages: lane i is queue i and stream i, never a stream an order, because registering a
/// cold stream pauses its queue and each stream is remembered for half an hour. Rows name their lane: the numbers are stored, and
/// further classes come behind.
/// </summary>
public static class Lanes
{
    private const int Steps = 8;
    private const int Payments = 4;
    private const int Finishes = 8;
    private const int Refunds = 4;

    public const int Count = Steps + Payments + Finishes + Refunds;

    /// <summary>The stream provider's name.</summary>
    public const string Provider = "outbox";

    /// <summary>The namespace of the lanes' streams.</summary>
    public const string Namespace = "holdfast.lanes";

    public static IReadOnlyList<LaneClass> Classes { get; } = [LaneClass.Step, LaneClass.Payment, LaneClass.Finish, LaneClass.Refund];

    /// <summary>The first lane of a class and how many it has.</summary>
    public static (int First, int Count) Of(LaneClass laneClass) => laneClass switch
    {
        LaneClass.Step => (0, Steps),
        LaneClass.Payment => (Steps, Payments),
        LaneClass.Finish => (Steps + Payments, Finishes),
        LaneClass.Refund => (Steps + Payments + Finishes, Refunds),
        _ => throw new ArgumentOutOfRangeException(nameof(laneClass), laneClass, null),
    };

    /// <summary>The class whose lanes carry the like where there is none of this class: every release has those. Null for the first classes.</summary>
    public static LaneClass? InsteadOf(LaneClass laneClass) => laneClass switch
    {
        LaneClass.Finish => LaneClass.Step,
        LaneClass.Refund => LaneClass.Payment,
        _ => null,
    };

    public static string StreamKey(int lane) => $"lane-{lane}";

    public static int FromStreamKey(string key) => int.Parse(key.AsSpan("lane-".Length), System.Globalization.CultureInfo.InvariantCulture);
}
