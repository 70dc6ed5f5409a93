namespace Holdfast.Journal;

/// <summary>
/// The database behind the journal, the outbox and the receipts. SQLite and PostgreSQL pass the same contract tests; nothing
/// above this interface knows which one it is.
/// </summary>
public interface IJournalStore : IAsyncDisposable
{
    /// <summary>Past this many bytes of events a page read backward ends: the rows of a busy owner can be large.</summary>
    const int MaxPageBytes = 64 * 1024;

    /// <summary>How many batches may be committed at the same time.</summary>
    int Writers { get; }

    /// <summary>Creates or upgrades the schema. Safe when several silos start at once.</summary>
    /// <exception cref="JournalStoreException">The store cannot be opened, or was made by a newer version.</exception>
    Task Initialize(CancellationToken cancellationToken);

    /// <summary>The version of the schema that the store has now. Asks the database itself, so it also says whether that answers.</summary>
    Task<int> ReadSchemaVersion(CancellationToken cancellationToken);

    /// <summary>
    /// Stores the batch in one transaction: each append on its own merits, and all the outbox changes. Never throws; a store that
    /// failed reports <see cref="AppendStatus.Refused"/> when it rolled back for certain, else <see cref="AppendStatus.Unknown"/>;
    /// <see cref="AppendStatus.Unwritable"/> when it would roll back everything else as well.
    /// </summary>
    /// <param name="appends">At most one a stream.</param>
    /// <param name="changes">Dropped when the transaction fails: the rows stay and are delivered again.</param>
    /// <param name="watch">
    /// Hears when the store waits for an answer that may not come for long. One that was given up through it gets no answer that counts.
    /// </param>
    ValueTask<CommitResult> Commit(IReadOnlyList<Append> appends, IReadOnlyList<OutboxChange> changes, CommitWatch? watch = null);

    /// <summary>Whether the store takes changes: makes one that leaves nothing, as an append would be made.</summary>
    /// <exception cref="JournalStoreException">It does not, and says why.</exception>
    Task ProveWritable(CancellationToken cancellationToken);

    /// <summary>The last version of a stream; 0 when it has no row.</summary>
    Task<long> ReadVersion(string stream, CancellationToken cancellationToken);

    /// <summary>
    /// Rows of a stream whose first version is below <paramref name="before"/>, newest first: as many as asked for, or fewer when their
    /// events pass <see cref="MaxPageBytes"/>. The newest is always among them.
    /// </summary>
    Task<IReadOnlyList<JournalRow>> ReadBackward(string stream, long before, int limit, CancellationToken cancellationToken);

    /// <summary>Rows of a stream whose last version is above <paramref name="after"/>, oldest first.</summary>
    Task<IReadOnlyList<JournalRow>> ReadForward(string stream, long after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Looks at the next rows of a stream that begin after a version, no more than <paramref name="limit"/>: which events contain the text?
    /// Their number is bounded, not their size: for rare questions.
    /// </summary>
    Task<SearchPage> Search(string stream, string text, long after, int limit, CancellationToken cancellationToken);

    /// <summary>A receipt that was moved out of its owner's memory, or null.</summary>
    Task<StoredReceipt?> FindReceipt(string stream, Guid operation, CancellationToken cancellationToken);

    /// <summary>A secret beside a stream, or null.</summary>
    Task<ReadOnlyMemory<byte>?> ReadSecret(string stream, string name, CancellationToken cancellationToken);

    /// <summary>
    /// Stores a secret beside a stream that no append brings, at once and for as long as the stream is not erased. Of several who store one
    /// at the same time without replacing, all are told the same.
    /// </summary>
    /// <param name="value">UTF-8.</param>
    /// <param name="replaces">Whether it takes the place of one that is there.</param>
    /// <returns>What is there now.</returns>
    /// <exception cref="JournalStoreException">The store does not take it.</exception>
    Task<ReadOnlyMemory<byte>> WriteSecret(
        string stream, string name, ReadOnlyMemory<byte> value, bool replaces, CancellationToken cancellationToken);

    /// <summary>Owners that need attention, by the name of their stream, after the given one (all come after an empty name).</summary>
    Task<IReadOnlyList<Attention>> ReadAttention(string after, int limit, CancellationToken cancellationToken);

    /// <summary>Messages of a lane that are due, ordered by (due, id), after the given one.</summary>
    Task<IReadOnlyList<OutboxMessage>> ReadDue(
        int lane, DateTimeOffset now, OutboxPosition after, int limit, CancellationToken cancellationToken);

    /// <summary>When the lane's earliest message that is not yet due becomes due, or null.</summary>
    Task<DateTimeOffset?> NextDue(int lane, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Dead letters, newest first.</summary>
    Task<IReadOnlyList<DeadLetter>> ReadDeadLetters(int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Streams whose newest row was recorded in the window and does not end as one of a stream that is done with; in the order of their
    /// names. It reads what was recorded in the window, however large the journal is: for windows that are asked for one after the other.
    /// On SQLite a row may stand in a neighbouring window when the clock was set back.
    /// </summary>
    /// <param name="after">Only streams whose names come after it; empty for all.</param>
    Task<IReadOnlyList<string>> FindUnended(QuietWindow window, string after, int limit, CancellationToken cancellationToken);

    /// <summary>Up to when the journal has been gone over for streams that stand still; at first two days back, or when it began.</summary>
    Task<DateTimeOffset> ReadSweptUntil(CancellationToken cancellationToken);

    /// <summary>For whoever goes on with it, after a start perhaps. The last word counts, even an earlier time.</summary>
    Task WriteSweptUntil(DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>Those of the streams that have a message in the outbox, in whatever lane, due or not. Reads the outbox: for rare questions.</summary>
    /// <param name="otherThan">A type of which messages do not count; empty when all do.</param>
    Task<IReadOnlyList<string>> WithMessages(IReadOnlyList<string> streams, string otherThan, CancellationToken cancellationToken);

    /// <summary>Removes receipts recorded before the given moment; returns how many, at most <paramref name="limit"/>.</summary>
    Task<int> ForgetReceipts(DateTimeOffset before, int limit, CancellationToken cancellationToken);
}

/// <param name="Appends">One status for each append, in the order given.</param>
/// <param name="Committed">The transaction is durable: the outbox changes, and the appends that say so.</param>
/// <param name="Error">What the store said when it refused an append, or failed.</param>
/// <param name="Unwritable">It would refuse everything else, too; see <see cref="AppendStatus.Unwritable"/>.</param>
public readonly record struct CommitResult(AppendStatus[] Appends, bool Committed, string? Error = null, bool Unwritable = false);

/// <summary>Some time that is over, as it looks for streams of one kind.</summary>
/// <param name="Prefix">What the streams' names begin with.</param>
/// <param name="From">The earliest moment.</param>
/// <param name="Until">The first moment that is not in it.</param>
/// <param name="Endings">How the events of a row end that is the last of its stream, as stored.</param>
public sealed record QuietWindow(string Prefix, DateTimeOffset From, DateTimeOffset Until, IReadOnlyList<string> Endings);

/// <summary>A place in a lane's due rows. <c>default</c> is before all of them.</summary>
public readonly record struct OutboxPosition(DateTimeOffset DueAt, Guid Id);

/// <summary>The store cannot be used; the message says what to do about it.</summary>
public sealed class JournalStoreException(string message, Exception? inner = null) : Exception(message, inner);
