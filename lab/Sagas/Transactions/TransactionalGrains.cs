using Orleans.Concurrency;
using Orleans.Transactions.Abstractions;

namespace Holdfast.Lab.Sagas.Transactions;

/// <summary>Aborts the transaction that reserves.</summary>
[GenerateSerializer, Alias("bench.InsufficientStockException")]
internal sealed class InsufficientStockException(string message) : Exception(message);

/// <summary>Key: the SKU.</summary>
[Alias("bench.ITransactionalStock")]
internal interface ITransactionalStock : IGrainWithStringKey
{
    [Transaction(TransactionOption.CreateOrJoin), Alias("Open")]
    Task Open(long onHand);

    /// <summary>The price.</summary>
    /// <exception cref="InsufficientStockException">There is not enough.</exception>
    [Transaction(TransactionOption.Join), Alias("Reserve")]
    Task<long> Reserve(long quantity);

    [Transaction(TransactionOption.Join), Alias("Sell")]
    Task Sell(long quantity);

    [Transaction(TransactionOption.Join), Alias("Release")]
    Task Release(long quantity);
}

/// <summary>Key: the order's id.</summary>
[Alias("bench.ITransactionalOrder")]
internal interface ITransactionalOrder : IGrainWithStringKey
{
    [Transaction(TransactionOption.Join), Alias("Place")]
    Task Place(SagaOrder order);

    [Transaction(TransactionOption.Join), Alias("Reserved")]
    Task Reserved();

    [Transaction(TransactionOption.Join), Alias("Complete")]
    Task Complete();

    [Transaction(TransactionOption.Join), Alias("Cancel")]
    Task Cancel();
}

[GenerateSerializer, Alias("bench.TransactionalStockState")]
internal sealed class TransactionalStockState
{
    [Id(0)]
    public long OnHand { get; set; }

    [Id(1)]
    public long Reserved { get; set; }
}

[GenerateSerializer, Alias("bench.TransactionalOrderState")]
internal sealed class TransactionalOrderState
{
    /// <summary>A name, for whoever reads the table.</summary>
    [Id(0)]
    public string Status { get; set; } = "";

    [Id(1)]
    public string[] Skus { get; set; } = [];

    [Id(2)]
    public string PaymentToken { get; set; } = "";

    [Id(3)]
    public long Units { get; set; }
}

[Reentrant]
internal sealed class TransactionalStock(
    [TransactionalState("transactional-stock", TransactionSagas.Storage)] ITransactionalState<TransactionalStockState> stock) : Grain, ITransactionalStock
{
    public Task Open(long onHand) => stock.PerformUpdate(state => state.OnHand = onHand);

    public Task<long> Reserve(long quantity) => stock.PerformUpdate(state =>
    {
        if (state.OnHand - state.Reserved < quantity) throw new InsufficientStockException(this.GetPrimaryKeyString());
        state.Reserved += quantity;
        return SagaOrder.UnitPrice * quantity;
    });

    public Task Sell(long quantity) => stock.PerformUpdate(state =>
    {
        state.Reserved -= quantity;
        state.OnHand -= quantity;
    });

    public Task Release(long quantity) => stock.PerformUpdate(state => state.Reserved -= quantity);
}

[Reentrant]
internal sealed class TransactionalOrder(
    [TransactionalState("transactional-order", TransactionSagas.Storage)] ITransactionalState<TransactionalOrderState> order) : Grain, ITransactionalOrder
{
    public Task Place(SagaOrder placed) => order.PerformUpdate(state =>
    {
        state.Status = "Placed";
        state.Skus = placed.Skus;
        state.Units = placed.Skus.Length;
        state.PaymentToken = placed.PaymentToken;
    });

    public Task Reserved() => Become("Reserved");

    public Task Complete() => Become(nameof(OrderEnd.Completed));

    public Task Cancel() => Become(nameof(OrderEnd.Cancelled));

    private Task Become(string status) => order.PerformUpdate(state =>
    {
        state.Status = status;
    });
}
