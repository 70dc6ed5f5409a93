using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Journal.Writing;

/// <summary>
/// The silo's group commit: every grain hands its appends here, and each transaction carries all that arrived while the one
/// before it was being committed. Owner of the store's write side; one batch holds at most one append a stream.
/// </summary>
public sealed partial class JournalWriter : IAsyncDisposable
{
    private readonly IJournalStore _store;
    private readonly ICommittedMessages _committed;
    private readonly JournalOptions _options;
    private readonly ILogger<JournalWriter> _logger;
    private readonly Lazy<Worker[]> _workers;

    public JournalWriter(
        IJournalStore store, ICommittedMessages committed, IOptions<JournalOptions> options, ILogger<JournalWriter> logger)
    {
        _store = store;
        _committed = committed;
        _options = options.Value;
        _logger = logger;
        _workers = new(() => [.. Enumerable.Range(0, store.Writers).Select(index => new Worker(this, index))]);
    }

    /// <summary>True when the queue is at its bound: decide nothing more, answer <c>overloaded</c>.</summary>
    /// <remarks>
    /// Checked before a decision is made, so that a decision once made is always submitted. A grain has at most one append in
    /// flight, so the queue can pass the bound by no more than the grains that were already deciding.
    /// </remarks>
    public bool Overloaded
    {
        get
        {
            foreach (var worker in _workers.Value)
            {
                if (worker.QueuedAppends >= _options.MaxQueuedAppends) return true;
            }

            return false;
        }
    }

    /// <summary>Completes when the append is durable, or when it is known that it is not (or that nobody knows).</summary>
    public Task<AppendStatus> Submit(Append append)
    {
        var entry = new AppendEntry(append);
        if (!WorkerFor(append.Stream).Enqueue(entry)) entry.Done.SetResult(AppendStatus.Refused);
        return entry.Done.Task;
    }

    /// <summary>Completes when the change has been committed or dropped; true when it was committed.</summary>
    public Task<bool> Submit(OutboxChange change)
    {
        var entry = new ChangeEntry(change);
        if (!WorkerFor(change.Message.Stream).Enqueue(entry)) entry.Done.SetResult(false);
        return entry.Done.Task;
    }

