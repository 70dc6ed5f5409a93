using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Inventory;

/// <summary>How holds are opened, go on and end.</summary>
public sealed partial class StockState
{
    private void Open(Guid id, Hold hold)
    {
        Holds.Add(id, hold);
        Reserved += hold.Quantity;
        Expect(id, hold.ExpiresAt);
    }

    private void Extend(Guid id, long expiresAt)
    {
        if (Holds[id].ExpiresAt == expiresAt) return;
        Holds[id] = Holds[id] with { ExpiresAt = expiresAt };
        Expect(id, expiresAt);
    }

    private void Expect(Guid id, long expiresAt)
    {
        if (_expiries.Count > (2 * Holds.Count) + 64)
        {
            _expiries = new(Holds.Select(static open => (open.Key, (open.Value.ExpiresAt, open.Key))));
        }
        else
        {
            _expiries.Enqueue(id, (expiresAt, id));
        }
    }

    /// <returns>Its receipt, as of one that is open.</returns>
    private Receipt Close(Guid id)
    {
        Holds.Remove(id, out var hold);
        Reserved -= hold.Quantity;
        return StockReceipts.Open(hold);
    }

    private void Expire(long through, long at)
    {
        while (NextExpiry is { } next && next <= through)
        {
            var id = _expiries.Dequeue();
            Receipts.Record(id, Close(id) with { At = at, Kind = StockReceiptKind.Expired });
        }
    }
}
