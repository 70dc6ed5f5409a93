namespace Holdfast.Api.Orders;

internal static class OrderPaths
{
    public const string Orders = "/v1/orders";

    public static string Order(string id) => Orders + "/" + id;
}