    /// <summary>Commits what is queued, then stops; later submissions are refused.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_workers.IsValueCreated) return;
        foreach (var worker in _workers.Value) worker.Stop();
        foreach (var worker in _workers.Value) await worker.Stopped;
    }

    private Worker WorkerFor(string stream)
    {
        var workers = _workers.Value;
        return workers.Length == 1 ? workers[0] : workers[(int)(StableHash.Of(stream) % (uint)workers.Length)];
    }

    private sealed class AppendEntry(Append append)
    {
        public Append Append { get; } = append;

        public TaskCompletionSource<AppendStatus> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class ChangeEntry(OutboxChange change)
    {
        public OutboxChange Change { get; } = change;

        public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>
    /// One writer: a queue and a thread of its own, because an embedded store commits synchronously and must not hold a pool
    /// thread that grains need.
    /// </summary>
    private sealed class Worker
    {
        private readonly JournalWriter _writer;
        private readonly object _gate = new();
        private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private List<AppendEntry> _appends = [];
        private List<ChangeEntry> _changes = [];
        private int _queuedAppends;
        private bool _stopping;

        public Worker(JournalWriter writer, int index)
        {
            _writer = writer;
            new Thread(Run) { IsBackground = true, Name = $"journal-writer-{index}" }.Start();
        }

        public int QueuedAppends => Volatile.Read(ref _queuedAppends);

        public Task Stopped => _stopped.Task;

        /// <summary>False when the writer is stopping: nothing was queued.</summary>
        public bool Enqueue(AppendEntry entry)
        {
            lock (_gate)
            {
                if (_stopping) return false;
                _appends.Add(entry);
                _queuedAppends++;
                Monitor.Pulse(_gate);
                return true;
            }
        }

        /// <inheritdoc cref="Enqueue(AppendEntry)"/>
        public bool Enqueue(ChangeEntry entry)
        {
            lock (_gate)
            {
                if (_stopping) return false;
                _changes.Add(entry);
                Monitor.Pulse(_gate);
                return true;
            }
        }

        public void Stop()
        {
            lock (_gate)
            {
                _stopping = true;
                Monitor.Pulse(_gate);
            }
        }

        private void Run()
        {
            try
            {
                var batch = new Batch(_writer._options.MaxBatchAppends);
                while (WaitForBatch(batch))
                {
                    _writer.CommitBatch(batch);
                    batch.Clear();
                }
            }
            finally
            {
                _stopped.SetResult();
            }
        }

        /// <summary>False when the writer is stopping and nothing is left.</summary>
        private bool WaitForBatch(Batch batch)
        {
            lock (_gate)
            {
                while (_appends.Count == 0 && _changes.Count == 0)
                {
                    if (_stopping) return false;
                    Monitor.Wait(_gate);
                }

                _appends = batch.Take(_appends);
                (_changes, batch.Changes) = (batch.Changes, _changes);
                _queuedAppends = _appends.Count;
            }

            batch.Sort();
            return true;
        }
    }

    private sealed class Batch(int maxAppends)
    {
        private readonly HashSet<string> _streams = new(StringComparer.Ordinal);
        private List<AppendEntry> _spare = [];

        public List<AppendEntry> Appends { get; } = [];

        public List<ChangeEntry> Changes { get; set; } = [];

        /// <summary>Moves what fits into the batch and returns the queue that is left.</summary>
        public List<AppendEntry> Take(List<AppendEntry> queue)
        {
            var left = _spare;
            foreach (var entry in queue)
            {
                // A second append of one stream waits: its expected version is only true once the first is in.
                if (Appends.Count < maxAppends && _streams.Add(entry.Append.Stream)) Appends.Add(entry);
                else left.Add(entry);
            }

            queue.Clear();
            _spare = queue;
            return left;
        }

        /// <summary>Key order keeps neighbouring rows on one page, and two writers from locking each other.</summary>
        public void Sort() => Appends.Sort(static (a, b) => string.CompareOrdinal(a.Append.Stream, b.Append.Stream));

        public void Clear()
        {
            Appends.Clear();
            Changes.Clear();
            _streams.Clear();
        }
    }

    private void CommitBatch(Batch batch)
    {
        var started = Stopwatch.GetTimestamp();
        var appends = batch.Appends.ConvertAll(static entry => entry.Append);
        var changes = batch.Changes.ConvertAll(static entry => entry.Change);
        CommitResult result;
        try
        {
            // This thread exists to wait here.
            result = _store.Commit(appends, changes).AsTask().GetAwaiter().GetResult();
        }
#pragma warning disable CA1031 // A store that breaks its promise not to throw must not take the writer's thread with it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            result = new([.. appends.Select(static _ => AppendStatus.Unknown)], Committed: false, exception.Message);
        }

        if (result.Error is not null) LogStoreError(result.Error, appends.Count, changes.Count);
        JournalMetrics.RecordBatch(appends.Count, Stopwatch.GetElapsedTime(started));
        for (var i = 0; i < appends.Count; i++)
        {
            var (append, status) = (appends[i], result.Appends[i]);
            JournalMetrics.RecordAppend(status);
            if (append.Messages.Count > 0)
            {
                if (status == AppendStatus.Committed) _committed.HandOver(append.Messages);
                else if (status == AppendStatus.Unknown) _committed.MayHaveBeenStored(append.Messages);
            }

            batch.Appends[i].Done.SetResult(status);
        }

        foreach (var entry in batch.Changes) entry.Done.SetResult(result.Committed);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The journal store reported: {Error} (batch of {Appends} appends, {Changes} outbox changes)")]
    private partial void LogStoreError(string error, int appends, int changes);
}

/// <summary>Hears of messages at the moment their rows exist.</summary>
public interface ICommittedMessages
{
    /// <summary>The rows are committed: deliver them without waiting for the next read of the table.</summary>
    void HandOver(IReadOnlyList<OutboxMessage> messages);

    /// <summary>The rows may exist: only the table knows.</summary>
    void MayHaveBeenStored(IReadOnlyList<OutboxMessage> messages);
}
