using Holdfast.Domain.Orders.Payments;

namespace Holdfast.Outside.Sandbox.Ledger;

/// <summary>
/// Where the sandbox gateway's books are kept. Invariants, however many processes share them: one charge for a key and for an order;
/// one refund for a key; no charge has more refunded than captured; charges become visible in the order of their numbers.
/// </summary>
internal interface ISandboxStore : IAsyncDisposable
{
    /// <summary>Opens the books for writing, and creates them when they are missing; safe when several processes do so at once.</summary>
    /// <exception cref="InvalidOperationException">A newer version made the books.</exception>
    Task<ISandboxWriter> OpenWriter();

    /// <exception cref="PaymentUnavailableException">The books cannot be read.</exception>
    Task<StoredCharge?> FindByKey(string key, CancellationToken cancellationToken);

    /// <exception cref="PaymentUnavailableException">The books cannot be read.</exception>
    Task<StoredCharge?> FindByOrder(string orderId, CancellationToken cancellationToken);

    /// <summary>Charges with a number above the given one, oldest first.</summary>
    /// <exception cref="PaymentUnavailableException">The books cannot be read.</exception>
    Task<IReadOnlyList<StoredCharge>> ReadCharges(long after, int limit, CancellationToken cancellationToken);
}

/// <summary>One connection that writes. Not for several callers at once; disposing rolls back what is not committed.</summary>
internal interface ISandboxWriter : IAsyncDisposable
{
    /// <summary>Begins a transaction and runs the writes in it, in their order, each seeing those before it; leaves each its answer.</summary>
    /// <param name="now">The time that their lines get.</param>
    Task Write(IReadOnlyList<SandboxWrite> writes, DateTimeOffset now);

    /// <summary>What was written is durable, and visible to every process, when this ends.</summary>
    Task Commit();
}
