using System.Buffers;

namespace Holdfast.Api.Http;

/// <summary>
/// The canonical path of each resource: decoded for the scope of an idempotency key, escaped for a Location.
/// </summary>
internal static class Paths
{
    public const string Orders = "/v1/orders";

    /// <summary>What most names are made of, and what is between them: it needs no escapes (RFC 3986 §2.3).</summary>
    private static readonly SearchValues<char> Plain = SearchValues.Create("/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static string Product(string sku) => "/v1/products/" + sku;

    public static string Adjustments(string sku) => Product(sku) + "/adjustments";

    public static string Reservations(string sku) => Product(sku) + "/reservations";

    public static string Reservation(string sku, string id) => Reservations(sku) + "/" + id;

    public static string Movement(string sku, long version) => $"{Escape(Product(sku))}/movements?after={version - 1}&limit=1";

    public static string Order(string id) => Orders + "/" + id;

    public static string Profile(string user) => $"/v1/users/{user}/profile";

    public static string Increments(string counter) => $"/v1/counters/{counter}/increments";

    /// <summary>Each segment as it goes over the wire.</summary>
    public static string Escape(string path) =>
        path.AsSpan().ContainsAnyExcept(Plain) ? string.Join('/', path.Split('/').Select(Uri.EscapeDataString)) : path;
}
