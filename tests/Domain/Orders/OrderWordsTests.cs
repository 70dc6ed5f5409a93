using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;

namespace Holdfast.Tests.Domain.Orders;

/// <summary>What an order tells of itself beyond where it is: why it was cancelled, what was said of it, what its money became.</summary>
public sealed class OrderWordsTests
{
    [Theory]
    [InlineData(CancelReason.Customer, OrderReason.CancelledByCustomer)]
    [InlineData(CancelReason.Fraud, OrderReason.CancelledForFraud)]
    [InlineData(CancelReason.Inventory, OrderReason.CancelledForInventory)]
    [InlineData(CancelReason.Other, OrderReason.CancelledForOther)]
    public void A_cancel_says_why(CancelReason why, string reason)
    {
        foreach (var reports in (string[][])[[], ["reserved"], ["reserved", "declined"]])
        {
            var order = OrderReports.After(reports);
            if (order.State.Status == OrderStatus.Cancelling) continue;
            Assert.Equal(OrderVerbStatus.Accepted, order.Cancel(why));
            Assert.Equal(reason, order.State.Reason);
        }
    }

    [Fact]
    public void What_whoever_asked_had_to_say_is_kept_with_what_it_caused_and_binds_the_key()
    {
        var order = OrderReports.After(["reserved", "captured", "park"]);
        var by = new AskedBy("retry", Guid.NewGuid(), 7, "the warehouse is back");

        Assert.Equal(new(OrderVerbStatus.Accepted), order.Ask(by, OperatorVerb.Retry));
        Assert.Equal("the warehouse is back", order.Stream.Events[0].By?.Note);
        Assert.Equal(new(OrderVerbStatus.Accepted, Replayed: true), order.Ask(by, OperatorVerb.Retry));
        Assert.Equal(order.State.Asked, order.Stream.Replay().Asked);
    }

    [Theory]
    [InlineData("Pending", "reserved")]
    [InlineData("Captured ch_1", "reserved", "captured")]
    [InlineData("Declined no funds", "reserved", "declined")]
    [InlineData("Closed", "reserved", "never charged")]
    [InlineData("Pending", "reserved", "park", "retry")]
    [InlineData("Captured ch_1", "reserved", "never charged", "captured")]
    public void Each_attempt_to_take_the_money_says_what_became_of_it(string attempts, params string[] reports)
    {
        var order = OrderReports.After(reports);

        Assert.Equal(attempts, string.Join(", ", order.State.View().Attempts.Select(Said)));
        Assert.Equal(order.State.View().Attempts, View(order.Stream.Replay()).Attempts);

        static string Said(PaymentAttempt attempt) => $"{attempt.Status} {attempt.ChargeId}{attempt.DeclineCode}".TrimEnd();
        static Order View(OrderState state) => state.View();
    }

    [Fact]
    public void What_was_captured_and_what_went_back_of_it_are_sums()
    {
        var order = OrderReports.After(["reserved", "captured"]);
        Assert.Equal((order.State.Total, null), (order.State.View().Captured, order.State.View().Refunded));

        order.Report("park");
        order.Report("compensate");
        order.Report("refunded");
        Assert.Equal((order.State.Total, order.State.Total), (order.State.View().Captured, order.State.View().Refunded));
    }

    [Fact]
    public void An_order_can_be_described_often_and_not_for_ever()
    {
        var order = OrderReports.After(["reserved"]);
        for (var i = 0; i < OrderVerbs.MaxDescriptions; i++) Assert.Equal(DescribeOrderStatus.Described, Describe($"{i}"));

        Assert.Equal(DescribeOrderStatus.TooOften, Describe("one more"));
        Assert.Equal(DescribeOrderStatus.Described, Describe(order.State.Text.Reference!));
        Assert.Equal("999", order.State.Text.Reference);

        DescribeOrderStatus Describe(string reference) => order.Stream.Decide(
            OrderVerbs.Describe, new DescribeOrder(default, null, SetsReference: true, reference, ClearsMetadata: false, [])).Status;
    }

    [Fact]
    public void Neither_verbs_nor_descriptions_push_out_the_other()
    {
        List<AskedBy> asked = [];
        for (var i = 0; i < 150; i++)
        {
            AskedVerbs.Remember(asked, new("retry", Guid.NewGuid(), 1));
            AskedVerbs.Remember(asked, new(AskedBy.Describe, Guid.NewGuid(), 1));
        }

        Assert.Equal(AskedVerbs.Max, asked.Count(static by => by.Verb == "retry"));
        Assert.Equal(AskedVerbs.MaxDescribed, asked.Count(static by => by.Verb == AskedBy.Describe));
    }
}
