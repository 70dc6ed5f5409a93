using System.Text.Json;

namespace Holdfast.Rings.Delivery;

/// <summary>How a reservation ended, by its last stored event.</summary>
internal enum LineEnd
{
    Open = 0,
    Sold = 1,
    GivenBack = 2,
    ExpiredOnly = 3,
}

/// <summary>
/// One product's books, added up from its stored events by arithmetic of the test's own: on hand and reserved at every version, and
/// how each reservation ended.
/// </summary>
internal sealed class StockAudit(string sku, Action<string> wrong)
{
    private readonly Dictionary<Guid, (long Quantity, long ExpiresAt)> _open = [];
    private readonly Dictionary<Guid, (LineEnd End, long Quantity)> _lines = [];
    private readonly Dictionary<Guid, (long Version, long OnHand)> _adjustments = [];

    public long OnHand { get; private set; }

    public long Reserved { get; private set; }

    public long Received { get; private set; }

    public long Sold { get; private set; }

    public int OpenHolds => _open.Count;

    public IReadOnlyDictionary<Guid, (LineEnd End, long Quantity)> Lines => _lines;

    /// <summary>Version and on hand of each adjustment, by its operation.</summary>
    public IReadOnlyDictionary<Guid, (long Version, long OnHand)> Adjustments => _adjustments;

    public void Add(StoredEvent stored)
    {
        var body = stored.Body;
        switch (stored.Type)
        {
            case "stock.adjusted":
                Received += body.GetProperty("delta").GetInt64();
                Move(stored, body.GetProperty("delta").GetInt64());
                _adjustments.Add(body.GetProperty("operation").GetGuid(), (stored.Version, OnHand));
                break;
            case "stock.reserved":
                Open(stored, body.GetProperty("id").GetGuid(), body.GetProperty("quantity").GetInt64(), body.GetProperty("expiresAt").GetInt64());
                break;
            case "stock.committed":
                Commit(stored, body.GetProperty("id").GetGuid(), body.GetProperty("quantity").GetInt64());
                break;
            case "stock.released":
                Release(body.GetProperty("id").GetGuid());
                break;
            case "stock.returned":
                Return(stored, body.GetProperty("id").GetGuid(), body.GetProperty("quantity").GetInt64());
                break;
            case "stock.expired":
                Expire(body.GetProperty("through").GetInt64());
                break;
            case "product.put" or "receipts.moved":
                break;
            default:
                wrong($"{sku} has an event of the unknown type {stored.Type}");
                break;
        }

        if (Reserved < 0 || OnHand < Reserved) wrong($"{sku} has {OnHand} on hand and {Reserved} reserved after {stored}");
    }

    private void Open(StoredEvent stored, Guid id, long quantity, long expiresAt)
    {
        if (!_lines.TryAdd(id, (LineEnd.Open, quantity))) wrong($"{sku} reserves {id} again, or after its end: {stored}");
        _open[id] = (quantity, expiresAt);
        Reserved += quantity;
    }

    private void Commit(StoredEvent stored, Guid id, long quantity)
    {
        var late = stored.Body.TryGetProperty("late", out var hold) && hold.ValueKind == JsonValueKind.Object;
        if (late ? End(id) != LineEnd.ExpiredOnly : !Close(id)) wrong($"{sku} sells {id}, which it does not hold: {stored}");
        _lines[id] = (LineEnd.Sold, quantity);
        Sold += quantity;
        Move(stored, -quantity);
    }

    private void Release(Guid id)
    {
        if (!Close(id) && End(id) is LineEnd.Sold or LineEnd.GivenBack) wrong($"{sku} releases {id}, which has ended");
        _lines[id] = (LineEnd.GivenBack, 0);
    }

    private void Return(StoredEvent stored, Guid id, long quantity)
    {
        if (End(id) != LineEnd.Sold || _lines[id].Quantity != quantity) wrong($"{sku} takes back {id}, which it did not sell so: {stored}");
        _lines[id] = (LineEnd.GivenBack, 0);
        Sold -= quantity;
        Move(stored, quantity);
    }

    private void Expire(long through)
    {
        foreach (var (id, hold) in _open.Where(open => open.Value.ExpiresAt <= through).ToArray())
        {
            Close(id);
            _lines[id] = (LineEnd.ExpiredOnly, hold.Quantity);
        }
    }

    private LineEnd? End(Guid id) => _lines.TryGetValue(id, out var line) ? line.End : null;

    private bool Close(Guid id)
    {
        if (!_open.Remove(id, out var hold)) return false;
        Reserved -= hold.Quantity;
        return true;
    }

    private void Move(StoredEvent stored, long delta)
    {
        OnHand += delta;
        var told = stored.Body.GetProperty("onHand").GetInt64();
        if (told != OnHand) wrong($"{sku} should have {OnHand} on hand after {stored}");
    }
}
