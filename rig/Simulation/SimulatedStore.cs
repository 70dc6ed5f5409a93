using System.Text;
using Holdfast.Journal;

namespace Holdfast.Simulation;

/// <summary>The journal, the outbox and the rows beside them, in memory; what is in it is durable.</summary>
internal sealed class SimulatedStore(History history) : IJournalStore
{
    private readonly Dictionary<string, List<JournalRow>> _streams = [];
    private readonly Dictionary<(string Stream, Guid Operation), StoredReceipt> _receipts = [];
    private readonly Dictionary<(string Stream, string Name), ReadOnlyMemory<byte>> _secrets = [];
    private readonly Dictionary<string, long> _published = [];

    /// <summary>Called for each message that is stored.</summary>
    public Action<OutboxMessage> OnMessage { get; set; } = static _ => { };

    /// <summary>Called for each append that is stored, with its rows beside.</summary>
    public Action<Append> OnAppend { get; set; } = static _ => { };

    public int Writers => 1;

    /// <summary>Messages whose handlers have not finished.</summary>
    public Dictionary<Guid, OutboxMessage> Outbox { get; } = [];

    public List<OutboxMessage> DeadLetters { get; } = [];

    public IEnumerable<string> Streams => _streams.Keys;

    public IReadOnlyList<JournalRow> Rows(string stream) => _streams.GetValueOrDefault(stream, []);

    public long VersionOf(string stream) => Rows(stream) is [.., var last] ? last.LastVersion : 0;

    public bool HasSecret(string stream) => _secrets.Keys.Any(key => key.Stream == stream);

    /// <summary>Stores the append with all that belongs to it, or says that another one was first.</summary>
    public AppendStatus Store(Append append)
    {
        if (VersionOf(append.Stream) != append.ExpectedVersion) return AppendStatus.Conflict;
        Publish(append);
        if (!_streams.TryGetValue(append.Stream, out var rows)) rows = _streams[append.Stream] = [];
        if (append.Erases) Erase(append.Stream, rows);
        rows.Add(new(append.FirstVersion, append.LastVersion, append.RecordedAt, append.Events));
        history.Append(append);
        foreach (var receipt in append.Receipts) _receipts[(append.Stream, receipt.Operation)] = receipt;
        foreach (var (name, value) in append.Beside?.Secrets ?? [])
        {
            if (value is { } secret) _secrets[(append.Stream, name)] = secret;
            else _secrets.Remove((append.Stream, name));
        }

        OnAppend(append);
        foreach (var message in append.Messages)
        {
            Outbox.Add(message.Id, message);
            OnMessage(message);
        }

        return AppendStatus.Committed;
    }

    /// <summary>A published append names the one before it, whichever activation made that, or the feed would seem to have holes.</summary>
    private void Publish(Append append)
    {
        if (append.Follows is not { } follows) return;
        var before = _published.GetValueOrDefault(append.Stream);
        if (follows != before)
        {
            throw new InvalidOperationException(
                $"{append.Stream} publishes version {append.LastVersion} behind {follows}, and the one before it has {before}.");
        }

        _published[append.Stream] = append.LastVersion;
    }

    /// <summary>A row keeps its place and its time, and nothing else; what lies beside the stream is gone.</summary>
    private void Erase(string stream, List<JournalRow> rows)
    {
        for (var i = 0; i < rows.Count; i++) rows[i] = rows[i] with { Events = "[]"u8.ToArray() };
        foreach (var key in _receipts.Keys.Where(key => key.Stream == stream).ToArray()) _receipts.Remove(key);
        foreach (var key in _secrets.Keys.Where(key => key.Item1 == stream).ToArray()) _secrets.Remove(key);
        foreach (var message in Outbox.Values.Where(message => message.Stream == stream).ToArray()) Outbox.Remove(message.Id);
    }

    public Task<long> ReadVersion(string stream, CancellationToken cancellationToken) => Task.FromResult(VersionOf(stream));

