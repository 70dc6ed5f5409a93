using Holdfast.Contracts.Orders;
using Holdfast.Tests.Journal;
using Xunit.Abstractions;

namespace Holdfast.Rings.Delivery;

/// <summary>
/// Deliveries are dropped, doubled, delayed, reordered and broken; payments fail or stay silent; customers cancel; batches are lost;
/// a second writer gets in between; the clock jumps. Each order still ends once, and money and goods agree.
/// </summary>
public sealed class DeliveryRingTests(ITestOutputHelper output) : IDisposable
{
    private static readonly RingSettings Patient = new(
        7_000, 300, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10));

    private static readonly RingSettings Hasty = new(
        3_000, 60, TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public Task Orders_end_once_and_money_and_goods_agree_whatever_becomes_of_their_messages() => Play(
        Patient,
        "completed",
        OrderReason.InsufficientStock,
        OrderReason.PaymentDeclined,
        OrderReason.CancelledByCustomer,
        OrderReason.ReserveTimeout,
        OrderReason.HoldExpired,
        OrderReason.CompensatedByOperator);

    [Fact]
    public Task Orders_with_short_deadlines_end_once_and_money_and_goods_agree() =>
        Play(Hasty, "completed", OrderReason.ReserveTimeout, OrderReason.HoldExpired);

    /// <param name="ends">Ways to end that some order must have taken.</param>
    private async Task Play(RingSettings settings, params string[] ends)
    {
        var seed = Seeds.Drawn;
        output.WriteLine($"HOLDFAST_SEED={seed}");
        await using var ring = await DeliveryRing.Start(_directory.Path, seed, settings);
        var runs = await ring.Play(Seeds.OnlyRun is { } only ? [only] : Enumerable.Range(0, settings.Runs));
        var report = await ring.Audit(runs);
        output.WriteLine($"{report}");
        output.WriteLine(
            $"deliveries: {string.Join(", ", ring.Fates.OrderBy(fate => fate.Key).Select(fate => $"{fate.Key} {fate.Value}"))}; "
            + $"store faults {ring.Weather.Faults}, of them {ring.Weather.Late} late, overtaken {ring.Overtaken}, intrusions {ring.Weather.Intrusions}, parked {ring.Parked}, clock moved {ring.Jumps}, "
            + $"late charges {ring.LateCharges}, captured after all {ring.Found}");
        Assert.True(report.IsClean, $"{report}");
        if (Seeds.OnlyRun is not null) return;
        AssertNothingWasSpared(ring, runs.Count);
        foreach (var end in ends) Assert.True(report.Ends.ContainsKey(end), $"No order ended as {end}: {report}");
    }

    /// <summary>A ring that met no trouble would prove nothing.</summary>
    private static void AssertNothingWasSpared(DeliveryRing ring, int runs)
    {
        foreach (var fate in Enum.GetValues<FateKind>()) Assert.InRange(ring.Fates.GetValueOrDefault(fate), runs / 100, int.MaxValue);
        Assert.InRange(ring.Weather.Faults, 5, int.MaxValue);
        Assert.InRange(ring.Weather.Late, 1, int.MaxValue);
        Assert.InRange(ring.Overtaken, runs / 500, int.MaxValue);
        Assert.InRange(ring.Weather.Intrusions, 20, int.MaxValue);
        Assert.InRange(ring.Parked, runs / 200, int.MaxValue);
        Assert.InRange(ring.Jumps, 5, int.MaxValue);
        Assert.InRange(ring.Found, runs / 1_000, int.MaxValue);
    }
}
