using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Journal.Writing;

/// <summary>
/// The silo's group commit: every grain hands its appends here, and each transaction carries all that arrived while the one
/// before it was being committed. Owner of the store's write side; one batch holds at most one append a stream.
/// </summary>
public sealed partial class JournalWriter : IAppends, IAsyncDisposable
{
    /// <summary>
    /// Commits of one writer that were given up and have not come to an end. Each keeps a connection; past them nothing is sent any more
    /// before one of them has.
    /// </summary>
    public const int MaxLeftBehind = 4;

    /// <summary>How late a commit may be given up.</summary>
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(500);

    private readonly IJournalStore _store;
    private readonly ICommittedMessages _committed;
    private readonly JournalOptions _options;
    private readonly ILogger<JournalWriter> _logger;
    private readonly RepeatedFailures _failures;
    private readonly Lazy<Worker[]> _workers;
    private readonly ITimer _looks;
    private string? _refusal;

    public JournalWriter(
        IJournalStore store, ICommittedMessages committed, IOptions<JournalOptions> options, TimeProvider clock, ILogger<JournalWriter> logger)
    {
        (_store, _committed, _options, _logger) = (store, committed, options.Value, logger);
        _failures = new(clock);
        _workers = new(() => [.. Enumerable.Range(0, store.Writers).Select(index => new Worker(this, index))]);
        _looks = clock.CreateTimer(static writer => ((JournalWriter)writer!).LookAfterAll(), this, LookPeriod, LookPeriod);
    }

    /// <inheritdoc />
    public bool Overloaded => Array.Exists(_workers.Value, static worker => worker.IsOverloaded);

    /// <summary>True when a writer has left as many commits behind as it may, and waits for one of them to end.</summary>
    public bool Stands => Array.Exists(_workers.Value, static worker => worker.Stands);

    /// <summary>What the store said when it refused a commit as it would refuse any; null since an append has succeeded, or was proven possible.</summary>
    public string? Refusal => Volatile.Read(ref _refusal);

    /// <summary>The store takes changes again: nothing may be there to show it.</summary>
    /// <param name="refusal">The one that is over.</param>
    public void ForgetRefusal(string refusal) => Interlocked.CompareExchange(ref _refusal, null, refusal);

    /// <inheritdoc />
    public Task<AppendStatus> Submit(Append append)
    {
        var entry = new AppendEntry(append);
        WorkerFor(append.Stream).Enqueue(entry);
        return entry.Done.Task;
    }

    /// <summary>Completes when the change has been committed or dropped; true when it was committed.</summary>
    public Task<bool> Submit(OutboxChange change)
    {
        var entry = new ChangeEntry(change);
        WorkerFor(change.Message.Stream).Enqueue(entry);
        return entry.Done.Task;
    }

    /// <summary>Commits what is queued, then stops; later submissions are refused.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_workers.IsValueCreated)
        {
            foreach (var worker in _workers.Value) worker.Stop();
            foreach (var worker in _workers.Value) await worker.Stopped;
        }

