namespace Holdfast.Views;

/// <summary>The views that there are. The names are stored, and operators type them.</summary>
public static class ViewNames
{
    public const string Orders = "orders";
    public const string Products = "products";
    public const string Movements = "movements";

    public static IReadOnlyList<string> All { get; } = [Orders, Products, Movements];
}
