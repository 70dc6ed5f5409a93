using System.Text.Json;

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

    public Answer Is(int status)
    {
        Assert.True(Status == status, $"expected {status}, got {Status}: {Body}");
        return this;
    }

    /// <summary>The answer is a problem, with everything that every problem has.</summary>
    public Answer IsProblem(int status, string code)
    {
        Is(status);
        Assert.Equal("application/problem+json", MediaType);
        Assert.Equal(code, Text("code"));
        Assert.Equal(status, Number("status"));
        Assert.Equal("urn:holdfast:problem:" + code, Text("type"));
        Assert.False(string.IsNullOrWhiteSpace(Text("title")));
        Assert.False(string.IsNullOrWhiteSpace(Text("detail")));
        Assert.Equal(status == 503, Json.GetProperty("retryable").GetBoolean());
        return this;
    }

    /// <summary>The answer says that this member is wrong.</summary>
    public Answer Blames(string field)
    {
        Assert.True(Json.GetProperty("errors").TryGetProperty(field, out _), $"expected errors to name '{field}': {Body}");
        return this;
    }
}
