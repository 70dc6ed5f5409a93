namespace Holdfast.Bench.Growth;

/// <summary>How much has happened before, smallest first: the smallest is what the others are compared with.</summary>
/// <param name="OpenReservations">Of one product, when others come and go.</param>
/// <param name="ClosedReservations">Of one product, today: past 100,000 their receipts move to a table.</param>
/// <param name="Movements">Of one product, days ago.</param>
/// <param name="Products">In the store.</param>
/// <param name="FinishedOrders">In the store.</param>
internal sealed record GrowthSizes(
    IReadOnlyList<int> OpenReservations,
    IReadOnlyList<int> ClosedReservations,
    IReadOnlyList<int> Movements,
    IReadOnlyList<int> Products,
    IReadOnlyList<int> FinishedOrders)
{
    public static readonly GrowthSizes Full = new(
        [0, 10_000, 100_000, 1_000_000], [0, 200_000], [0, 10_000, 100_000, 1_000_000], [1, 1_000, 100_000, 1_000_000], [0, 100_000, 1_000_000]);

    public static readonly GrowthSizes Quick = new([0, 1_000], [0, 1_000], [0, 1_000], [1, 1_000, 2_000], [0, 1_000]);
}
