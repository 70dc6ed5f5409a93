using System.Text;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Fences;
using Holdfast.Api.Http.Problems;
using Holdfast.Contracts;
using Microsoft.Extensions.Primitives;

namespace Holdfast.Api.Http.Idempotency;

/// <summary>The caller's name for one request, whatever number of times it is sent.</summary>
public static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotent-Replayed";

    public static Problem Reused => ProblemKind.IdempotencyKeyReused.With(
        "A key names one request. Repeat the first request as it was, or choose a new key for this one.");

    /// <summary>The operation of a keyed request: the same caller, method, path and key are the same operation, for ever.</summary>
    /// <param name="path">Decoded and in its canonical form, so that no other spelling of it makes another operation.</param>
    /// <exception cref="RefusedRequestException">There is no key, or it is not usable.</exception>
    public static Operation Operation(HttpContext context, string path, ulong fingerprint)
    {
        var key = Read(context);
        return new(PublicId.Derive(Caller.Of(context), context.Request.Method, path, key), fingerprint, FenceHeader.Of(context));
    }

    /// <summary>The operation of one item of a keyed request.</summary>
    /// <param name="owner">Whom it goes to.</param>
    /// <param name="place">Among those that go there.</param>
    /// <param name="fence">Of the item; null for none.</param>
    /// <exception cref="RefusedRequestException">There is no key, or it is not usable.</exception>
    public static Operation ItemOperation(HttpContext context, string path, string owner, string place, ulong fingerprint, Fence? fence) =>
        new(PublicId.Derive(Caller.Of(context), context.Request.Method, path, Read(context), owner, place), fingerprint, fence);

    public static bool IsSent(HttpContext context) => context.Request.Headers[Header].Count > 0;

    /// <summary>
    /// The operation of a request that needs no key, since its method is idempotent. With one, a client that lost the answer and repeats
    /// the request gets its success, and not the refusal of a version that it has itself moved on.
    /// </summary>
    /// <exception cref="RefusedRequestException">The key is not usable.</exception>
    public static Operation OptionalOperation(HttpContext context, string path, ulong fingerprint, TimeProvider clock) =>
        IsSent(context)
            ? Operation(context, path, fingerprint)
            : new Operation(Guid.CreateVersion7(clock.GetUtcNow()), Fingerprint: 0, FenceHeader.Of(context));

    /// <summary>
    /// The same, for an owner that itself knows what was done: without a key the operation has no id, and leaves nothing to remember.
    /// </summary>
    /// <exception cref="RefusedRequestException">The key is not usable.</exception>
    public static Operation OperationOrNone(HttpContext context, string path, ulong fingerprint) =>
        IsSent(context) ? Operation(context, path, fingerprint) : new Operation(Guid.Empty, Fingerprint: 0, FenceHeader.Of(context));

    /// <exception cref="RefusedRequestException">There is no key, or it is not usable.</exception>
    public static string Read(HttpContext context) => Parse(context.Request.Headers[Header]);

    internal static string Parse(StringValues header)
    {
        if (header.Count == 0) throw new RefusedRequestException(ProblemKind.IdempotencyKeyMissing.With(
            $"Send a header {Header} with a name of your own for this request (a UUID, say), and the same one when you repeat it."));

        var key = header.Count == 1 ? Unquote(header[0] ?? "") : null;
        if (key is not { Length: >= 1 and <= Limits.IdempotencyKeyLength } || key.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw new RefusedRequestException(ProblemKind.IdempotencyKeyInvalid.With(
                $"Send one {Header} of 1 to {Limits.IdempotencyKeyLength} printable ASCII characters."));
        }

        return key;
    }

    /// <summary>Says that the answer is that of an earlier request. Without a key there was none: a call of ours was repeated.</summary>
    public static void MarkReplayed(HttpContext context, bool replayed)
    {
        if (replayed && IsSent(context)) context.Response.Headers[ReplayedHeader] = "true";
    }

    /// <summary>A structured-field string (RFC 9651 §3.3.3) and the bare text inside it are the same key; null when it is malformed.</summary>
    private static string? Unquote(string text)
    {
        if (!text.StartsWith('"')) return text;
        if (text.Length < 2 || !text.EndsWith('"')) return null;

        var key = new StringBuilder(text.Length);
        for (var i = 1; i < text.Length - 1; i++)
        {
            if (text[i] == '"') return null;
            if (text[i] == '\\' && (++i == text.Length - 1 || text[i] is not ('"' or '\\'))) return null;
            key.Append(text[i]);
        }

        return key.ToString();
    }
}
