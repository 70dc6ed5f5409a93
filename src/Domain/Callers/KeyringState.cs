using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Callers;

/// <summary>What the owner of a store's keys knows.</summary>
public sealed class KeyringState : IOwnerState<KeyringEvent>
{
    /// <summary>The name of the row beside the stream with the store's key for the MACs, hexadecimal.</summary>
    public const string MacKeyName = "mac";

    /// <summary>The name of the row beside the stream that says when keys were last used.</summary>
    public const string UsesName = "uses";

    /// <summary>How long one that has ended is still remembered, while there is room.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(30);

    private readonly List<StoredKey> _keys = [];

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<StoredKey> Keys => _keys;

    /// <summary>Of the last event; what front doors compare.</summary>
    public long Version { get; private set; }

    /// <summary>Of the last key that was made.</summary>
    public long LastNumber { get; private set; }

    public ReceiptBook Receipts { get; } = new();

    public void Apply(KeyringEvent @event, long version, DateTimeOffset at)
    {
        Version = version;
        switch (@event)
        {
            case KeyringEvent.Made made:
                Forget(at);
                _keys.Add(new(
                    made.Id,
                    made.Name,
                    made.Scopes,
                    made.Hash,
                    ++LastNumber,
                    at,
                    made.ExpiresAt is { } end ? DateTimeOffset.FromUnixTimeMilliseconds(end) : null));
                Receipts.Record(made.Operation, KeyringReceipts.Made(made.Fingerprint, at, LastNumber));
                break;
            case KeyringEvent.Revoked revoked:
                var place = _keys.FindIndex(key => key.Id == revoked.Id);
                if (place < 0) break;
                _keys[place] = _keys[place] with { RevokedAt = at };
                Receipts.Record(revoked.Operation, KeyringReceipts.Revoked(revoked.Fingerprint, at, _keys[place].Number));
                break;
            case KeyringEvent.ReceiptsMoved moved:
                Receipts.MoveOldest(moved.Count);
                break;
        }
    }

    /// <summary>Makes room for another one: what has ended is there to be looked at, and never in the way of one that is needed.</summary>
    private void Forget(DateTimeOffset now)
    {
        // A key may hold to the end of time, to which nothing can be added.
        _keys.RemoveAll(key => EndOf(key) < now - Remembered);
        while (_keys.Count >= Limits.Keys && _keys.Where(key => !key.IsLive(now)).MinBy(EndOf) is { } firstEnded) _keys.Remove(firstEnded);
    }

    private static DateTimeOffset? EndOf(StoredKey key) => key.RevokedAt ?? key.ExpiresAt;
}
