using System.Text.Json;
using CsCheck;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Grains.Orders;

namespace Holdfast.Tests.Domain.Orders;

public sealed class OrderRulesPropertyTests
{
    [Fact]
    public void Reports_in_any_order_doubled_or_dropped_end_an_order_at_most_once_and_lose_no_money()
    {
        Gen.OneOf([.. OrderReports.Names]).List[0, 40].Sample(
            static reports =>
            {
                var order = OrderReports.Placed();
                OrderStatus? end = null;
                var sent = new List<string>();
                foreach (var report in reports)
                {
                    if (!OrderGraph.IsPossible(sent, report)) continue;
                    var before = order.State.Payment;
                    order.Report(report);
                    sent.Add(report);
                    var state = order.State;
                    if (end is not null) Assert.Equal(end, state.Status);
                    if (state.Ended) end = state.Status;
                    if (state.Status == OrderStatus.Completed) Assert.True(state.IsPaid, order.Where);
                    if (state.Status == OrderStatus.Cancelled) Assert.True(state.LinesUndone && (state.PaymentSettled || state.Payment == PaymentStatus.Captured));
                    if (before == PaymentStatus.Captured) Assert.Contains(state.Payment, new[] { PaymentStatus.Captured, PaymentStatus.Refunded });
                    if (before == PaymentStatus.Refunded) Assert.Equal(PaymentStatus.Refunded, state.Payment);
                    if (state.Payment == PaymentStatus.Captured) Assert.True(IsTakenCareOf(order), $"captured and {order.Where}");
                }

                // The payment token is beside the stream: whoever needs it reads it there.
                var replayed = order.Stream.Replay();
                replayed.RecallToken("tok_ok");
                Assert.Equal(JsonSerializer.Serialize(order.State), JsonSerializer.Serialize(replayed));
            },
            iter: 3_000,
            threads: 1,
            print: static reports => string.Join("; ", reports));
    }

    [Fact]
    public void Money_and_goods_agree_at_the_end_however_the_steps_interleave_fail_and_repeat()
    {
        var someDecline = Gen.Frequency((3, false), (1, true));
        var moves = Gen.Select(Gen.Int[0, 23], Gen.Int[0, 5]).List[0, 60];
        Gen.Select(Gen.Int[2, 9], someDecline, moves, Gen.Enum<OperatorVerb>().List[0, 3]).Sample(
            static (stock, declines, moves, verbs) =>
            {
                var saga = new SagaSimulation(stock, declines);
                foreach (var (move, which) in moves) Move(saga, move, which);
                saga.Settle();
                saga.AssertSettled();

                // An operator may try anything, and whatever is still parked then can be undone.
                foreach (var verb in verbs.Append(OperatorVerb.Compensate))
                {
                    saga.Resolve(verb);
                    saga.Settle();
                    saga.AssertSettled();
                }

                Assert.True(saga.Order.Ended, saga.Where);
            },
            iter: 2_000,
            threads: 1,
            print: static drawn =>
                $"stock {drawn.Item1}, declines {drawn.Item2}, moves {string.Join(' ', drawn.Item3)}, verbs {string.Join(' ', drawn.Item4)}");
    }

    [Fact]
    public void An_order_whose_messages_are_all_lost_goes_on_to_its_end_when_it_is_resumed()
    {
        var moves = Gen.Select(Gen.Int[0, 21], Gen.Int[0, 5]).List[0, 40];
        Gen.Select(Gen.Int[2, 9], Gen.Bool, moves).Sample(
            static (stock, declines, moves) =>
            {
                var saga = new SagaSimulation(stock, declines);
                foreach (var (move, which) in moves) Move(saga, move, which);
                saga.LoseMessages();
                saga.Resolve(OperatorVerb.Resume);
                saga.Settle();
                saga.AssertSettled();
            },
            iter: 1_000,
            threads: 1,
            print: static drawn => $"stock {drawn.Item1}, declines {drawn.Item2}, moves {string.Join(' ', drawn.Item3)}");
    }

    [Theory]
    [InlineData(1, OrderStatus.Cancelled)]
    [InlineData(4, OrderStatus.Cancelled)]
    [InlineData(5, OrderStatus.Completed)]
    public void An_order_whose_capture_shows_up_while_it_reserves_again_is_completed_whole_or_given_back_whole(int pieces, OrderStatus end)
    {
        // Of the step's pieces the fourth holds one line, the fifth both; then it is lost.
        var saga = NeverMade();
        saga.Resolve(OperatorVerb.Retry);
        saga.Deliver(saga.IndexOf(StepType.Reserve));
        for (var i = 0; i < pieces; i++) saga.Advance(0);
        saga.GiveUp(saga.IndexOf(StepType.Reserve));
        saga.Lose(0);
        saga.ShowUp();
        Assert.Equal(
            (OrderStatus.NeedsAttention, OrderStatus.Reserving, PaymentStatus.Captured),
            (saga.Order.Status, saga.Order.ParkedFrom, saga.Order.Payment));

        saga.Resolve(OperatorVerb.Complete);
        saga.Settle();

        saga.AssertSettled();
        Assert.Equal(end, saga.Order.Status);
    }

