using Holdfast.Domain.Orders.Payments;
using Microsoft.EntityFrameworkCore;

namespace Holdfast.Lab.Sagas.EfOutbox;

/// <summary>The steps: each changes what the context tracks and leaves the next message, or none; the caller commits.</summary>
internal sealed class OutboxSteps(IPaymentGateway gateway)
{
    public async Task<OutboxMessage?> Do(ShopContext shop, OutboxMessage message)
    {
        var order = await shop.Orders.SingleAsync(o => o.Id == message.OrderId);
        return message.Step switch
        {
            OrderStep.Reserve => await Reserve(shop, order),
            OrderStep.Charge => await Charge(shop, order),
            OrderStep.Complete => await Complete(shop, order),
            _ => await Release(shop, order),
        };
    }

    private static async Task<OutboxMessage?> Reserve(ShopContext shop, Order order)
    {
        var products = await Lock(shop, order.Skus);
        if (products.Count < order.Skus.Length || products.Exists(static product => product.OnHand == product.Reserved))
        {
            order.Status = nameof(OrderEnd.Cancelled);
            return null;
        }

        foreach (var product in products) product.Reserved++;
        order.Total = products.Sum(static product => product.Price);
        return GoOn(shop, order, OrderStep.Charge);
    }

    private async Task<OutboxMessage?> Charge(ShopContext shop, Order order)
    {
        var charge = await gateway.Charge(SagaOrder.Charge(order.Id, order.Total, order.PaymentToken), CancellationToken.None);
        return GoOn(shop, order, charge.Status == ChargeStatus.Captured ? OrderStep.Complete : OrderStep.Release);
    }

    private static async Task<OutboxMessage?> Complete(ShopContext shop, Order order)
    {
        foreach (var product in await Lock(shop, order.Skus))
        {
            product.Reserved--;
            product.OnHand--;
        }

        order.Status = nameof(OrderEnd.Completed);
        return null;
    }

    private static async Task<OutboxMessage?> Release(ShopContext shop, Order order)
    {
        foreach (var product in await Lock(shop, order.Skus)) product.Reserved--;
        order.Status = nameof(OrderEnd.Cancelled);
        return null;
    }

    private static OutboxMessage GoOn(ShopContext shop, Order order, OrderStep next)
    {
        order.Status = next.ToString();
        return shop.Send(next, order.Id);
    }

    /// <summary>In the order of their keys: two orders of the same products wait for each other instead of for ever.</summary>
    private static Task<List<Product>> Lock(ShopContext shop, string[] skus) =>
        shop.Products.FromSql($"SELECT * FROM products WHERE sku = ANY ({skus}) ORDER BY sku FOR UPDATE").ToListAsync();
}
