namespace Holdfast.Lab.Sagas.PlainOrleans;

/// <summary>One product, written in each call. Its open holds are known by their orders, so that a repeat does nothing. Key: the SKU.</summary>
[Alias("bench.IStreamedStock")]
internal interface IStreamedStock : IGrainWithStringKey
{
    /// <summary>Gives it its stock, the first time.</summary>
    [Alias("Open")]
    ValueTask Open(long onHand);

    /// <summary>The price of what is held; null when there is not enough.</summary>
    [Alias("Reserve")]
    Task<long?> Reserve(string order, long quantity);

    /// <summary>False when nothing is held for the order.</summary>
    [Alias("Sell")]
    Task<bool> Sell(string order);

    /// <inheritdoc cref="Sell"/>
    [Alias("Release")]
    Task<bool> Release(string order);
}

internal sealed class StreamedStockState
{
    public long OnHand { get; set; }

    public long Reserved { get; set; }

    public long Price { get; set; }

    public Dictionary<string, long> Holds { get; set; } = [];
}

internal sealed class StreamedStock(
    [PersistentState("streamed-stock", PlainOrleansSagas.Storage)] IPersistentState<StreamedStockState> stock) : Grain, IStreamedStock
{
    public async ValueTask Open(long onHand)
    {
        if (stock.RecordExists) return;
        stock.State.OnHand = onHand;
        stock.State.Price = SagaOrder.UnitPrice;
        await stock.WriteStateAsync();
    }

    public async Task<long?> Reserve(string order, long quantity)
    {
        var state = stock.State;
        if (state.Holds.TryGetValue(order, out var held)) return state.Price * held;
        if (state.OnHand - state.Reserved < quantity) return null;
        state.Holds.Add(order, quantity);
        state.Reserved += quantity;
        await stock.WriteStateAsync();
        return state.Price * quantity;
    }

    public async Task<bool> Sell(string order)
    {
        if (!stock.State.Holds.Remove(order, out var quantity)) return false;
        stock.State.Reserved -= quantity;
        stock.State.OnHand -= quantity;
        await stock.WriteStateAsync();
        return true;
    }

    public async Task<bool> Release(string order)
    {
        if (!stock.State.Holds.Remove(order, out var quantity)) return false;
        stock.State.Reserved -= quantity;
        await stock.WriteStateAsync();
        return true;
    }
}
