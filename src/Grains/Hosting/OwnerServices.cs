using Holdfast.Contracts;
using Holdfast.Journal;
using Holdfast.Journal.Writing;
using Holdfast.Outbox.Lanes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Hosting;

/// <summary>What a silo gives to every owner.</summary>
public sealed record OwnerServices(
    IJournalStore Store,
    IAppends Appends,
    ILaneChoice Lanes,
    ISnapshots Snapshots,
    IReadLease Lease,
    StreamLoads Loads,
    ReceiptBudget Receipts,
    TimeProvider Clock,
    IOptions<JournalOptions> Options,
    UnknownOwners Unknown,
    MemoryPressure Memory,
    ReadLoads Reads,
    RaceSigns Signs,
    SecondLooks Looks,
    ILoggerFactory Loggers)
{
    /// <summary>Of loads for which the store could not be read: one store that is away keeps every owner from being loaded.</summary>
    public RepeatedFailures Unreadable { get; } = new(Clock);

    /// <summary>Reads the store on behalf of a caller, who is to repeat the call when the store does not answer.</summary>
    /// <exception cref="RetryableException">It does not.</exception>
    public async Task<T> ReadStore<T>(Func<IJournalStore, Task<T>> read)
    {
        try
        {
            return await read(Store);
        }
        catch (JournalStoreException exception)
        {
            throw CannotRead(exception);
        }
    }

    /// <summary>What such a caller is told.</summary>
    public static RetryableException CannotRead(JournalStoreException exception) =>
        new(RetryReason.Unreadable, $"The store cannot be read; repeat the call. {exception.Message}");
}
