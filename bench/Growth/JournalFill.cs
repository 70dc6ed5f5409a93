using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Domain.Inventory;
using Holdfast.Journal;

namespace Holdfast.Bench.Growth;

/// <summary>Puts what has happened before into a journal, many appends a transaction, as the store itself writes them.</summary>
internal static class JournalFill
{
    /// <summary>Appends in one transaction.</summary>
    public const int BatchSize = 1_000;

    /// <summary>What was recorded so long ago needs no receipts any more.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromDays(2);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static Append Of(string sku, long expectedVersion, DateTimeOffset at, IReadOnlyCollection<StockEvent> events)
    {
        var recorded = DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds());
        var json = JsonSerializer.SerializeToUtf8Bytes(events, Json);

        // Holds are not published; of what is, no stream that is filled here has anything else before it.
        long? follows = events.Any(StockKind.Instance.Publishes) ? expectedVersion : null;
        return new(
            $"product/{sku}", expectedVersion, Guid.CreateVersion7(recorded), recorded, events.Count, json, [], [], Follows: follows);
    }

    /// <param name="appends">Of different streams.</param>
    /// <exception cref="BenchException">The store would not take them.</exception>
    public static async Task Commit(IJournalStore store, IReadOnlyList<Append> appends)
    {
        var result = await store.Commit(appends, []);
        if (!Array.TrueForAll(result.Appends, static status => status == AppendStatus.Committed))
            throw new BenchException($"The store would not be filled: {result.Error}");
    }
}
