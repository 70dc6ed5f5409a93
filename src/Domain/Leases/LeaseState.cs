using Holdfast.Contracts.Leases;
using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Leases;

/// <summary>What the owner of one lease knows.</summary>
public sealed class LeaseState : IOwnerState<LeaseEvent>
{
    /// <summary>Of the newest term; 0 when there was none. It only grows.</summary>
    public long Number { get; private set; }

    /// <summary>Of the newest term, be it over or not; null when there was none.</summary>
    public string? Holder { get; private set; }

    /// <summary>When the newest term ends; null when it is over.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    public ReceiptBook Receipts { get; private set; } = new();

    public int Size => 1 + Receipts.Size;

    /// <summary>As it is told.</summary>
    public LeaseReading View => new(ExpiresAt is null ? null : Holder, Number, ExpiresAt);

    /// <summary>The term that is over at that time.</summary>
    public LeaseEvent? Elapse(DateTimeOffset now) => ExpiresAt <= now ? new LeaseEvent.Expired() : null;

    public void Apply(LeaseEvent @event, long version, DateTimeOffset at)
    {
        switch (@event)
        {
            case LeaseEvent.Acquired acquired:
                (Number, Holder) = (acquired.Number, acquired.Holder);
                ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(acquired.ExpiresAt);
                Receipts.Record(acquired.Operation, LeaseReceipts.Acquired(acquired.Fingerprint, at, Number, acquired.ExpiresAt));
                break;
            case LeaseEvent.Renewed renewed:
                ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(renewed.ExpiresAt);
                Receipts.Record(renewed.Operation, LeaseReceipts.Renewed(renewed.Fingerprint, at, Number, renewed.ExpiresAt));
                break;
            case LeaseEvent.Released released:
                ExpiresAt = null;
                Receipts.Record(released.Operation, LeaseReceipts.Released(released.Fingerprint, at, Number));
                break;
            case LeaseEvent.Expired:
                ExpiresAt = null;
                break;
            case LeaseEvent.ReceiptsMoved moved:
                Receipts.MoveOldest(moved.Count);
                break;
        }
    }

    /// <summary>A copy that no later event changes.</summary>
    public LeaseSnapshot Capture() => new(Number, Holder, ExpiresAt?.ToUnixTimeMilliseconds(), Receipts.Capture());

    public static LeaseState Restore(LeaseSnapshot snapshot) => new()
    {
        Number = snapshot.Number,
        Holder = snapshot.Holder,
        ExpiresAt = snapshot.ExpiresAt is { } end ? DateTimeOffset.FromUnixTimeMilliseconds(end) : null,
        Receipts = ReceiptBook.Restore(snapshot.Receipts),
    };
}
