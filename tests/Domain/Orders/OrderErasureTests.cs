using System.Text.Json;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;

namespace Holdfast.Tests.Domain.Orders;

/// <summary>The text of an order can be erased when nothing can come to it any more, and its sums stay.</summary>
public sealed class OrderErasureTests
{
    private static readonly OrderErasure Rule = new(OrderReports.Options);

    private static readonly Operation Key = new(new("00000009-0000-0000-0000-000000000000"), 7);

    [Theory]
    [InlineData(EraseOrderStatus.NotEnded)]
    [InlineData(EraseOrderStatus.NotEnded, "reserved")]
    [InlineData(EraseOrderStatus.NotEnded, "reserved", "captured")]
    [InlineData(EraseOrderStatus.NotEnded, "reserved", "captured", "park")]
    [InlineData(EraseOrderStatus.NotEnded, "refused")]
    [InlineData(EraseOrderStatus.NotEnded, "reserved", "captured", "committed in part", "undone")]
    [InlineData(EraseOrderStatus.Erased, "reserved", "captured", "committed")]
    [InlineData(EraseOrderStatus.Erased, "refused", "undone")]
    [InlineData(EraseOrderStatus.Erased, "reserved", "declined", "undone")]
    [InlineData(EraseOrderStatus.Erased, "reserved", "captured", "committed in part", "undone", "refunded")]
    [InlineData(EraseOrderStatus.ChargeMayCome, "reserved", "never charged", "undone")]
    [InlineData(EraseOrderStatus.RefundIsDue, "reserved", "never charged", "undone", "captured")]
    [InlineData(EraseOrderStatus.Erased, "reserved", "never charged", "undone", "captured", "refunded")]
    public void Only_what_has_ended_and_is_settled_is_erased(EraseOrderStatus status, params string[] reports)
    {
        var order = OrderReports.After(reports);

        Assert.Equal(status, Erase(order).Status);
        Assert.Equal(status == EraseOrderStatus.Erased, order.State.ErasedAt is not null);
        Assert.Equal(status != EraseOrderStatus.Erased, order.Stream.Refused);
    }

    [Fact]
    public void Nothing_is_erased_of_an_order_that_was_never_placed() => Assert.Equal(EraseOrderStatus.NotFound, Erase(new()).Status);

    [Theory]
    [InlineData("reserved", "captured", "committed")]
    [InlineData("refused", "undone")]
    [InlineData("reserved", "declined", "undone")]
    [InlineData("reserved", "captured", "committed in part", "undone", "refunded")]
    [InlineData("reserved", "never charged", "undone", "captured", "refunded")]
    public void Every_sum_stays_and_no_text_does(params string[] reports)
    {
        var order = WithText(reports);
        var before = order.State.View();
        Assert.Equal(("A-7", 1), (before.Reference, before.Metadata.Length));

        Assert.Equal(EraseOrderStatus.Erased, Erase(order).Status);

        var after = order.State.View();
        Assert.Equal(
            Text(before with
            {
                CustomerId = "",
                Reference = null,
                Metadata = [],
                Detail = null,
                UpdatedAt = order.Stream.Now,
                Version = before.Version + 1,
                ErasedAt = order.Stream.Now,
            }),
            Text(after));
        var tombstone = Assert.IsType<OrderEvent.Erased>(Assert.Single(order.Stream.Events));
        var stored = JsonSerializer.Serialize([tombstone], OrderKind.Instance.Events);
        foreach (var word in new[] { "customer-1", "A-7", "gift", "for Ada", "why not", "\"fingerprint\":7" })
            Assert.DoesNotContain(word, stored.Replace("\"fingerprint\":7}", "", StringComparison.Ordinal), StringComparison.Ordinal);

        // Every earlier row is blank from now on.
        Assert.Equal(Text(after), Text(Survivor(order).View()));
    }

    [Fact]
    public void A_repeat_of_what_was_asked_before_finds_the_order_without_its_text()
    {
        var order = WithText(["reserved", "captured", "park"]);
        var retry = new AskedBy("retry", Guid.NewGuid(), 3, "the warehouse is back");
        Assert.Equal(OrderVerbStatus.Accepted, order.Ask(retry, OperatorVerb.Retry).Status);
        order.Report("undone");
        order.Report("refunded");
        if (!order.State.Ended) order.Report("committed");
        Assert.Equal(EraseOrderStatus.Erased, Erase(order, Key).Status);

        Assert.Equal(new(PlaceOrderStatus.Placed, Replayed: true), order.Place(OrderReports.Placing));
        Assert.Equal(new(PlaceOrderStatus.Placed, Replayed: true), order.Place(OrderReports.Placing with { CustomerId = "another" }));
        Assert.Equal(
            new(OrderVerbStatus.Accepted, Replayed: true), order.Ask(retry with { Note = null, Fingerprint = 4 }, OperatorVerb.Retry));
        Assert.Equal(new(EraseOrderStatus.Erased, Replayed: true), Erase(order, Key));
        Assert.Equal(EraseOrderStatus.KeyReused, Erase(order, Key with { Fingerprint = 8 }).Status);
        Assert.Equal(EraseOrderStatus.KeyReused, Erase(order, new(retry.Operation, 7)).Status);
        Assert.Equal(EraseOrderStatus.Erased, Erase(order).Status);
        Assert.True(order.Stream.Refused);
        Assert.Equal(order.State.Asked, Survivor(order).Asked);
    }

