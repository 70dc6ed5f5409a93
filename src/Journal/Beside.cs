namespace Holdfast.Journal;

/// <summary>
/// What an append changes in the rows that stand beside its stream: what must not stay in the history, and what somebody should look at.
/// Stored in the append's transaction, and removed again by a later append, or by an erasure. Most appends have none.
/// </summary>
/// <param name="Secrets">At most one change a name.</param>
/// <param name="Attention">Null when that stays as it is.</param>
public sealed record Beside(IReadOnlyList<SecretChange> Secrets, AttentionChange? Attention = null);

/// <summary>A secret of a stream comes, or goes.</summary>
/// <param name="Value">UTF-8; null removes it.</param>
public readonly record struct SecretChange(string Name, ReadOnlyMemory<byte>? Value);

/// <summary>An owner needs somebody's attention since this append, or not any more.</summary>
/// <param name="Reason">A code; null when it needs none any more.</param>
/// <param name="Detail">What there is to know, for people.</param>
public readonly record struct AttentionChange(string? Reason, string Detail);

/// <summary>An owner that needs somebody's attention.</summary>
/// <param name="Since">When the append that says so was recorded.</param>
public sealed record Attention(string Stream, DateTimeOffset Since, string Reason, string Detail);
