using System.Globalization;
using Holdfast.Contracts;

namespace Holdfast.Bench.Http;

/// <summary>The requests that are measured, as templates of an <see cref="HttpLoad"/>.</summary>
internal static class HttpRequests
{
    /// <summary>What the answer says of an order that came to its good end.</summary>
    public const string Completed = "\"status\":\"completed\"";

    /// <summary>One unit for the longest time that there is, so that what is measured is the holding, not the expiring.</summary>
    public static string Reservation(Uri server) => Post(
        server,
        "/v1/products/{sku}/reservations",
        "",
        string.Create(CultureInfo.InvariantCulture, $$"""{"quantity":1,"ttlSeconds":{{(long)Limits.ReservationTtl.TotalSeconds}}}"""));

    /// <summary>One line of one unit; the answer is held back until the order has ended.</summary>
    public static string Order(Uri server, int waitSeconds) => Post(
        server,
        "/v1/orders",
        string.Create(CultureInfo.InvariantCulture, $"Prefer: wait={waitSeconds}\r\n"),
        """{"customerId":"customer-1","lines":[{"sku":"{sku}","quantity":1}],"paymentToken":"tok_ok"}""");

    private static string Post(Uri server, string path, string headers, string body) =>
        $"POST {path} HTTP/1.1\r\nHost: {server.Authority}\r\nIdempotency-Key: {{key}}\r\n{headers}"
        + $"Content-Type: application/json\r\nContent-Length: {{length}}\r\n\r\n{body}";
}
