namespace Holdfast.Outbox.Lanes;

/// <summary>
/// The fixed set of lanes that carry messages, and which of them are whose. Rows name their lane: the numbers are stored, and further
/// classes come behind.
/// </summary>
public static class LaneNumbers
{
    private const int Steps = 8;
    private const int Payments = 4;
    private const int Finishes = 8;
    private const int Refunds = 4;
    private const int Feeds = 1;

    public const int Count = Steps + Payments + Finishes + Refunds + Feeds;

    public static IReadOnlyList<LaneClass> Classes { get; } =
        [LaneClass.Step, LaneClass.Payment, LaneClass.Finish, LaneClass.Refund, LaneClass.Feed];

    /// <summary>The first lane of a class and how many it has.</summary>
    public static (int First, int Count) Of(LaneClass laneClass) => laneClass switch
    {
        LaneClass.Step => (0, Steps),
        LaneClass.Payment => (Steps, Payments),
        LaneClass.Finish => (Steps + Payments, Finishes),
        LaneClass.Refund => (Steps + Payments + Finishes, Refunds),
        LaneClass.Feed => (Steps + Payments + Finishes + Refunds, Feeds),
        _ => throw new ArgumentOutOfRangeException(nameof(laneClass), laneClass, null),
    };

    /// <summary>True of the lane that carries no messages.</summary>
    public static bool IsFeed(int lane) => lane == Of(LaneClass.Feed).First;

    /// <summary>The class whose lanes carry the like where there is none of this class: every release has those. Null for the first classes.</summary>
    public static LaneClass? InsteadOf(LaneClass laneClass) => laneClass switch
    {
        LaneClass.Finish => LaneClass.Step,
        LaneClass.Refund => LaneClass.Payment,
        _ => null,
    };
}
