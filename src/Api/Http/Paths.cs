using System.Buffers;

namespace Holdfast.Api.Http;

/// <summary>
/// The canonical path of each resource: with names as they are for the scope of an idempotency key, with escaped ones for a Location.
/// </summary>
internal static class Paths
{
    public const string Orders = "/v1/orders";

    /// <summary>What most names are made of: it needs no escapes (RFC 3986 §2.3).</summary>
    private static readonly SearchValues<char> Plain = SearchValues.Create("-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static string Product(string sku) => "/v1/products/" + sku;

    public static string Adjustments(string sku) => Product(sku) + "/adjustments";

    public static string Reservations(string sku) => Product(sku) + "/reservations";

    public static string Reservation(string sku, string id) => Reservations(sku) + "/" + id;

    public static string Movement(string sku, long version) => $"{Product(Escape(sku))}/movements?after={version - 1}&limit=1";

    public static string Order(string id) => Orders + "/" + id;

    public static string Profile(string user) => $"/v1/users/{user}/profile";

    public static string Increments(string counter) => $"/v1/counters/{counter}/increments";

    /// <summary>A name as it goes over the wire; a slash in it is one of its characters.</summary>
    public static string Escape(string name) => name.AsSpan().ContainsAnyExcept(Plain) ? Uri.EscapeDataString(name) : name;
}
