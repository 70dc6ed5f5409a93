namespace Holdfast.Contracts.Callers;

/// <summary>
/// The owner of all keys of the store. Key: <see cref="Only"/>. Front doors keep a copy of what it knows, and ask every few seconds whether
/// there is something newer: no request waits for it.
/// </summary>
[Alias("holdfast.IKeyring")]
public interface IKeyring : IGrainWithStringKey
{
    /// <summary>There is one.</summary>
    const string Only = "keys";

    /// <summary>Makes a key; its text is in this answer and in no other, a repeat's included.</summary>
    [Alias("Make")]
    ValueTask<KeyOutcome> Make(MakeKey command);

    /// <summary>Ends a key at once: front doors that have not heard of it yet do so within seconds, or let nobody in.</summary>
    [Alias("Revoke")]
    ValueTask<KeyOutcome> Revoke(RevokeKey command);

    /// <summary>What a front door has to know, checked against the journal; without the keys when it knows them already.</summary>
    [Alias("Look")]
    ValueTask<KeyringView> Look(LookAtKeys question);

    /// <summary>All keys that are remembered, oldest first, with when they were last used.</summary>
    [Alias("List")]
    ValueTask<StoredKey[]> List(ReadConsistency consistency = ReadConsistency.Default);

    /// <summary>Texts that front doors share, in the order in which they were kept: what they protect cookies and the like with.</summary>
    [Alias("ReadShared")]
    ValueTask<string[]> ReadShared();

    /// <summary>Keeps one more such text, for as long as the store lives.</summary>
    [Alias("Share")]
    ValueTask Share(string text);
}

/// <param name="Name">Whose key it is: what a caller is called.</param>
/// <param name="Scopes">Names of <see cref="Callers.Scopes"/>, each once.</param>
/// <param name="ExpiresAt">From when on it is none any more; null for never.</param>
[GenerateSerializer, Immutable, Alias("holdfast.MakeKey")]
public sealed record MakeKey(
    [property: Id(0)] Operation Operation,
    [property: Id(1)] string Name,
    [property: Id(2)] string[] Scopes,
    [property: Id(3)] DateTimeOffset? ExpiresAt = null);

[GenerateSerializer, Immutable, Alias("holdfast.RevokeKey")]
public sealed record RevokeKey([property: Id(0)] Operation Operation, [property: Id(1)] string Id);

public enum KeyStatus
{
    Made = 0,
    Revoked = 1,
    NotFound = 2,

    /// <summary>Two keys of that name are live already.</summary>
    TwoLive = 3,

    /// <summary>There are <see cref="Limits.Keys"/> keys that hold.</summary>
    Full = 4,

    /// <summary>It would have ended before it began.</summary>
    ExpiryPast = 5,
    KeyReused = 6,
}

/// <param name="Key">As it is now; null where there is none.</param>
/// <param name="Text">Of a key that was just made, and only then.</param>
[GenerateSerializer, Immutable, Alias("holdfast.KeyOutcome")]
public sealed record KeyOutcome(
    [property: Id(0)] KeyStatus Status,
    [property: Id(1)] StoredKey? Key = null,
    [property: Id(2)] string? Text = null,
    [property: Id(3)] bool Replayed = false)
{
    /// <summary>Without the text: an outcome may come into a log.</summary>
    public override string ToString() => $"{nameof(KeyOutcome)} {Status}";
}

/// <summary>A key as the store has it.</summary>
/// <param name="Id">16 hexadecimal digits, the first part of its text.</param>
/// <param name="Hash">SHA-256 of its secret, 64 hexadecimal digits.</param>
/// <param name="Number">From 1, in the order in which they were made.</param>
/// <param name="LastUsedAt">To the minute; null when it is not known to have been used.</param>
[GenerateSerializer, Immutable, Alias("holdfast.StoredKey")]
public sealed record StoredKey(
    [property: Id(0)] string Id,
    [property: Id(1)] string Name,
    [property: Id(2)] string[] Scopes,
    [property: Id(3)] string Hash,
    [property: Id(4)] long Number,
    [property: Id(5)] DateTimeOffset MadeAt,
    [property: Id(6)] DateTimeOffset? ExpiresAt = null,
    [property: Id(7)] DateTimeOffset? RevokedAt = null,
    [property: Id(8)] DateTimeOffset? LastUsedAt = null)
{
    public bool IsLive(DateTimeOffset now) => RevokedAt is null && !(ExpiresAt <= now);
}

/// <param name="Known">The version that the front door has; 0 for none.</param>
/// <param name="Uses">Keys that were used there since it asked last, and when.</param>
[GenerateSerializer, Immutable, Alias("holdfast.LookAtKeys")]
public sealed record LookAtKeys([property: Id(0)] long Known, [property: Id(1)] KeyUse[] Uses);

/// <param name="Minute">Whole minutes since 1970, UTC.</param>
[GenerateSerializer, Immutable, Alias("holdfast.KeyUse")]
public readonly record struct KeyUse([property: Id(0)] string Id, [property: Id(1)] long Minute);

/// <param name="Version">Of the newest change; 0 when no key was ever made.</param>
/// <param name="MacKey">The store's key for the MACs; null when no key was ever made.</param>
/// <param name="Keys">Those that are live; null when the version is the one that is known.</param>
[GenerateSerializer, Immutable, Alias("holdfast.KeyringView")]
public sealed record KeyringView(
    [property: Id(0)] long Version, [property: Id(1)] byte[]? MacKey = null, [property: Id(2)] StoredKey[]? Keys = null);
