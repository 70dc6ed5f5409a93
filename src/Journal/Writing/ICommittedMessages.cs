namespace Holdfast.Journal.Writing;

/// <summary>Hears of messages, and of what is published, at the moment their rows exist.</summary>
public interface ICommittedMessages
{
    /// <summary>The rows are committed: deliver them without waiting for the next read of the table.</summary>
    void HandOver(IReadOnlyList<OutboxMessage> messages);

    /// <summary>The rows may exist: only the table knows.</summary>
    void MayHaveBeenStored(IReadOnlyList<OutboxMessage> messages);

    /// <summary>A commit is over with which the feed may have grown.</summary>
    void MayHaveBeenPublished();
}
