using Holdfast.Domain.Orders.Payments;
using Orleans.Streams;

namespace Holdfast.Lab.Sagas.PlainOrleans;

/// <summary>Where an order is; written before the step that follows is sent. Key: its id.</summary>
[Alias("bench.IStreamedOrder")]
internal interface IStreamedOrder : IGrainWithStringKey
{
    [Alias("Place")]
    Task Place(SagaOrder order);

    [Alias("Reserved")]
    Task Reserved(bool all, long total);

    [Alias("Charged")]
    Task Charged(bool captured);

    [Alias("Sold")]
    Task Sold();

    [Alias("Released")]
    Task Released();
}

internal sealed class StreamedOrderState
{
    /// <summary>The step that is under way, or how it ended; a name, for whoever reads the table.</summary>
    public string Status { get; set; } = "";

    public string[] Skus { get; set; } = [];

    public long Units { get; set; }

    public string PaymentToken { get; set; } = "";

    public long Total { get; set; }
}

internal sealed class StreamedOrder(
    [PersistentState("streamed-order", PlainOrleansSagas.Storage)] IPersistentState<StreamedOrderState> order, OrderEnds ends) : Grain, IStreamedOrder
{
    private string Id => this.GetPrimaryKeyString();

    public async Task Place(SagaOrder placed)
    {
        if (order.RecordExists) return;
        order.State.Skus = placed.Skus;
        order.State.Units = placed.Skus.Length;
        order.State.PaymentToken = placed.PaymentToken;
        await GoOn(from: "", StepKind.Reserve);
    }

    public Task Reserved(bool all, long total)
    {
        order.State.Total = total;
        return GoOn(StepKind.Reserve.ToString(), all ? StepKind.Charge : StepKind.Release);
    }

    public Task Charged(bool captured) => GoOn(StepKind.Charge.ToString(), captured ? StepKind.Complete : StepKind.Release);

    public Task Sold() => End(StepKind.Complete.ToString(), OrderEnd.Completed);

    public Task Released() => End(StepKind.Release.ToString(), OrderEnd.Cancelled);

    /// <summary>A step that is reported twice, because its delivery was repeated, changes nothing.</summary>
    private async Task GoOn(string from, StepKind next)
    {
        if (order.State.Status != from) return;
        order.State.Status = next.ToString();
        await order.WriteStateAsync();
        var lane = (int)((uint)this.GetGrainId().GetUniformHashCode() % PlainOrleansSagas.Lanes);
        var steps = this.GetStreamProvider(PlainOrleansSagas.Streams).GetStream<SagaStep>(StreamId.Create(StepWorker.Namespace, lane));
        await steps.OnNextAsync(new(next, new(Id, order.State.Skus, order.State.PaymentToken), order.State.Total));
    }

    private async Task End(string from, OrderEnd end)
    {
        if (order.State.Status != from) return;
        order.State.Status = end.ToString();
        await order.WriteStateAsync();
        ends.Ended(Id, end);
        DeactivateOnIdle();
    }
}

internal enum StepKind
{
    Reserve,
    Charge,
    Complete,
    Release,
}

[GenerateSerializer, Immutable, Alias("bench.SagaStep")]
internal sealed record SagaStep([property: Id(0)] StepKind Kind, [property: Id(1)] SagaOrder Order, [property: Id(2)] long Total);

[Alias("bench.IStepWorker")]
internal interface IStepWorker : IGrainWithIntegerKey;

/// <summary>Does the steps of one lane, and tells the order. Key: the lane.</summary>
[ImplicitStreamSubscription(Namespace)]
internal sealed class StepWorker(IGrainFactory grains, IPaymentGateway gateway) : Grain, IStepWorker, IAsyncObserver<SagaStep>
{
    public const string Namespace = "saga-steps";

    public override Task OnActivateAsync(CancellationToken cancellationToken) =>
        this.GetStreamProvider(PlainOrleansSagas.Streams)
            .GetStream<SagaStep>(StreamId.Create(Namespace, this.GetPrimaryKeyLong()))
            .SubscribeAsync(this);

    public async Task OnNextAsync(SagaStep item, StreamSequenceToken? token = null)
    {
        var (kind, order, total) = item;
        var saga = grains.GetGrain<IStreamedOrder>(order.Id);
        switch (kind)
        {
            case StepKind.Reserve:
                var prices = await AtEach(order, stock => stock.Reserve(order.Id, 1));
                await saga.Reserved(Array.TrueForAll(prices, static price => price is not null), prices.Sum(static price => price ?? 0));
                break;
            case StepKind.Charge:
                var charge = await gateway.Charge(SagaOrder.Charge(order.Id, total, order.PaymentToken), CancellationToken.None);
                await saga.Charged(charge.Status == ChargeStatus.Captured);
                break;
            case StepKind.Complete:
                await AtEach(order, stock => stock.Sell(order.Id));
                await saga.Sold();
                break;
            default:
                await AtEach(order, stock => stock.Release(order.Id));
                await saga.Released();
                break;
        }
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;

    private Task<T[]> AtEach<T>(SagaOrder order, Func<IStreamedStock, Task<T>> ask) =>
        Task.WhenAll(order.Skus.Select(sku => ask(grains.GetGrain<IStreamedStock>(sku))));
}
