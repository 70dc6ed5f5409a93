namespace Holdfast.Lab.Sagas;

/// <summary>
/// One way of running the order saga, in this process and on one PostgreSQL database. Its callers start it, stock it once, place
/// orders from many threads, and dispose of it; what it has stored can be read at any time.
/// </summary>
internal interface ISagaSystem : IAsyncDisposable
{
    /// <summary>Makes its tables when they are missing, and goes on with whatever an earlier process left unfinished there.</summary>
    Task Start(CancellationToken cancellationToken);

    /// <summary>Makes the products <see cref="SagaOrder.Sku"/> 0 to below <paramref name="products"/>, each with the same stock.</summary>
    Task Stock(int products, long onHand, CancellationToken cancellationToken);

    /// <summary>Places an order, durably, and waits until it has ended.</summary>
    /// <exception cref="TimeoutException">It did not end within <see cref="SagaOrder.Patience"/>.</exception>
    Task<OrderEnd> PlaceAndWait(SagaOrder order);

    /// <summary>What the database says, by SQL: nothing of it comes from this process' memory.</summary>
    Task<SagaFacts> ReadFacts(CancellationToken cancellationToken);
}
