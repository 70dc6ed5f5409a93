using System.Text.Json;
using Holdfast.Contracts.Orders;

namespace Holdfast.Views.Lists;

/// <summary>Lists orders, by when they were placed.</summary>
public sealed class OrderList(ViewReads reads)
{
    /// <param name="limit">How many, at most.</param>
    /// <param name="oldestFirst">Newest first, unless this.</param>
    /// <param name="after">Behind which order; null for the first page.</param>
    /// <exception cref="ViewBehindException">The view does not come so far in time.</exception>
    public async Task<ListPage<Order>> Read(
        OrderFilter filter, ListPlace? after, int limit, bool oldestFirst, ReadPoint point, CancellationToken cancellationToken)
    {
        var page = await reads.Read(
            ViewNames.Orders,
            OrdersView.DefinitionNumber,
            point,
            tables => Question(filter, tables).Page(after, limit, oldestFirst),
            static row => (
                Place: new ListPlace(row.GetInt64(0), row.GetString(1)),
                Order: JsonSerializer.Deserialize(row.GetString(2), OrderRowJson.Default.Order)!),
            cancellationToken);
        return ListPage.Of(page, limit, static row => row.Place, static row => row.Order);
    }

    private static ListQuestion Question(OrderFilter filter, ViewTables tables)
    {
        var question = filter.Sku is null
            ? new ListQuestion("o.placed_at, o.id, o.body", $"{OrdersView.Orders(tables)} o", "o.placed_at", "o.id")
            : new ListQuestion(
                "s.placed_at, s.id, o.body",
                $"{OrdersView.Skus(tables)} s JOIN {OrdersView.Orders(tables)} o ON o.placed_at = s.placed_at AND o.id = s.id",
                "s.placed_at",
                "s.id");
        if (filter.Sku is { } sku) question.Where("s.sku =", sku);
        if (filter.CustomerId is { } customer) question.Where("o.customer =", customer);
        if (filter.Reference is { } reference) question.Where("o.reference =", reference);
        if (filter.Status is { } status) question.Where("o.status =", $"{status}");
        if (filter.PlacedAfter is { } from) question.Where($"{question.Time} >=", from.ToUnixTimeMilliseconds());
        if (filter.PlacedBefore is { } to) question.Where($"{question.Time} <", to.ToUnixTimeMilliseconds());

        // Written out, so that it is seen which index will do.
        if (filter.Attention is { } attention) question.Where(attention ? "o.attention = 1" : "o.attention = 0");
        return question;
    }
}

/// <summary>Which orders; what is null does not matter.</summary>
/// <param name="Sku">Orders that have a line of it.</param>
/// <param name="PlacedAfter">Then, or later.</param>
/// <param name="PlacedBefore">Before then.</param>
/// <param name="Attention">Those that somebody should look at, or those that nobody need.</param>
public sealed record OrderFilter(
    string? CustomerId = null,
    OrderStatus? Status = null,
    string? Reference = null,
    string? Sku = null,
    DateTimeOffset? PlacedAfter = null,
    DateTimeOffset? PlacedBefore = null,
    bool? Attention = null);