        await _looks.DisposeAsync();
    }

    private void LookAfterAll()
    {
        if (!_workers.IsValueCreated) return;
        foreach (var worker in _workers.Value) worker.LookAfter();
    }

    private Worker WorkerFor(string stream)
    {
        var workers = _workers.Value;
        return workers.Length == 1 ? workers[0] : workers[(int)(StableHash.Of(stream) % (uint)workers.Length)];
    }

    /// <summary>
    /// One writer: a queue and a thread of its own, because an embedded store commits synchronously and must not hold a pool
    /// thread that grains need. A commit that the store waits for too long is left behind with its thread, and another one goes on.
    /// </summary>
    private sealed class Worker
    {
        private readonly JournalWriter _writer;
        private readonly object _gate = new();
        private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly WriterQueue _queue = new();
        private readonly int _index;
        private WriterBatch? _underWay;
        private int _queuedAppends;
        private int _leftBehind;
        private bool _stands;
        private bool _stopping;

        public Worker(JournalWriter writer, int index)
        {
            (_writer, _index) = (writer, index);
            StartThread();
        }

        public bool IsOverloaded => Stands || Volatile.Read(ref _queuedAppends) >= _writer._options.MaxQueuedAppends;

        /// <summary>Too many commits were left behind: there is no thread until one of them ends.</summary>
        public bool Stands => Volatile.Read(ref _stands);

        public Task Stopped => _stopped.Task;

        /// <summary>Refuses the entry when the writer is stopping, or stands.</summary>
        public void Enqueue(WriterEntry entry)
        {
            lock (_gate)
            {
                if (!_stopping && !_stands)
                {
                    entry.AddTo(_queue);
                    _queuedAppends = _queue.Appends;
                    Monitor.Pulse(_gate);
                    return;
                }
            }

            entry.Refuse();
        }

        public void Stop()
        {
            lock (_gate)
            {
                _stopping = true;
                if (_stands) _stopped.TrySetResult();
                Monitor.Pulse(_gate);
            }
        }

        /// <summary>Gives up the commit under way, if the store has waited for it for too long, and lets another thread go on.</summary>
        public void LookAfter()
        {
            if (Volatile.Read(ref _underWay) is not { } batch || !batch.Watch.TryGiveUp()) return;
            _writer.GiveUp(batch);
            lock (_gate)
            {
                _leftBehind++;
                if (!_stopping && _leftBehind < MaxLeftBehind)
                {
                    StartThread();
                    return;
                }

                _stands = true;
                _queue.Refuse();
                _queuedAppends = 0;
                if (_stopping) _stopped.TrySetResult();
            }
        }

        private void StartThread() => new Thread(Run) { IsBackground = true, Name = $"journal-writer-{_index}" }.Start();

        private void Run()
        {
            var batch = new WriterBatch(_writer._options.MaxBatchAppends);
            while (WaitForBatch(batch))
            {
                Volatile.Write(ref _underWay, batch);
                var (result, duration) = _writer.Commit(batch);
                if (!batch.Watch.IsGivenUp)
                {
                    _writer.Conclude(batch, result, duration);
                    batch.Clear();
                    continue;
                }

                _writer.ComeBack(batch);
                if (!TryGoOn()) return;
                batch = new WriterBatch(_writer._options.MaxBatchAppends);
            }

            _stopped.TrySetResult();
        }

        /// <summary>A thread that was left behind has come back: it is the writer's again when there is no other.</summary>
        private bool TryGoOn()
        {
            lock (_gate)
            {
                _leftBehind--;
                if (!_stands) return false;
                _stands = false;
                return true;
            }
        }

        /// <summary>False when the writer is stopping and nothing is left.</summary>
        private bool WaitForBatch(WriterBatch batch)
        {
            lock (_gate)
            {
                while (_queue.IsEmpty)
                {
                    if (_stopping) return false;
                    Monitor.Wait(_gate);
                }

                _queue.MoveTo(batch);
                _queuedAppends = _queue.Appends;
            }

            batch.Sort();
            return true;
        }
    }

    private (CommitResult Result, TimeSpan Duration) Commit(WriterBatch batch)
    {
        var started = Stopwatch.GetTimestamp();
        var appends = batch.Appends.ConvertAll(static entry => entry.Append);
        var changes = batch.Changes.ConvertAll(static entry => entry.Change);
        CommitResult result;
        try
        {
            // This thread exists to wait here.
            result = _store.Commit(appends, changes, batch.Watch).AsTask().GetAwaiter().GetResult();
        }
#pragma warning disable CA1031 // A store that breaks its promise not to throw must not take the writer's thread with it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            result = batch.Unknown(exception.Message);
        }

        return (result, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>Whoever waits for the batch is told that its outcome is unknown; its thread goes on waiting.</summary>
    private void GiveUp(WriterBatch batch)
    {
        LogGivenUp(batch.Appends.Count, batch.Changes.Count);
        Conclude(batch, batch.Unknown("The store did not answer."), null);
    }

    /// <summary>The store has come to an end with a batch that was given up. What became of it says only the table, but now it does.</summary>
    private void ComeBack(WriterBatch batch)
    {
        LogCameBack(batch.Appends.Count, batch.Changes.Count);
        foreach (var entry in batch.Appends) _committed.MayHaveBeenStored(entry.Append.Messages);
    }

    /// <param name="duration">Null when it has not ended.</param>
    private void Conclude(WriterBatch batch, CommitResult result, TimeSpan? duration)
    {
        if (result.Unwritable) Volatile.Write(ref _refusal, result.Error);
        else if (_refusal is not null && result.Appends.Contains(AppendStatus.Committed)) Volatile.Write(ref _refusal, null);
        if (result.Error is { } error && _failures.IsDue(result.Unwritable ? "unwritable" : "other", out var others)) LogStoreError(error, batch.Appends.Count, batch.Changes.Count, others);
        if (duration is { } took) JournalMetrics.RecordBatch(batch.Appends.Count, took);
        var published = false;
        for (var i = 0; i < batch.Appends.Count; i++)
        {
            var (append, status) = (batch.Appends[i].Append, result.Appends[i]);
            published |= append.Follows is not null && status is (AppendStatus.Committed or AppendStatus.Unknown);
            JournalMetrics.RecordAppend(status);
            if (append.Messages.Count > 0)
            {
                if (status == AppendStatus.Committed) _committed.HandOver(append.Messages);
                else if (status == AppendStatus.Unknown) _committed.MayHaveBeenStored(append.Messages);
            }

            batch.Appends[i].Done.SetResult(status);
        }

        if (published) _committed.MayHaveBeenPublished();
        foreach (var entry in batch.Changes) entry.Done.SetResult(result.Committed);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The journal store reported: {Error} (batch of {Appends} appends, {Changes} outbox changes; {Others} more like it since the last such line)")]
    private partial void LogStoreError(string error, int appends, int changes, int others);

    [LoggerMessage(Level = LogLevel.Error, Message = "The store does not answer a commit of {Appends} appends and {Changes} outbox changes. It is left to itself, its outcome unknown; another one goes on")]
    private partial void LogGivenUp(int appends, int changes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A commit of {Appends} appends and {Changes} outbox changes that was given up has come to its end")]
    private partial void LogCameBack(int appends, int changes);
}
