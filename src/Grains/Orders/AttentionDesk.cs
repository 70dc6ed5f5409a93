using Holdfast.Contracts;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Journal;
using Orleans.Concurrency;

namespace Holdfast.Grains.Orders;

/// <summary>Reads the store's own lists, on whichever silo the call comes to.</summary>
[StatelessWorker]
internal sealed class AttentionDesk(IJournalStore store, IOutboxLists outbox) : Grain, IAttentionDesk
{
    private static readonly string Prefix = $"{OrderKind.Instance.Name}/";

    public async ValueTask<AttentionPage> ReadOrders(string after, int limit)
    {
        // Both are sorted by the stream, so what is in the first rows of either is among the first of both.
        var needy = await Read(store.ReadAttention(Prefix + after, limit + 1, CancellationToken.None));
        var retrying = await Read(outbox.ReadRetrying(Prefix + after, limit + 1, CancellationToken.None));
        var orders = new SortedDictionary<string, NeedyOrder>(StringComparer.Ordinal);
        foreach (var (stream, step) in retrying.Select(static each => (each.Message.Stream, Of(each)))) Add(stream, step, null);
        foreach (var row in needy) Add(row.Stream, orders.GetValueOrDefault(Id(row.Stream))?.Retrying, row);
        var page = orders.Values.Take(limit).ToArray();
        return new(page, More: orders.Count > limit);

        void Add(string stream, RetryingStep? step, Attention? row)
        {
            if (!stream.StartsWith(Prefix, StringComparison.Ordinal)) return;
            orders[Id(stream)] = row is null
                ? new(Id(stream), step!.Since, OrderReason.Retrying, $"{step.Type}: {step.LastError}", step)
                : new(Id(stream), row.Since, row.Reason, row.Detail, step);
        }
    }

    public async ValueTask<GivenUpMessage[]> ReadDeadLetters(GivenUpPlace? before, int limit)
    {
        DeadLetterPlace? place = before is null ? null : new(before.GivenUpAt, before.Id);
        var letters = await Read(outbox.ReadDeadLetters(place, limit, CancellationToken.None));
        return [.. letters.Select(static letter => new GivenUpMessage(
            letter.Message.Id,
            letter.Message.Type,
            letter.Message.Stream,
            letter.Message.Attempts,
            letter.Message.CreatedAt,
            letter.ParkedAt,
            letter.Error))];
    }

    private static string Id(string stream) => stream[Prefix.Length..];

    private static RetryingStep Of(RetryingMessage retrying) => new(
        retrying.Message.Type, retrying.Message.CreatedAt, retrying.Message.Attempts, retrying.Message.DueAt, retrying.Error);

    private static async Task<T> Read<T>(Task<T> reading)
    {
        try
        {
            return await reading;
        }
        catch (JournalStoreException exception)
        {
            throw new RetryableException(RetryReason.Unreadable, $"The store cannot be read; repeat the call. {exception.Message}");
        }
    }
}
