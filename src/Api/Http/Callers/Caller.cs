namespace Holdfast.Api.Http.Callers;

/// <summary>Who sends a request. Idempotency keys of different callers never meet.</summary>
internal static class Caller
{
    /// <summary>Everyone is the same caller as long as the server listens on loopback only.</summary>
    public static string Of(HttpContext context)
    {
        _ = context;
        return "anonymous";
    }
}
