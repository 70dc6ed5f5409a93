using System.Text;
using System.Text.Json;
using Holdfast.Domain.Owner;
using Holdfast.Journal;
using Holdfast.Outbox.Lanes;

namespace Holdfast.Grains.Hosting;

/// <summary>Writes an owner's decisions as appends, each at the version after the last. For the grain's own turns only.</summary>
/// <param name="publishedVersion">The last version of the newest append that is published; 0 when there is none.</param>
internal sealed class AppendSealer<TState, TEvent>(
    string stream, Owner<TState, TEvent> owner, long publishedVersion, OwnerKind<TState, TEvent> kind, OwnerServices services)
    where TState : class, IOwnerState<TEvent>
    where TEvent : class
{
    private long _sealedVersion = owner.Version;
    private StoredReceipt[] _moving = [];

    /// <summary>The last version of the newest append that is published; 0 when there is none.</summary>
    public long PublishedVersion { get; private set; } = publishedVersion;

    /// <summary>Receipts that the silo has no memory for: they leave with the next append that can take them.</summary>
    public int ToSpill { get; set; }

    /// <summary>The last version of the append that these decisions become.</summary>
    public long LastVersionOf(PendingAppend<TEvent> pending) => _sealedVersion + pending.Events.Count;

    /// <summary>Past its own bound, or the silo's, the owner's oldest receipts leave with this append, in its own transaction.</summary>
    public void MoveReceipts(PendingAppend<TEvent> pending)
    {
        // Only when nothing newer has been decided: the event takes the next version.
        if (pending.Erases || LastVersionOf(pending) != owner.Version) return;
        if (owner.State.Receipts is not { Count: > 0 } receipts) return;
        var count = receipts.OverBound ? ReceiptBook.SpillSize : ToSpill;
        ToSpill = 0;
        if (count == 0) return;
        _moving =
        [
            .. receipts.Oldest(count).Select(static kept => new StoredReceipt(
                kept.Key,
                DateTimeOffset.FromUnixTimeMilliseconds(kept.Value.At),
                JsonSerializer.SerializeToUtf8Bytes(kept.Value, ReceiptJson.Default.Receipt))),
        ];
        owner.AddTo(pending, kind.ReceiptsMoved(_moving.Length));
    }

    public Append Seal(PendingAppend<TEvent> pending)
    {
        var events = JsonSerializer.SerializeToUtf8Bytes([.. pending.Events], kind.Events);
        var append = new Append(
            stream,
            _sealedVersion,
            RowId.New(pending.At),
            pending.At,
            pending.Events.Count,
            events,
            Outgoing(pending),
            _moving,
            pending.Erases,
            Rows(pending.Beside),
            pending.Published ? PublishedVersion : null);
        _moving = [];
        if (pending.Published) PublishedVersion = append.LastVersion;
        _sealedVersion = append.LastVersion;
        return append;
    }

    private OutboxMessage[] Outgoing(PendingAppend<TEvent> pending)
    {
        // Most appends, all of the products, send nothing.
        if (pending.Messages.Count == 0) return [];

        // The stream's time can be ahead of a clock that was set back; "at once" means by the clock that lanes read.
        var now = services.Clock.GetUtcNow();
        var soon = pending.At < now ? pending.At : now;
        return [.. pending.Messages.Select(message => new OutboxMessage(
            RowId.New(soon), services.Lanes.Choose(ClassOf(message), stream), message.DueAt ?? soon, Attempts: 0, stream, message.Type, message.Body))];
    }

    private static LaneClass ClassOf(OutgoingMessage message) => message.Class switch
    {
        MessageClass.Step => LaneClass.Step,
        MessageClass.Outside => LaneClass.Payment,
        MessageClass.Finish => LaneClass.Finish,
        MessageClass.FinishOutside => LaneClass.Refund,
        _ => throw new InvariantViolationException($"Message {message.Type} waits for an unknown class {message.Class}."),
    };

    private static Beside? Rows(BesideRows? rows) => rows is null ? null : new(
        [.. rows.Secrets.Select(static secret =>
            new SecretChange(secret.Name, secret.Value is null ? null : (ReadOnlyMemory<byte>?)Encoding.UTF8.GetBytes(secret.Value)))],
        rows.Attention is { } attention ? new AttentionChange(attention.Reason, attention.Detail) : null);
}
