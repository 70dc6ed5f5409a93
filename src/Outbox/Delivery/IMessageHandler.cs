using Holdfast.Journal;

namespace Holdfast.Outbox.Delivery;

/// <summary>
/// Does what one type of message asks for. At least once and in any order: a handler is idempotent by construction, and its
/// message goes away only when it has returned.
/// </summary>
public interface IMessageHandler
{
    /// <summary>The message's stable type name.</summary>
    string Type { get; }

    /// <exception cref="PutBackException">
    /// Not now, and not the handler's fault: delivered again later, uncounted. Only a handler knows that of what it asks, a grain that does
    /// not answer included; any other exception, but that of a run that was cut short, is counted.
    /// </exception>
    Task Handle(OutboxMessage message, CancellationToken cancellationToken);

    /// <summary>The message failed too often and is about to become a dead letter.</summary>
    /// <exception cref="PutBackException">It cannot be given up now, and nobody is at fault.</exception>
    Task GiveUp(OutboxMessage message, string error, CancellationToken cancellationToken);
}

/// <summary>The message must wait: overload, an unknown outcome, a lost silo, an answer that is not there yet.</summary>
/// <param name="after">How long; null for a short backoff.</param>
public sealed class PutBackException(string message, TimeSpan? after = null, Exception? inner = null) : Exception(message, inner)
{
    public TimeSpan? After { get; } = after;
}