    [Fact]
    public void Nothing_is_asked_of_what_was_erased()
    {
        var order = OrderReports.After(["refused", "undone"]);
        Erase(order);
        var version = order.State.Version;

        Assert.Equal(OrderVerbStatus.Erased, order.Cancel(CancelReason.Customer));
        foreach (var verb in new[] { "retry", "compensate", "complete" }) Assert.Equal(OrderVerbStatus.Erased, order.Report(verb));
        Assert.Equal(
            DescribeOrderStatus.Erased,
            order.Stream.Decide(OrderVerbs.Describe, new DescribeOrder(default, null, true, "A-8", false, [])).Status);
        foreach (var report in OrderReports.Names) order.Report(report);
        Assert.Equal(version, order.State.Version);
    }

    [Fact]
    public void What_could_not_be_undone_is_no_text()
    {
        var order = OrderReports.After(["reserved", "captured", "committed in part"]);
        order.Stream.Decide(OrderRules.Park, (StepType.Undo, order.State.Attempt, OrderReason.StepFailed, "Ada's own words"));
        order.Report("compensate");
        order.Stream.Decide(OrderRules.UndoneExcept, (order.State.Attempt, new[] { "sku-2" }));
        order.Report("refunded");
        Assert.Equal("order.undo: left as they are: sku-2", order.State.Detail);

        Assert.Equal(EraseOrderStatus.Erased, Erase(order).Status);

        Assert.Equal("order.undo: left as they are: sku-2", order.State.Detail);
        Assert.Equal(order.State.Detail, Survivor(order).Detail);
    }

    [Fact]
    public void A_look_for_a_late_charge_is_waited_for_and_no_longer()
    {
        var order = OrderReports.After(["reserved", "never charged", "undone"]);
        var settled = order.Stream.Now + OrderReports.Options.GatewayKeyLifetime + OrderReports.Options.StepGiveUpAfter;

        Assert.Equal(settled, Erase(order).SettledAt);
        order.Stream.Now = settled - TimeSpan.FromMilliseconds(1);
        Assert.Equal(EraseOrderStatus.ChargeMayCome, Erase(order).Status);
        order.Stream.Now = settled;
        Assert.Equal(EraseOrderStatus.Erased, Erase(order).Status);
        Assert.Equal("Nothing", order.Report("ask to look again"));
    }

    /// <summary>A gateway can break any promise. Money is given back, whatever is left of the order.</summary>
    [Fact]
    public void A_charge_that_comes_after_all_is_given_back()
    {
        var order = OrderReports.After(["reserved", "never charged", "undone"]);
        order.Stream.Now += TimeSpan.FromDays(2);
        Erase(order);

        Assert.Equal(StepReport.Recorded, order.Stream.Decide(OrderRules.Captured, ("ch_9", new Money(230, "EUR"))));
        Assert.True(order.State.RefundIsDue);
        Assert.Equal(StepType.Refund, order.Stream.Messages[^1].Type);
        Assert.Equal(OrderVerbStatus.Accepted, order.Stream.Decide<OrderVerbStatus>(
            static (state, now) => new OrderVerbs(OrderReports.Options).Resolve(state, OperatorVerb.Resume, now)));
        Assert.Equal(StepReport.Recorded, order.Report("refunded"));
        Assert.Equal(new Money(230, "EUR"), order.State.View().Refunded);
        Assert.NotNull(order.State.ErasedAt);
    }

    private static OrderReports WithText(string[] reports)
    {
        var order = OrderReports.Placed();
        order.Stream.Decide(
            OrderVerbs.Describe, new DescribeOrder(new(Guid.NewGuid(), 5), null, true, "A-7", false, [new("gift", "for Ada")]));
        foreach (var report in reports) order.Report(report);
        order.Stream.Now += TimeSpan.FromHours(1);
        return order;
    }

    /// <summary>Who knows the last row only.</summary>
    private static OrderState Survivor(OrderReports order) => order.Stream.ReplayFrom(new OrderState("ord_1"), order.Stream.Rows - 1);

    private static EraseOrderOutcome Erase(OrderReports order, Operation operation = default) => order.Stream.Once(
        operation, new EraseOrder(operation), Rule.Erase, OrderErasure.ErasedBefore);

    private static string Text(Order order) => JsonSerializer.Serialize(order);
}