    public Task<IReadOnlyList<JournalRow>> ReadBackward(string stream, long before, int limit, CancellationToken cancellationToken) =>
        Page(Rows(stream).Reverse().Where(row => row.FirstVersion < before), limit);

    public Task<IReadOnlyList<JournalRow>> ReadForward(string stream, long after, int limit, CancellationToken cancellationToken) =>
        Page(Rows(stream).Where(row => row.LastVersion > after), limit);

    public Task<SearchPage> Search(string stream, string text, long after, int limit, CancellationToken cancellationToken)
    {
        var rows = Rows(stream).Where(row => row.FirstVersion > after).Take(limit).ToList();
        return Task.FromResult(rows is [.., var last]
            ? new SearchPage([.. rows.Where(row => Encoding.UTF8.GetString(row.Events.Span).Contains(text, StringComparison.Ordinal))], last.LastVersion, last.RecordedAt)
            : new SearchPage([], after, default));
    }

    public Task<StoredReceipt?> FindReceipt(string stream, Guid operation, CancellationToken cancellationToken) =>
        Task.FromResult(_receipts.GetValueOrDefault((stream, operation)));

    public Task<ReadOnlyMemory<byte>?> ReadSecret(string stream, string name, CancellationToken cancellationToken) =>
        Task.FromResult(_secrets.TryGetValue((stream, name), out var secret) ? secret : (ReadOnlyMemory<byte>?)null);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    Task IJournalStore.Initialize(CancellationToken cancellationToken) => Task.CompletedTask;

    Task<int> IJournalStore.ReadSchemaVersion(CancellationToken cancellationToken) => throw NotSimulated();

    ValueTask<CommitResult> IJournalStore.Commit(IReadOnlyList<Append> appends, IReadOnlyList<OutboxChange> changes, CommitWatch? watch) =>
        throw NotSimulated();

    Task IJournalStore.ProveWritable(CancellationToken cancellationToken) => throw NotSimulated();

    Task<ReadOnlyMemory<byte>> IJournalStore.WriteSecret(
        string stream, string name, ReadOnlyMemory<byte> value, bool replaces, CancellationToken cancellationToken) => throw NotSimulated();

    Task<IReadOnlyList<Attention>> IJournalStore.ReadAttention(string after, int limit, CancellationToken cancellationToken) => throw NotSimulated();

    Task<IReadOnlyList<OutboxMessage>> IJournalStore.ReadDue(
        int lane, DateTimeOffset now, OutboxPosition after, int limit, CancellationToken cancellationToken) => throw NotSimulated();

    Task<DateTimeOffset?> IJournalStore.NextDue(int lane, DateTimeOffset now, CancellationToken cancellationToken) => throw NotSimulated();

    Task<IReadOnlyList<DeadLetter>> IJournalStore.ReadDeadLetters(int limit, CancellationToken cancellationToken) => throw NotSimulated();

    Task<IReadOnlyList<string>> IJournalStore.FindUnended(QuietWindow window, string after, int limit, CancellationToken cancellationToken) =>
        throw NotSimulated();

    Task<DateTimeOffset> IJournalStore.ReadSweptUntil(CancellationToken cancellationToken) => throw NotSimulated();

    Task IJournalStore.WriteSweptUntil(DateTimeOffset until, CancellationToken cancellationToken) => throw NotSimulated();

    Task<IReadOnlyList<string>> IJournalStore.WithMessages(
        IReadOnlyList<string> streams, string otherThan, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>(
            [.. streams.Where(stream => Outbox.Values.Any(message => message.Stream == stream && message.Type != otherThan))]);

    Task<int> IJournalStore.ForgetReceipts(DateTimeOffset before, int limit, CancellationToken cancellationToken) => throw NotSimulated();

    private static NotSupportedException NotSimulated() => new("The simulation does not ask the store for this.");

    private static Task<IReadOnlyList<JournalRow>> Page(IEnumerable<JournalRow> rows, int limit) =>
        Task.FromResult<IReadOnlyList<JournalRow>>([.. rows.Take(limit)]);
}