    [Theory]
    [InlineData(90, true)]
    [InlineData(90, false)]
    [InlineData(100, true)]
    [InlineData(100, false)]
    [InlineData(110, true)]
    [InlineData(110, false)]
    public void A_charge_of_an_earlier_attempt_that_shows_up_under_a_new_price_is_not_taken_for_it(long price, bool heard)
    {
        var saga = NeverMade();
        saga.Reprice(price);
        saga.Resolve(OperatorVerb.Retry);
        saga.RunWhole(saga.IndexOf(StepType.Reserve));
        Assert.Equal(OrderStatus.Charging, saga.Order.Status);

        saga.ShowUp(heard);
        saga.Settle();

        saga.AssertSettled();
        Assert.Equal(price == 100 ? OrderStatus.Completed : OrderStatus.Cancelled, saga.Order.Status);
    }

    [Theory]
    [InlineData(90)]
    [InlineData(110)]
    public void A_new_attempt_under_a_new_price_is_charged_when_the_earlier_charge_never_shows_up(long price)
    {
        var saga = NeverMade();
        saga.Reprice(price);
        saga.Resolve(OperatorVerb.Retry);
        saga.Settle();

        saga.AssertSettled();
        Assert.Equal((OrderStatus.Completed, price * 5), (saga.Order.Status, saga.Order.Captured!.Value.Amount));
    }

    [Fact]
    public void A_charge_that_nobody_hears_of_is_found_when_the_order_has_long_been_cancelled_and_goes_back()
    {
        var saga = NeverMade();
        saga.Resolve(OperatorVerb.Compensate);
        saga.RunWhole(saga.IndexOf(StepType.Undo));
        Assert.Equal((OrderStatus.Cancelled, PaymentStatus.None), (saga.Order.Status, saga.Order.Payment));

        saga.ShowUp(heard: false);
        saga.Settle();

        saga.AssertSettled();
        Assert.Equal(PaymentStatus.Refunded, saga.Order.Payment);
    }

    [Fact]
    public void A_charge_of_a_new_attempt_is_not_called_off_by_what_an_earlier_one_did_not_find()
    {
        var saga = NeverMade(finders: 2);
        saga.Resolve(OperatorVerb.Retry);
        saga.RunWhole(saga.IndexOf(StepType.Reserve));
        Assert.Equal((OrderStatus.Charging, PaymentStatus.Pending), (saga.Order.Status, saga.Order.Payment));
        saga.Deliver(saga.IndexOf(StepType.Charge));
        saga.Advance(1);
        saga.Advance(1);
        saga.Arrive(0);
        saga.Lose(1);

        // The other finder of the first attempt reports only now.
        saga.Advance(0);
        saga.Settle();

        saga.AssertSettled();
    }

    /// <summary>Parked while charging; what was sent was lost, and the gateway, asked late enough, knew of nothing.</summary>
    /// <param name="finders">Deliveries that have all found nothing; one of them has reported it.</param>
    private static SagaSimulation NeverMade(int finders = 1)
    {
        var saga = new SagaSimulation(stock: 9, declines: false);
        saga.RunWhole(0);
        saga.Deliver(0);
        saga.Advance(0);
        saga.Advance(0);
        saga.Lose(0);
        saga.Wait(TimeSpan.FromMinutes(31));

        // The holds are over: it is only looked for, and the first look is too early to mean anything.
        saga.RunWhole(0);
        saga.Wait(TimeSpan.FromMinutes(1));
        for (var i = 0; i < finders; i++)
        {
            saga.Deliver(0);
            saga.Advance(i);
            saga.Advance(i);
        }

        saga.GiveUp(0);
        saga.Advance(finders - 1);
        Assert.Equal(
            (OrderStatus.NeedsAttention, OrderStatus.Charging, PaymentStatus.None),
            (saga.Order.Status, saga.Order.ParkedFrom, saga.Order.Payment));
        return saga;
    }

    private static void Move(SagaSimulation saga, int move, int which)
    {
        switch (move)
        {
            case <= 2:
                saga.Deliver(which);
                break;
            case <= 8:
                saga.Advance(which);
                break;
            case <= 11:
                saga.RunWhole(which);
                break;
            case 12:
                saga.Lose(which);
                break;
            case 13:
                saga.GiveUp(which);
                break;
            case 14 when which < 3:
                saga.Cancel();
                break;
            case 15:
                saga.Resolve((OperatorVerb)(which % 3));
                break;
            case 16:
                saga.SellOneToOthers(which);
                break;
            case 17:
                saga.Wait(which < 3 ? TimeSpan.FromSeconds(4 << which) : TimeSpan.FromMinutes(which < 5 ? 1 : 31));
                break;
            case 18:
                saga.LoseReserves(which);
                break;
            case 19:
                saga.Arrive(which);
                break;
            case 20:
                saga.ShowUp();
                break;
            case 21:
                saga.ShowUp(heard: false);
                break;
            case 22:
                saga.Reprice(90 + (which * 5));
                break;
            default:
                saga.Reactivate();
                break;
        }
    }

    /// <summary>Kept for the goods, on its way back, or before an operator.</summary>
    private static bool IsTakenCareOf(OrderReports order) => order.State.Status switch
    {
        OrderStatus.Completing or OrderStatus.Completed or OrderStatus.NeedsAttention => true,
        OrderStatus.Cancelling or OrderStatus.Cancelled => order.Stream.Messages.Any(static message => message.Type == StepType.Refund),
        _ => false,
    };
}
