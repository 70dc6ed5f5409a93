using Holdfast.Contracts.Inventory;

namespace Holdfast.Bench.Plain;

/// <summary>What both plain products know, and how it changes.</summary>
[GenerateSerializer, Alias("bench.StockNumbers")]
internal sealed class StockNumbers
{
    [Id(0)]
    public long OnHand { get; set; }

    [Id(1)]
    public long Reserved { get; set; }

    public ReserveOutcome Reserve(string sku, ReserveStock command)
    {
        if (command.Quantity > OnHand - Reserved) return new(ReserveStatus.InsufficientStock, Available: OnHand - Reserved);
        Reserved += command.Quantity;
        return new(
            ReserveStatus.Reserved,
            new(command.Operation.Id, sku, command.Quantity, ReservationStatus.Reserved, command.Deadline + command.Ttl),
            new(100, "EUR"));
    }

    public void Sell(long quantity)
    {
        Reserved -= quantity;
        OnHand -= quantity;
    }
}

/// <summary>One <c>WriteStateAsync</c> a call.</summary>
internal sealed class StoredStock([PersistentState("stock", PlainStorage.Name)] IPersistentState<StockNumbers> stock) : Grain, IStoredStock
{
    public async ValueTask Open(long onHand)
    {
        if (stock.RecordExists) return;
        stock.State.OnHand = onHand;
        await stock.WriteStateAsync();
    }

    public async ValueTask<ReserveOutcome> Reserve(ReserveStock command)
    {
        var outcome = stock.State.Reserve(this.GetPrimaryKeyString(), command);
        if (outcome.Status == ReserveStatus.Reserved) await stock.WriteStateAsync();
        return outcome;
    }

    public async ValueTask Sell(long quantity)
    {
        stock.State.Sell(quantity);
        await stock.WriteStateAsync();
    }
}

internal sealed class MemoryStock : Grain, IMemoryStock
{
    private readonly StockNumbers _stock = new();

    public ValueTask Open(long onHand)
    {
        _stock.OnHand = onHand;
        return ValueTask.CompletedTask;
    }

    public ValueTask<ReserveOutcome> Reserve(ReserveStock command) => new(_stock.Reserve(this.GetPrimaryKeyString(), command));

    public ValueTask Sell(long quantity)
    {
        _stock.Sell(quantity);
        return ValueTask.CompletedTask;
    }
}
