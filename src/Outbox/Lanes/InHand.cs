using Holdfast.Journal;

namespace Holdfast.Outbox.Lanes;

/// <summary>
/// What a lane need not read again: messages that are ready, with the pulling agent, or with a handler that has not finished. Each is
/// in one place at a time, and none that is here is queued a second time.
/// </summary>
/// <remarks>Not thread-safe: its lane's lock guards it.</remarks>
internal sealed class InHand(OutboxOptions options)
{
    /// <summary>A delivery that no consumer accepts for so long was lost on its way, or came to another silo.</summary>
    private static readonly TimeSpan AcceptLease = TimeSpan.FromSeconds(10);

    /// <summary>How long a message is left to the handler that still runs at the lane's previous owner, which says when it ends.</summary>
    private static readonly TimeSpan ElsewhereLease = TimeSpan.FromSeconds(30);

    private readonly Dictionary<Guid, Held> _held = [];
    private readonly Queue<LaneDelivery> _ready = [];
    private int _taken;
    private long _started;

    // Due since when the first row is that found no room in memory. What the table holds behind it is not counted.
    private DateTimeOffset? _leftInTable;
    private DateTimeOffset? _leftSinceRead;

    private enum Place
    {
        /// <summary>In the queue in memory.</summary>
        Ready = 0,

        /// <summary>With the pulling agent, on its way to the consumer.</summary>
        Taken = 1,

        /// <summary>With its handler.</summary>
        Running = 2,

        /// <summary>With its handler at the lane's previous owner.</summary>
        Elsewhere = 3,
    }

    private readonly record struct Held(Place Place, DateTimeOffset Since, SiloAddress? At = null);

    /// <summary>Nothing is on its way to a handler here, or with one.</summary>
    public bool IsIdle => _taken == 0;

    /// <summary>
    /// The table has rows that found no room, and there is room again. Not before there is room for many: each read passes over all that
    /// is in hand.
    /// </summary>
    public bool HasRoomForTable => _leftInTable is not null && _ready.Count <= options.MaxQueued / 2;

    /// <summary>What is due and has not been taken yet.</summary>
    public LaneBacklog Backlog
    {
        get
        {
            var oldest = _leftInTable;

            // Of one whose earlier run outlived its lease and has ended now, nothing is known any more.
            if (_ready.TryPeek(out var first) && _held.TryGetValue(first.Message.Id, out var held) && !(oldest < held.Since))
            {
                oldest = held.Since;
            }

            return new(_ready.Count, oldest, _started);
        }
    }

    /// <summary>Messages whose handlers run here.</summary>
    public IReadOnlyList<Guid> Running() =>
        [.. _held.Where(static entry => entry.Value.Place == Place.Running).Select(static entry => entry.Key)];

    /// <summary>Leaves messages to handlers that still run at the lane's previous owner.</summary>
    public void LeaveElsewhere(IReadOnlyList<Guid> running, SiloAddress? at, DateTimeOffset now)
    {
        foreach (var id in running) _held.TryAdd(id, new(Place.Elsewhere, now, at));
    }

    /// <summary>False when there is no room: the message stays in the table.</summary>
    public bool TryQueue(OutboxMessage message, bool fromTable, DateTimeOffset now)
    {
        if (_held.ContainsKey(message.Id)) return true;
        if (_ready.Count < options.MaxQueued)
        {
            _held.Add(message.Id, new(Place.Ready, now));
            _ready.Enqueue(new(message, fromTable));
            return true;
        }

        if (!(_leftInTable <= message.DueAt)) _leftInTable = message.DueAt;
        if (!(_leftSinceRead <= message.DueAt)) _leftSinceRead = message.DueAt;
        return false;
    }

    /// <summary>Gives the pulling agent what is ready, as far as there are handlers for it.</summary>
    public List<LaneDelivery> Take(int limit, DateTimeOffset now)
    {
        var room = Math.Min(limit, options.MaxConcurrentHandlers - _taken);
        if (room <= 0 || _ready.Count == 0) return [];
        var taken = new List<LaneDelivery>(Math.Min(room, _ready.Count));
        while (taken.Count < room && _ready.TryDequeue(out var delivery))
        {
            _held[delivery.Message.Id] = new(Place.Taken, now);
            taken.Add(delivery);
        }

        _taken += taken.Count;
        _started += taken.Count;
        return taken;
    }

    /// <summary>False when the message was not taken, or has started before.</summary>
    public bool TryStart(Guid id, DateTimeOffset now)
    {
        if (!_held.TryGetValue(id, out var held) || held.Place != Place.Taken) return false;

        // The lease starts when the handler does, however long the message waited for it.
        _held[id] = new(Place.Running, now);
        return true;
    }

    /// <summary>False when it was not in hand.</summary>
    public bool Remove(Guid id)
    {
        if (!_held.Remove(id, out var held)) return false;
        if (held.Place is Place.Taken or Place.Running) _taken--;
        return true;
    }

    /// <summary>False when the message was not left to the previous owner.</summary>
    public bool RemoveElsewhere(Guid id) => _held.TryGetValue(id, out var held) && held.Place == Place.Elsewhere && _held.Remove(id);

    /// <summary>Forgets what was left to silos that are no more; true when there was any.</summary>
    public bool RemoveDead(Func<SiloAddress, bool> isActive)
    {
        var lost = _held.Where(entry => entry.Value.At is { } at && !isActive(at)).Select(static entry => entry.Key).ToList();
        foreach (var id in lost) _held.Remove(id);
        return lost.Count > 0;
    }

    /// <summary>Forgets all but what runs here.</summary>
    public void KeepRunning()
    {
        _ready.Clear();
        _leftInTable = null;
        foreach (var (id, held) in _held)
        {
            if (held.Place != Place.Running) Remove(id);
        }
    }

    /// <summary>The table is about to be read: what has waited for too long is read again.</summary>
    public void BeginRead(DateTimeOffset now)
    {
        _leftSinceRead = null;
        DropExpiredLeases(now);
    }

    /// <summary>The table has been read, as far as there was room.</summary>
    public void EndRead() => _leftInTable = _leftSinceRead;

    /// <summary>A delivery that was lost is never accepted, and a handler on a silo that was lost never reports back.</summary>
    private void DropExpiredLeases(DateTimeOffset now)
    {
        foreach (var (id, held) in _held)
        {
            var lease = held.Place switch
            {
                Place.Taken => AcceptLease,
                Place.Running => options.HandlerLease,
                Place.Elsewhere => ElsewhereLease,
                _ => TimeSpan.MaxValue,
            };
            if (now - held.Since > lease) Remove(id);
        }
    }
}
