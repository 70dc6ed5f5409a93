namespace Holdfast.Journal;

/// <summary>
/// One grain's change: the events that its decisions made, the messages that follow from them, and the receipts that no longer
/// fit its memory. All of it is stored, or none.
/// </summary>
/// <param name="Stream">The owner, <c>kind/key</c>.</param>
/// <param name="ExpectedVersion">The version of the last event the owner knows; 0 for a new stream.</param>
/// <param name="Id">Identifies this append among all others; acceptance is reported by it, never by version.</param>
/// <param name="RecordedAt">UTC, whole milliseconds; never before the stream's last append.</param>
/// <param name="EventCount">How many versions the append covers; at least 1.</param>
/// <param name="Events">A JSON array of <paramref name="EventCount"/> objects, UTF-8.</param>
/// <param name="Messages">Rows for the outbox.</param>
/// <param name="Receipts">Rows for the receipts table.</param>
/// <param name="Erases">
/// The events are a tombstone: in the same transaction the events of all earlier rows of the stream are blanked (keys and
/// versions stay) and its messages, dead letters, receipts and the rows beside it are removed.
/// </param>
/// <param name="Beside">What changes in the rows beside the stream; an append that erases has none.</param>
/// <param name="Follows">
/// The append is published: it has a place in the feed. The last version of the stream's published append before it; 0 when there is
/// none. Null when it is not published.
/// </param>
public sealed record Append(
    string Stream,
    long ExpectedVersion,
    Guid Id,
    DateTimeOffset RecordedAt,
    int EventCount,
    ReadOnlyMemory<byte> Events,
    IReadOnlyList<OutboxMessage> Messages,
    IReadOnlyList<StoredReceipt> Receipts,
    bool Erases = false,
    Beside? Beside = null,
    long? Follows = null)
{
    public long FirstVersion => ExpectedVersion + 1;

    public long LastVersion => ExpectedVersion + EventCount;
}

public enum AppendStatus
{
    /// <summary>Durable.</summary>
    Committed = 0,

    /// <summary>The stream has another last version: whoever holds this one in memory is stale. Nothing of it was stored.</summary>
    Conflict = 1,

    /// <summary>The store would not take it, and says for certain that nothing of it was stored.</summary>
    Refused = 2,

    /// <summary>The store failed in the middle: it is stored whole, or not at all, and nobody knows which.</summary>
    Unknown = 3,

    /// <summary>The store takes nothing from anybody now: it is full, may only be read, or its rights are gone. Nothing of it was stored.</summary>
    Unwritable = 4,
}

/// <summary>One stored append.</summary>
/// <param name="Events">A JSON array, UTF-8; <c>[]</c> when the row has been erased.</param>
public sealed record JournalRow(long FirstVersion, long LastVersion, DateTimeOffset RecordedAt, ReadOnlyMemory<byte> Events);

/// <summary>One look at some rows of a stream.</summary>
/// <param name="Found">Those whose events contain the text, oldest first.</param>
/// <param name="Through">The last version that was looked at; the one asked from when there is no row after it.</param>
/// <param name="RecordedAt">When that was recorded.</param>
public sealed record SearchPage(IReadOnlyList<JournalRow> Found, long Through, DateTimeOffset RecordedAt);

/// <summary>A receipt that was moved out of its owner's memory.</summary>
/// <param name="Body">What the owner stored; JSON, UTF-8.</param>
public sealed record StoredReceipt(Guid Operation, DateTimeOffset RecordedAt, ReadOnlyMemory<byte> Body);
