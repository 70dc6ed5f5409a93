using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders.Payments;

namespace Holdfast.Bench.Plain;

/// <summary>
/// The order as one would write it first: the same steps, called one after the other from one grain that stores where it is. Less
/// than Holdfast does: nothing goes on by itself when the process ends in between.
/// </summary>
[Alias("bench.IPlainOrder")]
internal interface IPlainOrder : IGrainWithStringKey
{
    [Alias("Place")]
    Task<OrderStatus> Place(PlaceOrder command);
}

[GenerateSerializer, Alias("bench.OrderNumbers")]
internal sealed class OrderNumbers
{
    [Id(0)]
    public OrderStatus Status { get; set; }

    [Id(1)]
    public string Customer { get; set; } = "";

    [Id(2)]
    public List<string> Lines { get; set; } = [];

    [Id(3)]
    public long Total { get; set; }

    [Id(4)]
    public string? Charge { get; set; }
}

internal sealed class PlainOrder(
    [PersistentState("order", PlainStorage.Name)] IPersistentState<OrderNumbers> order, IGrainFactory grains, IPaymentGateway gateway)
    : Grain, IPlainOrder
{
    private static readonly TimeSpan Ttl = TimeSpan.FromMinutes(30);

    public async Task<OrderStatus> Place(PlaceOrder command)
    {
        var id = this.GetPrimaryKeyString();
        order.State.Customer = command.CustomerId;
        order.State.Lines.AddRange(command.Lines.Select(static line => $"{line.Quantity} {line.Sku}"));
        await Store(OrderStatus.Reserving);
        var answers = await Task.WhenAll(command.Lines.Select(line => Stock(line).Reserve(
            new(command.Operation, line.Quantity, Ttl, DateTimeOffset.MaxValue - Ttl)).AsTask()));
        if (!Array.TrueForAll(answers, static answer => answer.Status == ReserveStatus.Reserved)) return order.State.Status;
        order.State.Total = answers.Zip(command.Lines, static (answer, line) => answer.UnitPrice.Amount * line.Quantity).Sum();
        await Store(OrderStatus.Charging);
        var total = new Money(order.State.Total, answers[0].UnitPrice.Currency);
        var charge = await gateway.Charge(new($"{id}/charge", id, total, command.PaymentToken), CancellationToken.None);
        order.State.Charge = charge.ChargeId;
        await Store(OrderStatus.Completing);
        await Task.WhenAll(command.Lines.Select(line => Stock(line).Sell(line.Quantity).AsTask()));
        await Store(OrderStatus.Completed);
        return order.State.Status;
    }

    private IStoredStock Stock(OrderLine line) => grains.GetGrain<IStoredStock>(line.Sku);

    private Task Store(OrderStatus status)
    {
        order.State.Status = status;
        return order.WriteStateAsync();
    }
}
