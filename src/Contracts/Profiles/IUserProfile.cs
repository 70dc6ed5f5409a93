namespace Holdfast.Contracts.Profiles;

/// <summary>
/// The owner of one user's profile, a JSON object. Key: the user's id. Edits are merged field by field, so two people who edit
/// different fields both win; If-Match turns an edit of the same field into a conflict.
/// </summary>
[Alias("holdfast.IUserProfile")]
public interface IUserProfile : IGrainWithStringKey
{
    /// <summary>The profile, or null when there is none (never written, or erased).</summary>
    [Alias("Read")]
    ValueTask<Profile?> Read(ReadConsistency consistency = ReadConsistency.Default);

    /// <summary>Creates the profile or replaces it whole.</summary>
    [Alias("Put")]
    ValueTask<ProfileOutcome> Put(EditProfile command);

    /// <summary>Applies a JSON merge patch (RFC 7396); creates the profile if there is none, unless the edit says that it must exist.</summary>
    [Alias("Patch")]
    ValueTask<ProfileOutcome> Patch(EditProfile command);

    /// <summary>Erases the profile and everything the journal has stored of it.</summary>
    [Alias("Erase")]
    ValueTask<ProfileOutcome> Erase(EraseProfile command);
}

/// <param name="Json">The profile's members as a JSON object.</param>
/// <param name="Version">Rises with each change and is never used again, not even after an erasure.</param>
[GenerateSerializer, Immutable, Alias("holdfast.Profile")]
public sealed record Profile([property: Id(0)] string UserId, [property: Id(1)] string Json, [property: Id(2)] long Version);

/// <param name="Json">For put: the profile. For patch: the merge patch. A JSON object, checked by the front door.</param>
/// <param name="IfVersion">Only when the profile has this version.</param>
/// <param name="IfAbsent">Only when there is no profile.</param>
/// <param name="IfPresent">For patch: only when there is a profile.</param>
[GenerateSerializer, Immutable, Alias("holdfast.EditProfile")]
public sealed record EditProfile(
    [property: Id(0)] Operation Operation,
    [property: Id(1)] string Json,
    [property: Id(2)] long? IfVersion = null,
    [property: Id(3)] bool IfAbsent = false,
    [property: Id(4)] bool IfPresent = false);

[GenerateSerializer, Immutable, Alias("holdfast.EraseProfile")]
public sealed record EraseProfile([property: Id(0)] Operation Operation, [property: Id(1)] long? IfVersion = null);

public enum ProfileStatus
{
    Changed = 0,
    Created = 1,
    Erased = 2,
    NotFound = 3,
    VersionMismatch = 4,

    /// <summary>The merged profile would pass <see cref="Limits.ProfileBytes"/>.</summary>
    TooLarge = 5,
    KeyReused = 6,
}

/// <param name="Profile">As it is now; null when there is none.</param>
/// <param name="Replayed">It was done by an earlier call with the same operation id.</param>
[GenerateSerializer, Immutable, Alias("holdfast.ProfileOutcome")]
public sealed record ProfileOutcome(
    [property: Id(0)] ProfileStatus Status, [property: Id(1)] Profile? Profile, [property: Id(2)] bool Replayed = false);
