using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Holdfast.Api.Profiles;

// These only describe the JSON: a profile is checked and passed on as it is, since a patch tells null from absent.

/// <summary>A customer's profile. There are no nulls in it: what is not known is left out.</summary>
/// <param name="Locale">A BCP 47 language tag.</param>
/// <param name="Preferences">Up to 100 settings of the shop's own.</param>
public sealed record ProfileBody(
    [property: StringLength(ProfileJson.TextLength), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? DisplayName = null,
    [property: StringLength(ProfileJson.TextLength), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? Email = null,
    [property: StringLength(ProfileJson.TextLength), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? Phone = null,
    [property: StringLength(ProfileJson.TextLength), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? Locale = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? MarketingConsent = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] AddressBody? Address = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? Preferences = null);

/// <summary>Where a customer is. There are no nulls in it.</summary>
/// <param name="Country">An ISO 3166-1 code.</param>
public sealed record AddressBody(
    [property: StringLength(ProfileJson.TextLength), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? Line1 = null,
    [property: StringLength(ProfileJson.TextLength), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? Line2 = null,
    [property: StringLength(ProfileJson.TextLength), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? City = null,
    [property: StringLength(ProfileJson.TextLength), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? Region = null,
    [property: StringLength(ProfileJson.TextLength), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? PostalCode = null,
    [property: StringLength(ProfileJson.TextLength), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? Country = null);

/// <summary>A merge patch (RFC 7396) of a profile: null removes a member, and what is left out stays.</summary>
/// <param name="Locale">A BCP 47 language tag.</param>
/// <param name="Preferences">Settings that come, change or go.</param>
public sealed record ProfilePatchBody(
    [property: StringLength(ProfileJson.TextLength)] string? DisplayName = null,
    [property: StringLength(ProfileJson.TextLength)] string? Email = null,
    [property: StringLength(ProfileJson.TextLength)] string? Phone = null,
    [property: StringLength(ProfileJson.TextLength)] string? Locale = null,
    bool? MarketingConsent = null,
    AddressPatchBody? Address = null,
    IReadOnlyDictionary<string, string?>? Preferences = null);

/// <summary>A merge patch of an address.</summary>
/// <param name="Country">An ISO 3166-1 code.</param>
public sealed record AddressPatchBody(
    [property: StringLength(ProfileJson.TextLength)] string? Line1 = null,
    [property: StringLength(ProfileJson.TextLength)] string? Line2 = null,
    [property: StringLength(ProfileJson.TextLength)] string? City = null,
    [property: StringLength(ProfileJson.TextLength)] string? Region = null,
    [property: StringLength(ProfileJson.TextLength)] string? PostalCode = null,
    [property: StringLength(ProfileJson.TextLength)] string? Country = null);

/// <summary>A profile as it is kept.</summary>
/// <param name="Locale">A BCP 47 language tag.</param>
/// <param name="Preferences">Settings of the shop's own.</param>
public sealed record ProfileResponse(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? DisplayName = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Email = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Phone = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Locale = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? MarketingConsent = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] AddressResponse? Address = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? Preferences = null);

/// <summary>An address as it is kept.</summary>
/// <param name="Country">An ISO 3166-1 code.</param>
public sealed record AddressResponse(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Line1 = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Line2 = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? City = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Region = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? PostalCode = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Country = null);
