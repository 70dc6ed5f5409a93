using System.Text.Json;
using Holdfast.Journal;

namespace Holdfast.Rings.Delivery;

/// <summary>One event as it is stored.</summary>
internal readonly record struct StoredEvent(long Version, string Type, DateTimeOffset At, JsonElement Body)
{
    public override string ToString() => $"{Version} {At:HH:mm:ss.fff} {Body.GetRawText()}";
}

/// <summary>Reads a stream as anyone with the database could: by its rows, without the product's own types.</summary>
internal static class StoredStream
{
    private const int RowsPerRead = 500;

    /// <summary>All events, oldest first; what is wrong with the rows goes to <paramref name="wrong"/>.</summary>
    public static async Task<List<StoredEvent>> Read(IJournalStore store, string stream, Action<string> wrong)
    {
        var events = new List<StoredEvent>();
        var at = DateTimeOffset.MinValue;
        while (true)
        {
            var rows = await store.ReadForward(stream, events.Count, RowsPerRead, CancellationToken.None);
            foreach (var row in rows)
            {
                if (row.FirstVersion != events.Count + 1)
                {
                    wrong($"{stream} goes on at version {row.FirstVersion} after {events.Count}");
                    return events;
                }

                if (row.RecordedAt < at) wrong($"{stream} goes back in time at version {row.FirstVersion}");
                at = row.RecordedAt;
                Add(events, row);
                if (events.Count == row.LastVersion) continue;
                wrong($"{stream} has a row {row.FirstVersion} to {row.LastVersion} that ends at {events.Count}");
                return events;
            }

            if (rows.Count < RowsPerRead) return events;
        }
    }

    private static void Add(List<StoredEvent> events, JournalRow row)
    {
        using var document = JsonDocument.Parse(row.Events);
        foreach (var stored in document.RootElement.EnumerateArray())
        {
            events.Add(new(events.Count + 1, stored.GetProperty("type").GetString()!, row.RecordedAt, stored.Clone()));
        }
    }
}
