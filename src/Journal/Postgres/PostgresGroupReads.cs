using static Holdfast.Journal.Postgres.PostgresReader;

namespace Holdfast.Journal.Postgres;

/// <summary>What owners ask when they load, for many at a time.</summary>
internal sealed class PostgresGroupReads
{
    /// <summary>Statements of each kind that are asked at the same time.</summary>
    private const int MaxTurns = 2;

    private readonly PostgresReader _reader;

    public PostgresGroupReads(PostgresReader reader)
    {
        _reader = reader;
        Versions = new(ReadVersions, PostgresFailure.IsOfGroup, MaxTurns);
        Pages = new(ReadPages, PostgresFailure.IsOfGroup, MaxTurns);
        Receipts = new(ReadReceipts, PostgresFailure.IsOfGroup, MaxTurns);
    }

    /// <summary>The last version of a stream; 0 when it has no row.</summary>
    public GroupRead<string, long> Versions { get; }

    /// <summary>See <see cref="IJournalStore.ReadBackward"/>.</summary>
    public GroupRead<PageOf, IReadOnlyList<JournalRow>> Pages { get; }

    /// <summary>A receipt that was moved out of its owner's memory, or null.</summary>
    public GroupRead<ReceiptOf, StoredReceipt?> Receipts { get; }

    private async Task<long[]> ReadVersions(IReadOnlyList<string> streams)
    {
        var versions = new long[streams.Count];
        var rows = await _reader.Read(
            """
            SELECT s.number, j.last FROM unnest($1) WITH ORDINALITY AS s (stream, number)
            CROSS JOIN LATERAL (SELECT last FROM journal WHERE stream = s.stream ORDER BY first DESC LIMIT 1) j
            """,
            static row => (Number: row.GetInt64(0), Last: row.GetInt64(1)),
            [Value(streams.ToArray())],
            CancellationToken.None);
        foreach (var (number, last) in rows) versions[number - 1] = last;
        return versions;
    }

    private async Task<StoredReceipt?[]> ReadReceipts(IReadOnlyList<ReceiptOf> asked)
    {
        var receipts = new StoredReceipt?[asked.Count];
        var rows = await _reader.Read(
            """
            SELECT o.number, r.recorded_at, r.body FROM unnest($1, $2) WITH ORDINALITY AS o (stream, operation, number)
            CROSS JOIN LATERAL (SELECT recorded_at, body FROM receipts WHERE stream = o.stream AND operation = o.operation OFFSET 0) r
            """,
            static row => (Number: row.GetInt64(0), RecordedAt: row.GetFieldValue<DateTimeOffset>(1), Body: row.GetFieldValue<byte[]>(2)),
            [
                Value(asked.Select(static receipt => receipt.Stream).ToArray()),
                Value(asked.Select(static receipt => receipt.Operation).ToArray()),
            ],
            CancellationToken.None);
        foreach (var (number, recordedAt, body) in rows) receipts[number - 1] = new(asked[(int)number - 1].Operation, recordedAt, body);
        return receipts;
    }

    private async Task<IReadOnlyList<JournalRow>[]> ReadPages(IReadOnlyList<PageOf> asked)
    {
        var rows = await _reader.Read(
            """
            SELECT p.number, j.first, j.last, j.recorded_at, j.events
            FROM unnest($1, $2, $3) WITH ORDINALITY AS p (stream, before, rows, number)
            CROSS JOIN LATERAL (
                SELECT first, last, recorded_at, events FROM (
                    SELECT first, last, recorded_at, events,
                        sum(octet_length(events)) OVER (ORDER BY first DESC) - octet_length(events) AS newer
                    FROM journal WHERE stream = p.stream AND first < p.before ORDER BY first DESC LIMIT p.rows) page
                WHERE newer < $4) j
            """,
            static row => (Number: row.GetInt64(0), Row: ToRow(row, 1)),
            [
                Value(asked.Select(static page => page.Stream).ToArray()),
                Value(asked.Select(static page => page.Before).ToArray()),
                Value(asked.Select(static page => page.Limit).ToArray()),
                Value(IJournalStore.MaxPageBytes),
            ],
            CancellationToken.None);
        var pages = new IReadOnlyList<JournalRow>[asked.Count];
        Array.Fill(pages, []);

        // A join promises no order, and sorting here costs less than there.
        foreach (var page in rows.GroupBy(static row => row.Number, static row => row.Row))
        {
            pages[page.Key - 1] = [.. page.OrderByDescending(static row => row.FirstVersion)];
        }

        return pages;
    }
}

internal readonly record struct PageOf(string Stream, long Before, int Limit);

internal readonly record struct ReceiptOf(string Stream, Guid Operation);
