using System.Collections.Concurrent;
using Holdfast.Domain.Orders.Payments;
using Holdfast.Journal;
using Holdfast.Outbox.Delivery;
using Holdfast.Tests.Journal;

namespace Holdfast.Rings.Cluster;

/// <summary>What a store does with one batch instead of, or around, committing it.</summary>
internal enum StoreFault
{
    None,

    /// <summary>Reports unknown, and stores nothing.</summary>
    LostBefore,

    /// <summary>Stores the batch, and reports unknown.</summary>
    LostAfter,

    /// <summary>Says for certain that nothing was stored.</summary>
    Refused,

    /// <summary>Reports unknown, and stores the batch only when it is told to, as a disk does that stands still for longer than anyone waits.</summary>
    Late,
}

/// <summary>A store that fails when it is told to.</summary>
internal sealed class FaultyStore(IJournalStore inner) : ForwardingStore(inner)
{
    private readonly ConcurrentQueue<(IReadOnlyList<Append> Appends, IReadOnlyList<OutboxChange> Changes)> _late = [];
    private int _versionsRead;

    /// <summary>How often the journal was asked whether it holds anything newer.</summary>
    public int VersionsRead => Volatile.Read(ref _versionsRead);

    /// <summary>Asked for each batch.</summary>
    public Func<IReadOnlyList<Append>, StoreFault> Fault { get; set; } = _ => StoreFault.None;

    /// <summary>Runs before each batch is committed, on the writer's thread.</summary>
    public Action<IReadOnlyList<Append>>? BeforeCommit { get; set; }

    /// <summary>Appends that another writer gets in just before the batch, as a second activation of a grain would.</summary>
    public Func<IReadOnlyList<Append>, Task<IReadOnlyList<Append>>>? Intrude { get; set; }

    /// <summary>Hears what really became of each batch, whatever its writer is told.</summary>
    public Action<IReadOnlyList<Append>, CommitResult>? AfterCommit { get; set; }

    /// <summary>Waited for when a receipt has been read, and before whoever asked hears of it.</summary>
    public Func<Guid, Task>? AfterReceipt { get; set; }

    public override async Task<StoredReceipt?> FindReceipt(string stream, Guid operation, CancellationToken cancellationToken)
    {
        var found = await base.FindReceipt(stream, operation, cancellationToken);
        if (AfterReceipt is { } wait) await wait(operation);
        return found;
    }

    public override async ValueTask<CommitResult> Commit(IReadOnlyList<Append> appends, IReadOnlyList<OutboxChange> changes, CommitWatch? watch = null)
    {
        BeforeCommit?.Invoke(appends);
        if (Intrude is { } intrude && await intrude(appends) is { Count: > 0 } foreign) await Inner.Commit(foreign, []);
        switch (Fault(appends))
        {
            case StoreFault.LostBefore:
                return new([.. appends.Select(_ => AppendStatus.Unknown)], Committed: false, "lost before");
            case StoreFault.LostAfter:
                await ReallyCommit(appends, changes, watch);
                return new([.. appends.Select(_ => AppendStatus.Unknown)], Committed: false, "lost after");
            case StoreFault.Refused:
                return new([.. appends.Select(_ => AppendStatus.Refused)], Committed: false, "refused");
            case StoreFault.Late:
                _late.Enqueue((appends, changes));
                return new([.. appends.Select(_ => AppendStatus.Unknown)], Committed: false, "late");
            default:
                return await ReallyCommit(appends, changes, watch);
        }
    }

    /// <summary>All that was asked for in search of orders that stand still.</summary>
    public ConcurrentQueue<QuietWindow> Windows { get; } = [];

    public override Task<IReadOnlyList<string>> FindUnended(QuietWindow window, string after, int limit, CancellationToken cancellationToken)
    {
        Windows.Enqueue(window);
        return base.FindUnended(window, after, limit, cancellationToken);
    }

