namespace Holdfast.Outbox.Lanes;

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

    /// <summary>Carries no messages: whoever owns its lane reads the feed, and is woken over it.</summary>
    Feed = 4,
}
