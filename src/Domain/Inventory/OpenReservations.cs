using Holdfast.Contracts.Inventory;

namespace Holdfast.Domain.Inventory;

/// <summary>The list of a product's open reservations, sorted by what never changes.</summary>
public static class OpenReservations
{
    private static readonly Comparer<ReservationPlace> OldestFirst = Comparer<ReservationPlace>.Create(static (one, other) =>
        one.CreatedAt == other.CreatedAt ? one.Id.CompareTo(other.Id) : one.CreatedAt.CompareTo(other.CreatedAt));

    private static readonly Comparer<ReservationPlace> NewestFirst =
        Comparer<ReservationPlace>.Create(static (one, other) => OldestFirst.Compare(other, one));

    /// <summary>
    /// A page of them. All that are open are looked at, once each: no order of them is kept, which whoever reserves would pay for.
    /// </summary>
    /// <param name="after">Where it begins, in its order; null for the first page.</param>
    /// <param name="limit">The most of one page.</param>
    public static ReservationPage Page(StockState state, ReservationPlace? after, int limit, bool newestFirst)
    {
        if (!state.Exists) return new(false, [], null);

        // The last of the page comes out first: whatever comes before it takes its place.
        var nearest = new PriorityQueue<Guid, ReservationPlace>(limit + 2, newestFirst ? OldestFirst : NewestFirst);
        foreach (var (id, hold) in state.Holds)
        {
            var place = new ReservationPlace(hold.CreatedAt, id);
            if (after is { } begin && (newestFirst ? NewestFirst : OldestFirst).Compare(place, begin) <= 0) continue;
            if (nearest.Count <= limit) nearest.Enqueue(id, place);
            else nearest.EnqueueDequeue(id, place);
        }

        var more = nearest.Count > limit;
        if (more) nearest.Dequeue();
        ReservationPlace? next = more && nearest.TryPeek(out _, out var last) ? last : null;
        var page = new Reservation[nearest.Count];
        for (var i = page.Length - 1; i >= 0; i--) page[i] = StockRules.Find(state, nearest.Dequeue())!;
        return new(true, page, next);
    }
}
