using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Inventory;
using Holdfast.Tests.Domain.Owner;

namespace Holdfast.Tests.Domain.Inventory;

public sealed class CorrectionRulesTests
{
    private readonly PlayedStream<StockState, StockEvent> _product = new(StockKind.Instance, "sku-1");
    private int _keys = 1;

    public CorrectionRulesTests() =>
        _product.Put(new PutProduct(new(new(1, 0, 0, new byte[8]), 1), "Tea", new(250, "EUR"), null, false));

    [Fact]
    public void A_correction_holds_since_some_time_within_a_year_and_not_since_one_to_come()
    {
        var now = _product.Now;
        Assert.Equal((AdjustStatus.EffectiveLater, now), Since(now.AddMilliseconds(1)));
        var earliest = now - Limits.Correction;
        Assert.Equal((AdjustStatus.EffectiveTooEarly, earliest), Since(earliest.AddMilliseconds(-1)));
        Assert.Equal(1, _product.State.Version);
        Assert.Equal(AdjustStatus.Adjusted, Since(now - Limits.Correction).Status);
        Assert.Equal(AdjustStatus.Adjusted, Since(now).Status);
        Assert.Equal(
            now.ToUnixTimeMilliseconds(), Assert.IsType<StockEvent.Adjusted>(Assert.Single(_product.Events)).EffectiveAt);

        (AdjustStatus Status, DateTimeOffset At) Since(DateTimeOffset time)
        {
            var outcome = _product.Adjust(new(new(new(++_keys, 0, 0, new byte[8]), 1), 3, "found", null) { EffectiveAt = time });
            return (outcome.Status, outcome.At);
        }
    }
}
