using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.Lists;
using Holdfast.Api.Shop;
using Holdfast.Contracts.Inventory;
using Holdfast.Views.Lists;

namespace Holdfast.Api.Stock;

/// <summary>What was on hand at some time, as it was known at some time.</summary>
internal sealed class StockAsOf(IGrainFactory grains, GrainCalls calls, StockHistory history)
{
    /// <param name="level">
    /// As the owner says it now: the lists have to have seen it, so that whoever corrects the past finds that in it at once.
    /// </param>
    /// <param name="asOf">When it was so; null: when it was known.</param>
    /// <param name="knownAt">What was recorded by then; null: by now.</param>
    /// <returns>Units; 0 before anything was recorded.</returns>
    /// <exception cref="Http.Problems.RefusedRequestException">503: the lists are behind, or cannot be read.</exception>
    public async Task<long> Read(StockLevel level, DateTimeOffset? asOf, DateTimeOffset? knownAt, CancellationToken cancellationToken)
    {
        var known = knownAt ?? DateTimeOffset.MaxValue;
        var since = asOf ?? known;
        var past = await ListCalls.Answered(() => history.Read(
            level.Sku,
            since.ToUnixTimeMilliseconds(),
            known.ToUnixTimeMilliseconds(),
            ProductOwner.PastVersion(level.Sku, level.Version),
            cancellationToken));
        return past.Corrections + await OnHandAt(level.Sku, past.Mark, since < known ? since : known, cancellationToken);
    }

    /// <summary>
    /// Behind the mark; or behind an earlier one, when details were put there by a release that did not say what was on hand.
    /// </summary>
    private async Task<long> OnHandAt(string sku, StockMark? mark, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var product = grains.GetGrain<IProductInventory>(sku);
        while (true)
        {
            var onHand = await calls.Send(
                product,
                (Mark: mark?.Version ?? 1, At: at),
                static (grain, asked) => grain.ReadOnHandAt(asked.Mark, asked.At),
                cancellationToken);
            if (onHand is not null || mark is null) return onHand ?? 0;
            var from = mark.Value;
            mark = await ListCalls.Answered(() => history.ReadMarkBefore(sku, from, cancellationToken));
        }
    }
}
