using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;

namespace Holdfast.Tests.Domain.Orders;

/// <summary>An order that costs nothing: the gateway is never asked, and everything else is as with any other order.</summary>
public sealed class FreeOrderTests
{
    private readonly OrderReports _order = OrderReports.Placed();

    public FreeOrderTests() => _order.Reserved(_order.Held("sku-1", 0), _order.Held("sku-2", 0));

    [Fact]
    public void A_total_of_nothing_is_completed_without_the_gateway()
    {
        Assert.Equal(("LinesReserved CompletingStarted", "Completing, None"), (_order.Events, _order.Where));
        Assert.Equal(0, _order.State.View().Total!.Value.Amount);
        Assert.Equal([StepType.Reserve, StepType.Complete], _order.Stream.Messages.Select(static message => message.Type));

        _order.Report("committed");
        Assert.Equal(("Completed", "Completed, None"), (_order.Events, _order.Where));
    }

    [Fact]
    public void One_line_that_costs_something_is_charged()
    {
        var order = OrderReports.Placed();
        order.Reserved(order.Held("sku-1", 0), order.Held("sku-2", 1));
        Assert.Equal("Charging, Pending", order.Where);
    }

    [Fact]
    public void A_lost_hold_cancels_it_and_gives_nothing_back_that_was_never_taken()
    {
        _order.Report("committed in part");
        Assert.Equal(("CancellingStarted", "Cancelling, None"), (_order.Events, _order.Where));
        _order.Report("undone");
        Assert.Equal("Cancelled, None", _order.Where);
    }

    [Theory]
    [InlineData("retry", "CompletingStarted", "Completing, None")]
    [InlineData("complete", "CompletingStarted", "Completing, None")]
    [InlineData("compensate", "CancellingStarted", "Cancelling, None")]
    public void A_parked_one_is_led_on_by_every_verb(string verb, string events, string where)
    {
        _order.Report("park");
        Assert.Equal(OrderVerbStatus.Accepted, _order.Report(verb));
        Assert.Equal((events, where), (_order.Events, _order.Where));
    }

    [Theory]
    [InlineData("committed")]
    [InlineData("committed in part")]
    [InlineData("park")]
    public void What_an_earlier_attempt_took_when_it_still_cost_something_goes_back(string then)
    {
        var order = OrderReports.After(["reserved", "park", "never charged", "retry"]);
        var earlier = order.State.Total!.Value;
        order.Reserved(order.Held("sku-1", 0), order.Held("sku-2", 0));
        order.Report(then);

        order.Stream.Decide(OrderRules.Captured, ("ch_1", earlier));
        if (then == "park") order.Report("complete");

        Assert.Equal(earlier, order.Stream.Read(OrderWork.Refund)!.Amount);
        Assert.Contains(StepType.Refund, order.Stream.Messages.Select(static message => message.Type));
        order.Report("refunded");
        Assert.Equal(PaymentStatus.Refunded, order.State.Payment);
    }
}
