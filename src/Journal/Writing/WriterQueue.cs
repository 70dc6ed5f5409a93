namespace Holdfast.Journal.Writing;

/// <summary>What waits for one writer's next commit. Not thread-safe: its writer's lock guards it.</summary>
internal sealed class WriterQueue
{
    private List<AppendEntry> _appends = [];
    private List<ChangeEntry> _changes = [];

    public int Appends => _appends.Count;

    public bool IsEmpty => _appends.Count == 0 && _changes.Count == 0;

    public void Add(AppendEntry entry) => _appends.Add(entry);

    public void Add(ChangeEntry entry) => _changes.Add(entry);

    /// <summary>All that fits; an empty batch takes something.</summary>
    public void MoveTo(WriterBatch batch)
    {
        _appends = batch.Take(_appends);
        _changes = batch.Take(_changes);
    }

    public void Refuse()
    {
        foreach (var entry in _appends) entry.Refuse();
        foreach (var entry in _changes) entry.Refuse();
        _appends.Clear();
        _changes.Clear();
    }
}

/// <summary>What is committed together. It and its lists are used again for the next commit.</summary>
internal sealed class WriterBatch(int maxAppends)
{
    private readonly HashSet<string> _streams = new(StringComparer.Ordinal);
    private List<AppendEntry> _spare = [];

    public List<AppendEntry> Appends { get; } = [];

    public List<ChangeEntry> Changes { get; private set; } = [];

    public CommitWatch Watch { get; } = new();

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

    /// <summary>Takes the whole queue, and leaves an empty one.</summary>
    public List<ChangeEntry> Take(List<ChangeEntry> queue)
    {
        var empty = Changes;
        Changes = queue;
        return empty;
    }

    /// <summary>Key order keeps neighbouring rows on one page, and two writers from locking each other.</summary>
    public void Sort() => Appends.Sort(static (a, b) => string.CompareOrdinal(a.Append.Stream, b.Append.Stream));

    /// <summary>Nobody knows what became of it.</summary>
    public CommitResult Unknown(string why) => new([.. Appends.Select(static _ => AppendStatus.Unknown)], Committed: false, why);

    public void Clear()
    {
        Appends.Clear();
        Changes.Clear();
        _streams.Clear();
    }
}

/// <summary>One thing to be committed, and how whoever waits for it hears of it.</summary>
internal abstract class WriterEntry
{
    public abstract void AddTo(WriterQueue queue);

    /// <summary>Nothing of it is stored.</summary>
    public abstract void Refuse();
}

internal sealed class AppendEntry(Append append) : WriterEntry
{
    public Append Append { get; } = append;

    public TaskCompletionSource<AppendStatus> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override void AddTo(WriterQueue queue) => queue.Add(this);

    public override void Refuse() => Done.SetResult(AppendStatus.Refused);
}

internal sealed class ChangeEntry(OutboxChange change) : WriterEntry
{
    public OutboxChange Change { get; } = change;

    public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override void AddTo(WriterQueue queue) => queue.Add(this);

    public override void Refuse() => Done.SetResult(false);
}