    public override Task<long> ReadVersion(string stream, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _versionsRead);
        return base.ReadVersion(stream, cancellationToken);
    }

    /// <summary>What was late is stored now, as far as nobody has been faster.</summary>
    public async Task Land()
    {
        while (_late.TryDequeue(out var batch)) await ReallyCommit(batch.Appends, batch.Changes, null);
    }

    private async ValueTask<CommitResult> ReallyCommit(IReadOnlyList<Append> appends, IReadOnlyList<OutboxChange> changes, CommitWatch? watch)
    {
        var result = await Inner.Commit(appends, changes, watch);
        AfterCommit?.Invoke(appends, result);
        return result;
    }
}

/// <summary>A lease that is held for as long as the test says.</summary>
internal sealed class SwitchedLease : IReadLease
{
    public bool IsHeld { get; set; }
}

/// <summary>Doors that a test can close in front of handlers and of the gateway. A closed door holds whoever comes until it opens.</summary>
internal sealed class Doors
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _closed = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _reached = new();

    public void Close(string door) => _closed[door] = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open(string door)
    {
        if (_closed.TryRemove(door, out var closed)) closed.SetResult();
    }

    /// <summary>Whoever stands at the door fails there.</summary>
    public void Break(string door)
    {
        if (_closed.TryRemove(door, out var closed)) closed.SetException(new InvalidOperationException("The door is broken."));
    }

    /// <summary>Completes when someone stands at the door.</summary>
    public Task Reached(string door) => ReachedSource(door).Task.WaitAsync(HoldfastCluster.Patience);

    public async Task Pass(string door, CancellationToken cancellationToken)
    {
        if (!_closed.TryGetValue(door, out var closed)) return;
        ReachedSource(door).TrySetResult();
        await closed.Task.WaitAsync(cancellationToken);
    }

    private TaskCompletionSource ReachedSource(string door) =>
        _reached.GetOrAdd(door, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>A handler behind a door named <c>stream type</c>, so that one order can be held at one step.</summary>
internal sealed class DoorHandler(IMessageHandler inner, Doors doors) : IMessageHandler
{
    public string Type => inner.Type;

    public async Task Handle(OutboxMessage message, CancellationToken cancellationToken)
    {
        await doors.Pass($"{message.Stream} {Type}", cancellationToken);
        await inner.Handle(message, cancellationToken);
    }

    public Task GiveUp(OutboxMessage message, string error, CancellationToken cancellationToken) => inner.GiveUp(message, error, cancellationToken);
}

/// <summary>A handler that fails when it is told to.</summary>
internal sealed class FailingHandler(IMessageHandler inner, Func<OutboxMessage, Exception?> fail) : IMessageHandler
{
    public string Type => inner.Type;

    public Task Handle(OutboxMessage message, CancellationToken cancellationToken) =>
        fail(message) is { } failure ? Task.FromException(failure) : inner.Handle(message, cancellationToken);

    public Task GiveUp(OutboxMessage message, string error, CancellationToken cancellationToken) => inner.GiveUp(message, error, cancellationToken);
}

/// <summary>
/// The gateway behind doors: one before it is asked to charge, one on a charge's way to it, at which callers give up and the charge does
/// not, and one before it tells its answer.
/// </summary>
internal sealed class DoorGateway(IPaymentGateway inner, Doors doors) : IPaymentGateway
{
    public async Task<ChargeResult> Charge(ChargeRequest request, CancellationToken cancellationToken)
    {
        await doors.Pass($"{request.OrderId} charge", CancellationToken.None);
        var result = await Travel(request).WaitAsync(cancellationToken);
        await doors.Pass($"{request.OrderId} charged", CancellationToken.None);
        return result;
    }

    private async Task<ChargeResult> Travel(ChargeRequest request)
    {
        await doors.Pass($"{request.OrderId} arrives", CancellationToken.None);
        return await inner.Charge(request, CancellationToken.None);
    }

    public Task<RefundResult> Refund(RefundRequest request, CancellationToken cancellationToken) => inner.Refund(request, cancellationToken);

    public Task<ChargeResult?> Find(string orderId, CancellationToken cancellationToken) => inner.Find(orderId, cancellationToken);
}
