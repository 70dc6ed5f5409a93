namespace Holdfast.Contracts;

/// <summary>Why a call ended without an answer. Repeating it with the same operation id is always safe.</summary>
public enum RetryReason
{
    /// <summary>The silo has more work queued than its bound; nothing was decided. Wait, then repeat.</summary>
    Overloaded = 1,

    /// <summary>The store refused the data; nothing happened.</summary>
    Refused = 2,

    /// <summary>Another activation of the same grain wrote first; nothing happened here.</summary>
    Conflict = 3,

    /// <summary>The store failed in the middle of a commit; the effect may or may not be there.</summary>
    Unknown = 4,

    /// <summary>The silo is stopping; nothing was decided.</summary>
    Stopping = 5,

    /// <summary>The store cannot be read; nothing was decided.</summary>
    Unreadable = 6,

    /// <summary>What the owner knows is still being read from the store; nothing was decided. Wait, then repeat.</summary>
    Loading = 7,

    /// <summary>The store takes no changes from anybody now; nothing happened, nor would it at once.</summary>
    Unwritable = 8,
}

/// <summary>
/// The call has no answer, through no fault of the command. Repeat it with the same operation id: the owner answers with the
/// receipt if the first attempt took effect.
/// </summary>
[GenerateSerializer, Alias("holdfast.RetryableException")]
public sealed class RetryableException : Exception
{
    public RetryableException(RetryReason reason, string message, Exception? inner = null) : base(message, inner) => Reason = reason;

    [Id(0)]
    public RetryReason Reason { get; }
}
