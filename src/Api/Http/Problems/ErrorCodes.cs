namespace Holdfast.Api.Http.Problems;

/// <summary>
/// What can be wrong with one member, parameter or header: codes for programs, which never change. There may be more of them one day.
/// </summary>
public static class ErrorCodes
{
    // Of what cannot be read (400).
    public const string Required = "required";
    public const string Unknown = "unknown";
    public const string Duplicate = "duplicate";
    public const string WrongType = "wrong_type";
    public const string Null = "null";
    public const string TooDeep = "too_deep";
    public const string NotJson = "not_json";
    public const string NotUnicode = "not_unicode";
    public const string Malformed = "malformed";
    public const string Unsupported = "unsupported";

    // Of what can be read and will not do (422; of a name in the path 400).
    public const string InvalidName = "invalid_name";
    public const string InvalidText = "invalid_text";
    public const string TooLong = "too_long";
    public const string OutOfRange = "out_of_range";
    public const string WrongCount = "wrong_count";
    public const string UnknownCurrency = "unknown_currency";
    public const string InvalidId = "invalid_id";
    public const string UnknownScope = "unknown_scope";
    public const string Overlaps = "overlaps";

    public static IReadOnlyList<string> All { get; } =
    [
        Required, Unknown, Duplicate, WrongType, Null, TooDeep, NotJson, NotUnicode, Malformed, Unsupported,
        InvalidName, InvalidText, TooLong, OutOfRange, WrongCount, UnknownCurrency, InvalidId, UnknownScope,
        Overlaps,
    ];
}
