using System.Threading.Channels;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders.Payments;
using Microsoft.Extensions.Logging;

namespace Holdfast.Outside.Sandbox.Ledger;

/// <summary>
/// The sandbox gateway's books, open for use. One thread writes: what arrives while a transaction is being committed is the next
/// transaction, and a write is answered only when its transaction is durable. Reads do not wait for it.
/// </summary>
internal sealed partial class SandboxLedger : IAsyncDisposable
{
    /// <summary>Writes that wait for the writer; past it they are put off.</summary>
    private const int QueueLength = 16_384;

    /// <summary>Writes in one transaction.</summary>
    private const int BatchSize = 512;

    private readonly ISandboxStore _store;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Channel<SandboxWrite> _queue =
        Channel.CreateBounded<SandboxWrite>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private readonly Task _writer;

    public SandboxLedger(ISandboxStore store, TimeProvider clock, ILogger logger)
    {
        _store = store;
        _clock = clock;
        _logger = logger;
        // A thread of its own: SQLite blocks the one that waits for its disk.
        _writer = Task.Factory.StartNew(WriteAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Records the answer to a charge, or finds the one that its key has.</summary>
    public Task<RecordedCharge> Charge(ChargeRequest request, ChargeStatus status, string? declineReason = null) =>
        Enqueue(new ChargeWrite(request, status, declineReason));

    /// <summary>Records a refund, or finds the one that its key has.</summary>
    public Task<RefundResult> Refund(RefundRequest request) => Enqueue(new RefundWrite(request));

    /// <summary>True for the first call with this key, in all the ledger's life.</summary>
    public Task<bool> IsFirstAttempt(string key) => Enqueue(new AttemptWrite(key));

    /// <summary>The durable answer to the charge with this key.</summary>
    public async Task<ChargeResult?> FindByKey(string key, CancellationToken cancellationToken) =>
        (await _store.FindByKey(key, cancellationToken))?.Result;

    /// <summary>The durable answer to the order's charge.</summary>
    public async Task<ChargeResult?> FindByOrder(string orderId, CancellationToken cancellationToken) =>
        (await _store.FindByOrder(orderId, cancellationToken))?.Result;

    /// <summary>Durable charges of one order, or of all, with a number above the given one, oldest first.</summary>
    public async Task<SandboxCharge[]> ReadCharges(string? orderId, long after, int limit, CancellationToken cancellationToken)
    {
        if (orderId is null)
            return [.. (await _store.ReadCharges(after, limit, cancellationToken)).Select(charge => charge.Line)];
        return await _store.FindByOrder(orderId, cancellationToken) is { } found && found.Number > after ? [found.Line] : [];
    }

    /// <summary>Answers every accepted write, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writer;
        await _store.DisposeAsync();
    }

    private Task<T> Enqueue<T>(SandboxWrite<T> write) => _queue.Writer.TryWrite(write)
        ? write.Task
        : Task.FromException<T>(new PaymentUnavailableException("The gateway is too busy, or closed."));

    private void WriteAll()
    {
        ISandboxWriter? books = null;
        var batch = new List<SandboxWrite>(BatchSize);
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (batch.Count < BatchSize && _queue.Reader.TryRead(out var write))
                batch.Add(write);
            books = Commit(batch, books).GetAwaiter().GetResult();
            batch.Clear();
        }

        books?.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <summary>The connection for the next batch; null after a failure.</summary>
    private async Task<ISandboxWriter?> Commit(List<SandboxWrite> batch, ISandboxWriter? books)
    {
        var committing = false;
        try
        {
            books ??= await _store.OpenWriter();
            await books.Write(batch, _clock.GetUtcNow());
            committing = true;
            await books.Commit();
        }
#pragma warning disable CA1031 // Whatever went wrong, the callers have to hear of it and the writer has to live on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogCommitFailed(error, batch.Count, committing);
            // Closing rolls back what is open; a new connection cannot carry a half-done transaction over to the next batch.
            if (books is not null)
                await books.DisposeAsync();
            foreach (var write in batch)
                write.Fail(committing ? Unknown(error) : NotWritten(error));
            return null;
        }

        foreach (var write in batch)
            write.Answer();
        return books;
    }

    private static PaymentUnknownException Unknown(Exception error) =>
        new($"The gateway's ledger failed while it committed: {error.Message}", error);

    private static PaymentUnavailableException NotWritten(Exception error) =>
        new($"The gateway's ledger cannot be written: {error.Message}", error);
}
