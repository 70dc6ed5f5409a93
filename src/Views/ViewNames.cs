namespace Holdfast.Views;

/// <summary>The views that there are. The names are stored, and operators type them.</summary>
public static class ViewNames
{
    public const string Orders = "orders";

    /// <summary>The products and their movements.</summary>
    public const string Stock = "stock";

    public static IReadOnlyList<string> All { get; } = [Orders, Stock];
}
