using System.ComponentModel.DataAnnotations;

namespace Holdfast.Api.Profiles;

/// <summary>A customer's profile. In a merge patch, null removes a member; in a profile there are no nulls: leave the member out.</summary>
/// <remarks>Only describes the JSON: a profile is checked and passed on as it is, since a patch tells null from absent.</remarks>
/// <param name="Locale">A BCP 47 language tag.</param>
/// <param name="Preferences">Up to 100 settings of the shop's own.</param>
public sealed record ProfileBody(
    [property: StringLength(ProfileJson.TextLength)] string? DisplayName = null,
    [property: StringLength(ProfileJson.TextLength)] string? Email = null,
    [property: StringLength(ProfileJson.TextLength)] string? Phone = null,
    [property: StringLength(ProfileJson.TextLength)] string? Locale = null,
    bool? MarketingConsent = null,
    AddressBody? Address = null,
    IReadOnlyDictionary<string, string?>? Preferences = null);

/// <param name="Country">An ISO 3166-1 code.</param>
public sealed record AddressBody(
    [property: StringLength(ProfileJson.TextLength)] string? Line1 = null,
    [property: StringLength(ProfileJson.TextLength)] string? Line2 = null,
    [property: StringLength(ProfileJson.TextLength)] string? City = null,
    [property: StringLength(ProfileJson.TextLength)] string? Region = null,
    [property: StringLength(ProfileJson.TextLength)] string? PostalCode = null,
    [property: StringLength(ProfileJson.TextLength)] string? Country = null);
