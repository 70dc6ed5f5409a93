using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Views.Store;

namespace Holdfast.Views;

/// <summary>What some orders make of the rows of their view.</summary>
internal sealed class OrderRows(ViewTables tables)
{
    private static readonly string[] Columns = ["placed_at", "id", "status", "customer", "reference", "attention", "version", "body"];

    private readonly ViewRows _whole =
        new(OrdersView.Orders(tables), Columns, 2, "status", "customer", "reference", "attention", "version", "body")
        {
            Rising = "version",
        };

    /// <summary>Without the columns of those indexes in which an order does not move: each would be changed for nothing.</summary>
    private readonly ViewRows _moved =
        new(OrdersView.Orders(tables), Columns, 2, "status", "attention", "version", "body") { Rising = "version" };

    private readonly ViewRows _skus = new(OrdersView.Skus(tables), ["sku", "placed_at", "id"], 3);

    public IReadOnlyList<ViewRows> All => [_whole, _moved, _skus];

    /// <summary>An order that may have no row yet, with its products. They never change.</summary>
    public void Insert(OrderState state)
    {
        var order = Write(state, _whole);
        var placedAt = order.PlacedAt.ToUnixTimeMilliseconds();
        foreach (var sku in order.Lines.Select(static line => line.Sku).Distinct(StringComparer.Ordinal))
        {
            _skus.Add(sku, placedAt, state.PublicId);
        }
    }

    /// <summary>An order that was described anew.</summary>
    public void Replace(OrderState state) => Write(state, _whole);

    /// <summary>An order that went on, and is found by the same customer and reference as before.</summary>
    public void Move(OrderState state) => Write(state, _moved);

    private static Order Write(OrderState state, ViewRows rows)
    {
        var order = state.View();
        rows.Add(
            order.PlacedAt.ToUnixTimeMilliseconds(),
            state.PublicId,
            $"{order.Status}",
            order.CustomerId,
            order.Reference,
            state.NeedsAttention ? 1L : 0L,
            state.Version,
            JsonSerializer.Serialize(order, OrderRowJson.Default.Order));
        return order;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(Order))]
internal sealed partial class OrderRowJson : JsonSerializerContext;
