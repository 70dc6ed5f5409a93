using System.Globalization;
using System.Text.Json.Serialization;
using Holdfast.Api.Http.Requests;

namespace Holdfast.Api.Http.Problems;

/// <summary>An error as callers see it: RFC 9457 problem details with a stable code.</summary>
public sealed class Problem(ProblemKind kind, string detail) : IResult
{
    public const string MediaType = "application/problem+json";

    private Dictionary<string, object>? _members;

    /// <summary>Identifies the kind of problem, and leads to the page that says more of it.</summary>
    public string Type => ProblemPages.Path(Code);

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

    /// <summary>The id of the request, which is also its trace's; to be named when somebody is asked about it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TraceId { get; internal set; }

    /// <summary>What is wrong with each member, parameter or header.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<RequestError>? Errors { get; init; }

    /// <summary>What only problems of this kind have, in the order in which it was said.</summary>
    [JsonExtensionData]
    public IDictionary<string, object>? Members => _members;

    /// <summary>The caller need not come back earlier; sent as Retry-After.</summary>
    [JsonIgnore]
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What a GET or HEAD is told instead: it changes nothing and has no key, so there is nothing to say of them.</summary>
    [JsonIgnore]
    public Problem? ForRead { get; init; }

    [JsonIgnore]
    internal ProblemKind Kind => kind;

    /// <summary>Says one thing more, in a member of its own; null says nothing.</summary>
    /// <param name="member">One of those that the kind names, for the OpenAPI document.</param>
    public Problem And<T>(ProblemMember<T> member, T? value)
        where T : struct
    {
        if (value is { } said) (_members ??= []).Add(member.Name, said is Enum name ? StrictJson.Text(name) : said);
        return this;
    }

    /// <inheritdoc cref="And{T}" />
    public Problem And(ProblemText member, string? value)
    {
        if (value is not null) (_members ??= []).Add(member.Name, value);
        return this;
    }

    /// <summary>The problem of a request with such errors; its detail is the first of them.</summary>
    /// <param name="hint">A sentence more.</param>
    public static Problem Of(ProblemKind kind, IReadOnlyList<RequestError> errors, string? hint = null) =>
        new(kind, hint is null ? errors[0].Sentence : $"{errors[0].Sentence} {hint}") { Errors = errors };

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var method = httpContext.Request.Method;
        if (ForRead is not null && (HttpMethods.IsGet(method) || HttpMethods.IsHead(method))) return ForRead.ExecuteAsync(httpContext);
        var response = httpContext.Response;
        response.StatusCode = Status;

        // Whatever was answered before, this header included, is gone when it comes to an exception.
        TraceId = RequestIds.Send(httpContext);
        response.Headers.CacheControl = CacheRules.NotKept;
        if (RetryAfter is { } wait) response.Headers.RetryAfter = ((long)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return response.WriteAsJsonAsync(this, StrictJson.Bodies.Problem, MediaType, httpContext.RequestAborted);
    }
}
