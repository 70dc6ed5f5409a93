namespace Holdfast.Contracts.Callers;

/// <summary>What a caller may be allowed to do, by the names that keys and tokens carry. The names are stored, and never change.</summary>
public static class Scopes
{
    public const string ProductsRead = "products:read";
    public const string ProductsWrite = "products:write";
    public const string StockRead = "stock:read";
    public const string StockWrite = "stock:write";
    public const string OrdersRead = "orders:read";
    public const string OrdersWrite = "orders:write";

    /// <summary>An order whose lines have prices of their own, or that has charges.</summary>
    public const string OrdersPrice = "orders:price";

    public const string RefundsRead = "refunds:read";
    public const string RefundsWrite = "refunds:write";
    public const string CustomersRead = "customers:read";
    public const string CustomersWrite = "customers:write";
    public const string EventsRead = "events:read";
    public const string EventsWrite = "events:write";

    public const string LeasesRead = "leases:read";

    /// <summary>Acquire, renew and release leases. To act under one takes its token, and no scope.</summary>
    public const string LeasesWrite = "leases:write";

    /// <summary>What an operator does: look at what is stuck, decide what a machine cannot, count.</summary>
    public const string Operate = "operate";

    /// <summary>Make keys, and revoke them.</summary>
    public const string Keys = "keys";

    /// <summary>Every scope there is.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        ProductsRead, ProductsWrite, StockRead, StockWrite, OrdersRead, OrdersWrite, OrdersPrice, RefundsRead, RefundsWrite,
        CustomersRead, CustomersWrite, EventsRead, EventsWrite, LeasesRead, LeasesWrite, Operate, Keys,
    ];
}
