using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Api.Http.Problems;

namespace Holdfast.Api.Http.Requests;

/// <summary>Times as RFC 3339 writes them, in UTC and to the millisecond: <c>2026-11-23T09:00:00.000Z</c>.</summary>
internal sealed class Timestamps : JsonConverter<DateTimeOffset>
{
    public const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>As a time is read in a query: in UTC, with or without a fraction of a second.</summary>
    private const string QueryFormat = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

    private const int Length = 24;

    /// <summary>A time in a query; null when it was not sent.</summary>
    /// <exception cref="RefusedRequestException">400: it is none.</exception>
    public static DateTimeOffset? InQuery(string? text, string parameter)
    {
        if (text is null) return null;
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTimeOffset.TryParseExact(text, QueryFormat, CultureInfo.InvariantCulture, Utc, out var time)
            ? time
            : throw Checks.Unreadable(RequestError.InParameter(
                parameter, ErrorCodes.WrongType, "must be a time in UTC as RFC 3339 writes it: 2026-11-23T09:00:00Z"));
    }

    /// <summary>Two times in a query, of which either may be missing.</summary>
    /// <exception cref="RefusedRequestException">400: one is none. 422: the first is the later one.</exception>
    public static (DateTimeOffset? From, DateTimeOffset? To) RangeInQuery(
        (string? Text, string Parameter) from, (string? Text, string Parameter) to)
    {
        var range = (From: InQuery(from.Text, from.Parameter), To: InQuery(to.Text, to.Parameter));
        var checks = new Checks();
        checks.Require(
            !(range.From > range.To),
            RequestError.InParameter(from.Parameter, ErrorCodes.OutOfRange, $"must not be later than '{to.Parameter}'"));
        checks.Refuse();
        return range;
    }

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var time) ? time : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<char> text = stackalloc char[Length];
        value.UtcDateTime.TryFormat(text, out _, Format, CultureInfo.InvariantCulture);
        writer.WriteStringValue(text);
    }
}
