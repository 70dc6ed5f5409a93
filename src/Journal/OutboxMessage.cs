namespace Holdfast.Journal;

/// <summary>
/// A message that is published by committing its row, and is gone only when its own handler has finished. Delivery is at least
/// once and unordered.
/// </summary>
/// <param name="Id">UUIDv7; with lane and due time the row's key.</param>
/// <param name="Lane">Which of the fixed set of lanes carries it.</param>
/// <param name="DueAt">Not delivered before; UTC, whole milliseconds.</param>
/// <param name="Attempts">How many times its handler has failed.</param>
/// <param name="Stream">The owner that sent it.</param>
/// <param name="Type">The stable name of what <paramref name="Body"/> is.</param>
/// <param name="Body">JSON, UTF-8.</param>
[GenerateSerializer, Immutable, Alias("holdfast.OutboxMessage")]
public sealed record OutboxMessage(
    [property: Id(0)] Guid Id,
    [property: Id(1)] int Lane,
    [property: Id(2)] DateTimeOffset DueAt,
    [property: Id(3)] int Attempts,
    [property: Id(4)] string Stream,
    [property: Id(5)] string Type,
    [property: Id(6)] ReadOnlyMemory<byte> Body)
{
    /// <summary>When the change that sent it was decided: the time in its id.</summary>
    public DateTimeOffset CreatedAt
    {
        get
        {
            // RFC 9562 §5.7: the first 48 bits are Unix milliseconds.
            Span<byte> bytes = stackalloc byte[16];
            Id.TryWriteBytes(bytes, bigEndian: true, out _);
            return DateTimeOffset.FromUnixTimeMilliseconds(System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(bytes) >>> 16);
        }
    }
}

/// <summary>What became of a delivered message.</summary>
public enum OutboxChangeKind
{
    /// <summary>Its handler has finished: the row goes away.</summary>
    Finish = 0,

    /// <summary>
    /// To be delivered again: the row gets <see cref="OutboxChange.DueAt"/> and <see cref="OutboxChange.Attempts"/>, and, when a run says
    /// why it did not finish it, <see cref="OutboxChange.Error"/>.
    /// </summary>
    Postpone = 1,

    /// <summary>Given up: the row moves to the dead letters, with <see cref="OutboxChange.Error"/>.</summary>
    Park = 2,
}

/// <summary>A change of one outbox row. A row that is not there any more is no error: two owners of a lane only cost duplicates.</summary>
public sealed record OutboxChange(OutboxChangeKind Kind, OutboxMessage Message, DateTimeOffset DueAt = default, int Attempts = 0, string? Error = null)
{
    public static OutboxChange Finish(OutboxMessage message) => new(OutboxChangeKind.Finish, message);

    public static OutboxChange Postpone(OutboxMessage message, DateTimeOffset dueAt, int attempts, string? error = null) =>
        new(OutboxChangeKind.Postpone, message, dueAt, attempts, error);

    public static OutboxChange Park(OutboxMessage message, string error) => new(OutboxChangeKind.Park, message, Error: error);
}

/// <summary>A message whose handler failed too often.</summary>
public sealed record DeadLetter(OutboxMessage Message, DateTimeOffset ParkedAt, string Error);
