namespace Holdfast.Outbox.Lanes;

/// <summary>Which lane carries a message.</summary>
public interface ILaneChoice
{
    /// <param name="laneClass">What its handler waits for.</param>
    /// <param name="key">The sender: its messages stay together.</param>
    int Choose(LaneClass laneClass, string key);
}
