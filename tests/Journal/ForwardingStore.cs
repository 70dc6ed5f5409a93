using Holdfast.Journal;

namespace Holdfast.Tests.Journal;

/// <summary>A store that passes everything on; a double overrides what it is about.</summary>
internal abstract class ForwardingStore(IJournalStore inner) : IJournalStore
{
    public int Writers => inner.Writers;

    protected IJournalStore Inner => inner;

    public virtual ValueTask<CommitResult> Commit(
        IReadOnlyList<Append> appends, IReadOnlyList<OutboxChange> changes, CommitWatch? watch = null) =>
        inner.Commit(appends, changes, watch);

    public Task Initialize(CancellationToken cancellationToken) => inner.Initialize(cancellationToken);

    public Task ProveWritable(CancellationToken cancellationToken) => inner.ProveWritable(cancellationToken);

    public virtual Task<IReadOnlyList<JournalRow>> ReadBackward(
        string stream, long before, int limit, CancellationToken cancellationToken) =>
        inner.ReadBackward(stream, before, limit, cancellationToken);

    public virtual Task<IReadOnlyList<JournalRow>> ReadForward(string stream, long after, int limit, CancellationToken cancellationToken) =>
        inner.ReadForward(stream, after, limit, cancellationToken);

    public virtual Task<SearchPage> Search(string stream, string text, long after, int limit, CancellationToken cancellationToken) =>
        inner.Search(stream, text, after, limit, cancellationToken);

    public virtual Task<StoredReceipt?> FindReceipt(string stream, Guid operation, CancellationToken cancellationToken) =>
        inner.FindReceipt(stream, operation, cancellationToken);

    public virtual Task<ReadOnlyMemory<byte>?> ReadSecret(string stream, string name, CancellationToken cancellationToken) =>
        inner.ReadSecret(stream, name, cancellationToken);

    public Task<IReadOnlyList<Attention>> ReadAttention(string after, int limit, CancellationToken cancellationToken) =>
        inner.ReadAttention(after, limit, cancellationToken);

    public Task<IReadOnlyList<OutboxMessage>> ReadDue(
        int lane, DateTimeOffset now, OutboxPosition after, int limit, CancellationToken cancellationToken) =>
        inner.ReadDue(lane, now, after, limit, cancellationToken);

    public virtual Task<int> ReadSchemaVersion(CancellationToken cancellationToken) => inner.ReadSchemaVersion(cancellationToken);

    public virtual Task<long> ReadVersion(string stream, CancellationToken cancellationToken) =>
        inner.ReadVersion(stream, cancellationToken);

    public Task<DateTimeOffset?> NextDue(int lane, DateTimeOffset now, CancellationToken cancellationToken) =>
        inner.NextDue(lane, now, cancellationToken);

    public Task<IReadOnlyList<DeadLetter>> ReadDeadLetters(int limit, CancellationToken cancellationToken) =>
        inner.ReadDeadLetters(limit, cancellationToken);

    public virtual Task<IReadOnlyList<string>> FindUnended(
        QuietWindow window, string after, int limit, CancellationToken cancellationToken) =>
        inner.FindUnended(window, after, limit, cancellationToken);

    public virtual Task<ReadOnlyMemory<byte>> WriteSecret(
        string stream, string name, ReadOnlyMemory<byte> value, bool replaces, CancellationToken cancellationToken) =>
        inner.WriteSecret(stream, name, value, replaces, cancellationToken);

    public Task<DateTimeOffset> ReadSweptUntil(CancellationToken cancellationToken) => inner.ReadSweptUntil(cancellationToken);

    public Task WriteSweptUntil(DateTimeOffset until, CancellationToken cancellationToken) =>
        inner.WriteSweptUntil(until, cancellationToken);

    public Task<IReadOnlyList<string>> WithMessages(IReadOnlyList<string> streams, string otherThan, CancellationToken cancellationToken) =>
        inner.WithMessages(streams, otherThan, cancellationToken);

    public Task<int> ForgetReceipts(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        inner.ForgetReceipts(before, limit, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
