using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Holdfast.Journal.Postgres;

/// <summary>What a failed commit means for its appends.</summary>
internal enum FailureKind
{
    /// <summary>The server rolled it back because of another transaction: the same again can succeed.</summary>
    Contention,

    /// <summary>The server rolled it back because of what was in it: without the culprit it can succeed.</summary>
    Data,

    /// <summary>Nothing of it was stored, and the same again would fail now.</summary>
    Refused,

    /// <summary>It was stored whole, or not at all.</summary>
    Unknown,

    /// <summary>Nothing of it was stored, nor would be anything else.</summary>
    Unwritable,
}

internal static class PostgresFailure
{
    /// <summary>An ERROR of the server is certain: the transaction is rolled back. A FATAL one can follow upon the commit itself.</summary>
    /// <param name="sent">The commit may have left this process.</param>
    public static FailureKind Of(Exception exception, bool sent) => exception switch
    {
        PostgresException refusal when !sent && IsUnwritable(refusal.SqlState) => FailureKind.Unwritable,
        _ when !sent => FailureKind.Refused,
        PostgresException { InvariantSeverity: "ERROR" } error => OfState(error.SqlState),

        // A text that is no Unicode stopped the send half-way: the server never saw its end.
        EncoderFallbackException or { InnerException: EncoderFallbackException } => FailureKind.Data,
        _ => FailureKind.Unknown,
    };

    /// <summary>
    /// The server says that it has committed by itself and no longer waits for the standby that has to have the commit, too: somebody
    /// cancelled the wait, or ends the session. By the name of the routine, because the text is in the server's language, and warnings of
    /// other kinds have the same code.
    /// </summary>
    public static bool IsUnconfirmed(PostgresNotice notice) => notice.Routine == "SyncRepWaitForLSN";

    /// <summary>The failure is the database's or the network's, not this program's.</summary>
    public static bool IsStoreFailure(Exception exception) =>
        exception is NpgsqlException or TimeoutException or IOException or SocketException or OperationCanceledException;

    /// <summary>Several questions that were asked at once failed because of one of them, or because they were too many for the server's patience.</summary>
    public static bool IsOfGroup(Exception exception) =>
        Of(exception is JournalStoreException { InnerException: { } inner } ? inner : exception, sent: true) is FailureKind.Data or FailureKind.Contention;

    /// <summary>The disk is full, the database may only be read, or the role has lost its rights or its way in.</summary>
    private static bool IsUnwritable(string state) => state is PostgresErrorCodes.DiskFull or PostgresErrorCodes.ReadOnlySqlTransaction
        or PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InvalidAuthorizationSpecification or PostgresErrorCodes.InvalidPassword;

    /// <summary>By class: PostgreSQL documentation, Appendix A, "PostgreSQL Error Codes".</summary>
    private static FailureKind OfState(string state) => state switch
    {
        PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.QueryCanceled => FailureKind.Contention,

        // Somebody holds a row of it for longer than a commit waits: the others of the batch are not to wait for it once more.
        PostgresErrorCodes.LockNotAvailable => FailureKind.Data,

        // Somebody else's row appeared under the key in the same moment.
        PostgresErrorCodes.UniqueViolation => FailureKind.Contention,

        _ when IsUnwritable(state) => FailureKind.Unwritable,

        // Data exception, integrity constraint violation, program limit exceeded.
        ['2', '2', ..] or ['2', '3', ..] or ['5', '4', ..] => FailureKind.Data,
        _ => FailureKind.Refused,
    };
}
