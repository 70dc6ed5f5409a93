namespace Holdfast.Domain.Owner;

/// <summary>What a message's handler waits for: a slow one must delay only its like.</summary>
public enum MessageClass
{
    /// <summary>Other owners.</summary>
    Step = 0,

    /// <summary>The outside.</summary>
    Outside = 1,

    /// <summary>Other owners, and it ends what was begun: whoever comes anew waits elsewhere.</summary>
    Finish = 2,

    /// <summary>The outside, and it ends what was begun.</summary>
    FinishOutside = 3,
}

/// <summary>A message that follows from an event. Which lane carries it is decided when its append is sealed.</summary>
/// <param name="Class">What its handler waits for.</param>
/// <param name="Type">The stable name under which a handler is registered.</param>
/// <param name="Body">JSON, UTF-8.</param>
/// <param name="DueAt">Not delivered before; null for at once.</param>
public sealed record OutgoingMessage(MessageClass Class, string Type, ReadOnlyMemory<byte> Body, DateTimeOffset? DueAt = null);
