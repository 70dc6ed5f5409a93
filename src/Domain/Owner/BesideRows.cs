namespace Holdfast.Domain.Owner;

/// <summary>
/// What an event changes in the rows that stand beside the stream: what must not stay in the history, and what somebody should look at.
/// Stored together with the event, and removed again by a later one, or by an erasure.
/// </summary>
/// <param name="Secrets">At most one change a name.</param>
/// <param name="Attention">Null when that stays as it is.</param>
public sealed record BesideRows(IReadOnlyList<SecretRow> Secrets, AttentionRow? Attention = null);

/// <summary>A secret of a stream comes, or goes.</summary>
/// <param name="Value">Null removes it.</param>
public readonly record struct SecretRow(string Name, string? Value);

/// <summary>An owner needs somebody's attention from now on, or not any more.</summary>
/// <param name="Reason">A code; null when it needs none any more.</param>
/// <param name="Detail">What there is to know, for people.</param>
public readonly record struct AttentionRow(string? Reason, string Detail);
