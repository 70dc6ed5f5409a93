namespace Holdfast.Outbox.Delivery;

/// <summary>Reads the feed for what is made of it. One silo at a time is asked to: the one that owns the feed's lane.</summary>
public interface IFeedFollower
{
    /// <summary>Reads all that there is, as long as it is this silo's to read. Two that read at once do no harm.</summary>
    /// <param name="isMine">False when another silo has taken the lane over: to be asked again and again.</param>
    /// <returns>True when there was something: more may come soon.</returns>
    Task<bool> Follow(Func<bool> isMine, CancellationToken cancellationToken);
}
