using System.Buffers;

namespace Holdfast.Api.Http.Requests;

/// <summary>A name in a path: as it is for the scope of an idempotency key, escaped for a Location.</summary>
internal static class PathSegment
{
    /// <summary>What most names are made of: it needs no escapes (RFC 3986 §2.3).</summary>
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>As it goes over the wire; a slash in it is one of its characters.</summary>
    public static string Escape(string name) => name.AsSpan().ContainsAnyExcept(Plain) ? Uri.EscapeDataString(name) : name;
}
