using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders.Payments;

namespace Holdfast.Domain.Orders.Steps;

/// <summary>Whom an order's steps call, so that they run in a silo as in a simulation.</summary>
/// <param name="Order">The owner of an order, by its id.</param>
/// <param name="Product">The owner of a product, by its SKU.</param>
/// <param name="LinesLeft">Hears that some of so many lines are left as they are, of which products, and why.</param>
public sealed record OrderPorts(
    Func<string, IOrderSteps> Order,
    Func<string, IProductInventory> Product,
    IPaymentGateway Gateway,
    OrderOptions Options,
    TimeProvider Clock,
    Action<int, IReadOnlyList<string>, string> LinesLeft);
