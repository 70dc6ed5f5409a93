using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Orders.Payments;

/// <summary>
/// The sandbox gateway's books, open for use. One thread writes: what arrives while a transaction is being committed is the next
/// transaction, and a write is answered only when its transaction is durable. Reads have a connection of their own.
/// </summary>
internal sealed partial class SandboxLedger : IAsyncDisposable
{
    /// <summary>Writes that wait for the writer; past it they are put off.</summary>
    private const int QueueLength = 16_384;

    /// <summary>Writes in one transaction.</summary>
    private const int BatchSize = 512;

    private readonly string _path;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Channel<Write> _queue = Channel.CreateBounded<Write>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private readonly Task _writer;
    private readonly Lock _reading = new();
    private SandboxBooks? _reader;
    private bool _closed;

    public SandboxLedger(string path, TimeProvider clock, ILogger logger)
    {
        _path = path;
        _clock = clock;
        _logger = logger;
        _writer = Task.Factory.StartNew(WriteAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private abstract class Write
    {
        public abstract void Run(SandboxBooks books);

        public abstract void Answer();

        public abstract void Fail(Exception error);
    }

    private sealed class Write<T>(Func<SandboxBooks, T> run) : Write
    {
        // A continuation on the writer's thread would hold up everyone else's money.
        private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;

        public Task<T> Task => _answer.Task;

        public override void Run(SandboxBooks books) => _result = run(books);

        public override void Answer() => _answer.SetResult(_result!);

        public override void Fail(Exception error) => _answer.SetException(error);
    }

    /// <summary>Records the answer to a charge, or finds the one that its key has.</summary>
    public Task<RecordedCharge> Charge(ChargeRequest request, ChargeStatus status, string? declineReason = null) =>
        Enqueue(books => books.Charge(request, status, declineReason, _clock.GetUtcNow()));

    /// <summary>Records a refund, or finds the one that its key has.</summary>
    public Task<RefundResult> Refund(RefundRequest request) => Enqueue(books => books.Refund(request, _clock.GetUtcNow()));

    /// <summary>True for the first call with this key, in all the ledger's life.</summary>
    public Task<bool> IsFirstAttempt(string key) => Enqueue(books => books.IsFirstAttempt(key));

    /// <summary>Reads what is durable.</summary>
    /// <exception cref="PaymentUnavailableException">The ledger cannot be read.</exception>
    public T Read<T>(Func<SandboxBooks, T> read)
    {
        lock (_reading)
        {
            if (_closed)
                throw new PaymentUnavailableException("The gateway is closed.");
            try
            {
                return read(_reader ??= SandboxBooks.Open(_path));
            }
            catch (Exception error) when (IsStoreFailure(error))
            {
                _reader?.Dispose();
                _reader = null;
                throw new PaymentUnavailableException($"The gateway's ledger cannot be read: {error.Message}", error);
            }
        }
    }

    /// <summary>Answers every accepted write, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writer;
        lock (_reading)
        {
            _closed = true;
            _reader?.Dispose();
            _reader = null;
        }
    }

    private Task<T> Enqueue<T>(Func<SandboxBooks, T> run)
    {
        var write = new Write<T>(run);
        return _queue.Writer.TryWrite(write)
            ? write.Task
            : Task.FromException<T>(new PaymentUnavailableException("The gateway is too busy, or closed."));
    }

    private void WriteAll()
    {
        SandboxBooks? books = null;
        var batch = new List<Write>(BatchSize);
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (batch.Count < BatchSize && _queue.Reader.TryRead(out var write))
                batch.Add(write);
            Commit(batch, ref books);
            batch.Clear();
        }

        books?.Dispose();
    }

    private void Commit(List<Write> batch, ref SandboxBooks? books)
    {
        var committing = false;
        try
        {
            books ??= SandboxBooks.Open(_path);
            books.Begin();
            foreach (var write in batch)
                write.Run(books);
            committing = true;
            books.Commit();
        }
#pragma warning disable CA1031 // Whatever went wrong, the callers have to hear of it and the writer has to live on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            // Closing rolls back what is open; a new connection cannot carry a half-done transaction over to the next batch.
            books?.Dispose();
            books = null;
            LogCommitFailed(error, batch.Count, committing);
            foreach (var write in batch)
                write.Fail(committing ? Unknown(error) : NotWritten(error));
            return;
        }

        foreach (var write in batch)
            write.Answer();
    }

    private static PaymentUnknownException Unknown(Exception error) =>
        new($"The gateway's ledger failed while it committed: {error.Message}", error);

    private static PaymentUnavailableException NotWritten(Exception error) =>
        new($"The gateway's ledger cannot be written: {error.Message}", error);

    private static bool IsStoreFailure(Exception error) => error is SqliteException or IOException or UnauthorizedAccessException;
}
