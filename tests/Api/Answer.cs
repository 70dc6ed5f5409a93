using System.Text.Json;
using Holdfast.Api.Http.Problems;

namespace Holdfast.Tests.Api;

/// <summary>A response that has been read.</summary>
public sealed record Answer(int Status, string? MediaType, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public static async Task<Answer> Read(HttpResponseMessage response) => new(
        (int)response.StatusCode,
        response.Content.Headers.ContentType?.MediaType,
        await response.Content.ReadAsStringAsync(),
        response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase));

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? ETag => Headers.GetValueOrDefault("ETag");

    public string? Location => Headers.GetValueOrDefault("Location");

    public bool Replayed => Headers.GetValueOrDefault("Idempotent-Replayed") == "true";

    public long Number(string member) => Json.GetProperty(member).GetInt64();

    public string? Text(string member) => Json.GetProperty(member).GetString();

    /// <summary>Of an order: what happened to its money.</summary>
    public string? Payment() => Json.GetProperty("payment").GetProperty("status").GetString();

    public Answer Is(int status)
    {
        Assert.True(Status == status, $"expected {status}, got {Status}: {Body}");
        return this;
    }

    /// <summary>Everything that it says, without what names this one request: to compare with another's.</summary>
    public string Unnamed()
    {
        var headers = Headers.Where(static header => header.Key is not ("Request-Id" or "Date"))
            .OrderBy(static header => header.Key, StringComparer.Ordinal);
        return $"{Status} {Body.Replace(Headers["Request-Id"], "", StringComparison.Ordinal)} {string.Join('\n', headers)}";
    }

    /// <summary>The answer is a problem, with everything that every problem has.</summary>
    public Answer IsProblem(int status, string code)
    {
        Is(status);
        Assert.Equal("application/problem+json", MediaType);
        Assert.Equal(code, Text("code"));
        Assert.Equal(status, Number("status"));
        Assert.Equal("/docs/problems/" + code, Text("type"));
        Assert.Equal(Headers["Request-Id"], Text("traceId"));
        Assert.False(string.IsNullOrWhiteSpace(Text("title")));
        Assert.False(string.IsNullOrWhiteSpace(Text("detail")));
        Assert.Equal(status is 429 or 503 || code == "lease_held", Json.GetProperty("retryable").GetBoolean());
        return this;
    }

    /// <summary>The request cannot be read (400) or is out of bounds (422), at this place.</summary>
    public Answer IsBad(int status, string place) => IsProblem(status, status == 400 ? "malformed" : "out_of_bounds").Blames(place);

    /// <summary>The answer says that this is wrong.</summary>
    /// <param name="place">
    /// A member of the body, as C# would write it, or the name of a parameter or of a header; "body" for all of it.
    /// </param>
    public Answer Blames(string place)
    {
        var errors = Json.GetProperty("errors").EnumerateArray().ToArray();
        foreach (var error in errors)
        {
            Assert.Contains(error.GetProperty("code").GetString(), ErrorCodes.All);
            Assert.False(string.IsNullOrWhiteSpace(error.GetProperty("detail").GetString()));
        }

        var path = place.Replace("[", "/", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Replace('.', '/');
        var pointer = place == "body" ? "" : "/" + path;
        Assert.True(
            Array.Exists(errors, Names),
            $"expected errors to name '{place}': {Body}");
        return this;

        bool Names(JsonElement error) =>
            error.TryGetProperty("pointer", out var there) ? there.GetString() == pointer : NameOf(error) == place;
    }

    private static string? NameOf(JsonElement error) =>
        error.EnumerateObject().Single(static member => member.Name is "parameter" or "header").Value.GetString();
}
