namespace Holdfast.Journal;

/// <summary>What people look for in the outbox. It is read as it is now, page by page; messages come and go meanwhile.</summary>
public interface IOutboxLists
{
    /// <summary>Dead letters, newest first.</summary>
    /// <param name="before">Behind which one; null for the first page.</param>
    Task<IReadOnlyList<DeadLetter>> ReadDeadLetters(DeadLetterPlace? before, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Streams with a message whose handler has failed, or could not do its work yet, and is to run again: of each stream the one that is
    /// due first.
    /// </summary>
    /// <param name="after">The stream that they come behind; empty for all.</param>
    Task<IReadOnlyList<RetryingMessage>> ReadRetrying(string after, int limit, CancellationToken cancellationToken);
}

/// <summary>Where a dead letter stands in their list.</summary>
public readonly record struct DeadLetterPlace(DateTimeOffset ParkedAt, Guid Id);

/// <summary>A message that is to run again.</summary>
/// <param name="Error">Why the last run did not finish it.</param>
public sealed record RetryingMessage(OutboxMessage Message, string Error);
