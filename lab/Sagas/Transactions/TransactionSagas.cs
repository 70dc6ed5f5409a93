using Holdfast.Bench.Measuring;
using Holdfast.Bench.Plain;
using Holdfast.Domain.Orders.Payments;
using Holdfast.Outside.Sandbox;
using Orleans.Transactions;

namespace Holdfast.Lab.Sagas.Transactions;

/// <summary>
/// Orleans.Transactions, as the Orleans documentation's "Orleans transactions" has it: transactional state in grain storage, and a
/// transaction over the order and all of its products instead of messages and compensation. The charge is between two of them. On a
/// crash a transaction in doubt is resolved when its grains are next asked; nobody goes on with an order that was between two
/// transactions, so what it holds stays held.
/// </summary>
internal sealed class TransactionSagas(string connectionString, TimeProvider clock) : ISagaSystem
{
    public const string Storage = "transactional";

    /// <summary>A transaction that is aborted, because another one was in its way, is run again until the order's time is over.</summary>
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    private readonly OrleansStorage _storage = new(connectionString);
    private BenchSilo? _silo;

    public async Task Start(CancellationToken cancellationToken)
    {
        await _storage.CreateTables(cancellationToken);
        _silo = await BenchSilo.Start(Configure, cancellationToken);
    }

    public Task Stock(int products, long onHand, CancellationToken cancellationToken) => Products.ForEach(
        products, async number => await _silo!.Grains.GetGrain<ITransactionalStock>(SagaOrder.Sku(number)).Open(onHand), cancellationToken);

    public async Task<OrderEnd> PlaceAndWait(SagaOrder order)
    {
        var saga = _silo!.Grains.GetGrain<ITransactionalOrder>(order.Id);
        await Run(() => saga.Place(order));
        var total = 0L;
        var held = await RunUnlessShort(async () => total = await Reserve(order, saga));
        if (!held)
        {
            await Run(saga.Cancel);
            return OrderEnd.Cancelled;
        }

        var charge = await _silo.Service<IPaymentGateway>().Charge(SagaOrder.Charge(order.Id, total, order.PaymentToken), CancellationToken.None);
        var captured = charge.Status == ChargeStatus.Captured;
        await Run(() => captured ? Complete(order, saga) : Release(order, saga));
        return captured ? OrderEnd.Completed : OrderEnd.Cancelled;
    }

    public Task<SagaFacts> ReadFacts(CancellationToken cancellationToken) => TransactionFacts.Read(connectionString, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null) await _silo.DisposeAsync();
        await _storage.DisposeAsync();
    }

    private async Task<long> Reserve(SagaOrder order, ITransactionalOrder saga)
    {
        // One after the other, in the order of their SKUs: at once, two orders would wait for each other until a lock times out.
        var total = 0L;
        foreach (var sku in order.Skus) total += await _silo!.Grains.GetGrain<ITransactionalStock>(sku).Reserve(1);
        await saga.Reserved();
        return total;
    }

    private async Task Complete(SagaOrder order, ITransactionalOrder saga)
    {
        foreach (var sku in order.Skus) await _silo!.Grains.GetGrain<ITransactionalStock>(sku).Sell(1);
        await saga.Complete();
    }

    private async Task Release(SagaOrder order, ITransactionalOrder saga)
    {
        foreach (var sku in order.Skus) await _silo!.Grains.GetGrain<ITransactionalStock>(sku).Release(1);
        await saga.Cancel();
    }

    private async Task Run(Func<Task> work)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await _silo!.Service<ITransactionClient>().RunTransaction(TransactionOption.Create, work);
                return;
            }
            catch (OrleansTransactionAbortedException e) when (e.InnerException is not InsufficientStockException && clock.GetElapsedTime(started) < SagaOrder.Patience)
            {
                await Task.Delay(RetryDelay, clock);
            }
        }
    }

    private async Task<bool> RunUnlessShort(Func<Task> work)
    {
        try
        {
            await Run(work);
            return true;
        }
        catch (OrleansTransactionAbortedException e) when (e.InnerException is InsufficientStockException)
        {
            return false;
        }
    }

    private void Configure(ISiloBuilder silo)
    {
        silo.Services.AddSandboxGateway(gateway => gateway.ConnectionString = connectionString);
        _storage.AddTo(silo, Storage);
        silo.UseTransactions();
    }
}
