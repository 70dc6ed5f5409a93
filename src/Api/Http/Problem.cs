using System.Globalization;
using System.Text.Json.Serialization;
using Holdfast.Contracts.Orders;

namespace Holdfast.Api.Http;

/// <summary>An error as callers see it: RFC 9457 problem details with a stable code.</summary>
public sealed class Problem(ProblemKind kind, string detail) : IResult
{
    public const string MediaType = "application/problem+json";

    /// <summary>Identifies the kind of problem; it is a name, not a page.</summary>
    public string Type => "urn:holdfast:problem:" + Code;

    /// <summary>The same for every occurrence of the code.</summary>
    public string Title => kind.Title;

    /// <summary>The HTTP status.</summary>
    public int Status => kind.Status;

    /// <summary>For programs; never changes.</summary>
    public string Code => kind.Code;

    /// <summary>What is wrong, and what to do about it.</summary>
    public string Detail => detail;

    /// <summary>The very same request, with the same Idempotency-Key, is safe to repeat and may succeed.</summary>
    public bool Retryable => kind.Retryable;

    /// <summary>What is wrong with each member, header or parameter.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>Units asked for minus units available.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Shortfall { get; init; }

    /// <summary>Units that are neither held nor sold.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Available { get; init; }

    /// <summary>Units physically there.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? OnHand { get; init; }

    /// <summary>Units held.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Reserved { get; init; }

    /// <summary>The version that an If-Match would have to name now; absent when there is nothing to match.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? CurrentVersion { get; init; }

    /// <summary>Where the order is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OrderStatus? OrderStatus { get; init; }

    /// <summary>The caller need not come back earlier; sent as Retry-After.</summary>
    [JsonIgnore]
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What a GET or HEAD is told instead: it changes nothing and has no key, so there is nothing to say of them.</summary>
    [JsonIgnore]
    public Problem? ForRead { get; init; }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var method = httpContext.Request.Method;
        if (ForRead is not null && (HttpMethods.IsGet(method) || HttpMethods.IsHead(method))) return ForRead.ExecuteAsync(httpContext);
        var response = httpContext.Response;
        response.StatusCode = Status;
        if (RetryAfter is { } wait) response.Headers.RetryAfter = ((long)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return response.WriteAsJsonAsync(this, ApiJsonExtensions.Readable.Problem, MediaType, httpContext.RequestAborted);
    }
}
