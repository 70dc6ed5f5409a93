using Holdfast.Contracts;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Journal;
using Orleans.Concurrency;

namespace Holdfast.Grains.Orders;

/// <summary>Reads the store's own lists, on whichever silo the call comes to.</summary>
[StatelessWorker]
internal sealed class AttentionDesk(IJournalStore store) : Grain, IAttentionDesk
{
    private static readonly string Prefix = $"{OrderKind.Instance.Name}/";

    public async ValueTask<AttentionPage> ReadOrders(string after, int limit)
    {
        var rows = await Read(store.ReadAttention(Prefix + after, limit + 1, CancellationToken.None));
        var orders = rows
            .TakeWhile(static row => row.Stream.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(static row => new NeedyOrder(row.Stream[Prefix.Length..], row.Since, row.Reason, row.Detail))
            .ToArray();
        return orders.Length > limit ? new(orders[..limit], More: true) : new(orders, More: false);
    }

    public async ValueTask<GivenUpMessage[]> ReadDeadLetters(int limit)
    {
        var letters = await Read(store.ReadDeadLetters(limit, CancellationToken.None));
        return [.. letters.Select(static letter => new GivenUpMessage(
            letter.Message.Id,
            letter.Message.Type,
            letter.Message.Stream,
            letter.Message.Attempts,
            letter.Message.CreatedAt,
            letter.ParkedAt,
            letter.Error))];
    }

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
