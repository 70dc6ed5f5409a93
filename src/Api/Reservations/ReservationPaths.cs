using Holdfast.Api.Shop;

namespace Holdfast.Api.Reservations;

internal static class ReservationPaths
{
    public const string Route = "/v1/products/{sku}/reservations";

    public static string Reservations(string sku) => ProductOwner.Path(sku) + "/reservations";

    public static string Reservation(string sku, string id) => Reservations(sku) + "/" + id;
}
