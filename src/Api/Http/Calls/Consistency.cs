using Holdfast.Contracts;

namespace Holdfast.Api.Http.Calls;

/// <summary>
/// How sure a read asks to be. <c>Cache-Control: no-cache</c> (RFC 9111 §5.2.1.4) says that an answer from memory will not do
/// unless it was checked at its source: here, that the journal holds nothing newer.
/// </summary>
public static class Consistency
{
    public static ReadConsistency Of(HttpContext context) =>
        context.Request.GetTypedHeaders().CacheControl is { NoCache: true } ? ReadConsistency.Strong : ReadConsistency.Default;
}
