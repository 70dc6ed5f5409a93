namespace Holdfast.Api.Http.Problems;

/// <summary>A member that problems of some kinds have besides those of all (RFC 9457 §3.2).</summary>
/// <param name="Name">As it is in the JSON.</param>
/// <param name="Type">Of its values, null included, for the OpenAPI document.</param>
/// <param name="Description">For the OpenAPI document; null where its type says it.</param>
public abstract record ProblemMember(string Name, Type Type, string? Description)
{
    public static readonly ProblemMember<long> CurrentVersion =
        new("currentVersion", "The version that an If-Match would have to name now; absent when there is nothing to match.");
}

/// <summary>One whose value is a text.</summary>
public sealed record ProblemText(string Name, string? Description = null) : ProblemMember(Name, typeof(string), Description);

/// <typeparam name="T">A number, a time or an enum.</typeparam>
public sealed record ProblemMember<T>(string Name, string? Description = null) : ProblemMember(Name, typeof(T?), Description)
    where T : struct;
