using System.Text.Json;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Domain.Owner;

namespace Holdfast.Tests.Domain.Orders;

public sealed class OrderRulesTests
{
    private static readonly Dictionary<string, string[]> Reachable = OrderGraph.Reachable();

    private readonly OrderReports _order = OrderReports.Placed();

    public static TheoryData<string> Reports => [.. OrderReports.Names];

    public static TheoryData<string> States => [.. Reachable.Keys];

    [Theory]
    [MemberData(nameof(Reports))]
    public void A_report_does_in_every_state_what_the_table_says_and_nothing_the_second_time(string report)
    {
        foreach (var (state, path) in Reachable.Where(found => OrderGraph.IsPossible(found.Value, report)))
        {
            var order = OrderReports.After(path);
            var answer = order.Report(report);
            var events = order.Events.Length > 0 ? $" [{order.Events}]" : "";

            var expected = OrderReportTable.Expected.GetValueOrDefault((report, state), OrderReportTable.Otherwise(report, state));
            Assert.Equal($"{state}: {expected}", $"{state}: {answer}{events} -> {order.Where}");

            order.Report(report);
            Assert.True(order.Events.Length == 0, $"{report} twice in {state} recorded {order.Events}");
        }
    }

    [Fact]
    public void The_table_names_no_state_that_cannot_be()
    {
        Assert.DoesNotContain(OrderReportTable.Expected.Keys, static cell => !Reachable.ContainsKey(cell.State));
        Assert.DoesNotContain(OrderReportTable.Expected.Keys, static cell => !OrderReports.Names.Contains(cell.Report));
    }

    [Fact]
    public void A_cancel_while_charging_settles_with_the_gateway_whoever_may_have_granted_a_permit()
    {
        _order.Report("reserved");

        _order.Report("cancel");

        // A second owner that loaded the order at this step grants the permit still, from memory.
        Assert.Equal("Cancelling, Pending", _order.Where);
        Assert.Equal(ChargePermitKind.FindOnly, _order.AskToCharge(mayBeOut: false).Kind);
        _order.Report("undone");
        Assert.Equal("Cancelling, Pending, undone", _order.Where);
        _order.Report("captured");
        Assert.True(_order.State.RefundIsDue);
    }

    [Theory]
    [MemberData(nameof(States))]
    public void A_terminal_state_is_never_left(string state)
    {
        foreach (var report in OrderReports.Names)
        {
            var order = OrderReports.After(Reachable[state]);
            if (!order.State.Ended) continue;
            var end = order.State.Status;
            order.Report(report);
            Assert.Equal((report, end), (report, order.State.Status));
            Assert.True(order.State.Ended);
        }
    }

    [Theory]
    [MemberData(nameof(States))]
    public void An_order_that_has_not_ended_has_a_message_that_moves_it_or_waits_for_an_operator(string state)
    {
        var order = OrderReports.After(Reachable[state]);
        var sent = order.Stream.Messages.Select(static message => (message.Type, System.Text.Encoding.UTF8.GetString(message.Body.Span)));

        var body = $$"""{"order":"ord_1","attempt":{{order.State.Attempt}}}""";
        foreach (var step in Needed(order.State)) Assert.Contains((step, body), sent);
    }

    [Theory]
    [MemberData(nameof(States))]
    public void A_resume_sends_again_what_the_order_waits_for_and_changes_nothing(string state)
    {
        var order = OrderReports.After(Reachable[state]);
        var (needed, sent) = (Needed(order.State).ToHashSet(), order.Stream.Messages.Count);
        if (order.State is { Status: OrderStatus.NeedsAttention, RefundIsDue: true }) needed.Add(StepType.Refund);
        var expected = needed.Count > 0 ? OrderVerbStatus.Accepted : order.State.Ended ? OrderVerbStatus.Ended : OrderVerbStatus.NeedsAttention;

        Assert.Equal(expected, order.Stream.Decide(new OrderVerbs(OrderReports.Options).Resolve, OperatorVerb.Resume));

        Assert.Equal(needed.Order(), order.Stream.Messages.Skip(sent).Select(static message => message.Type).Order());
        Assert.Equal(state, order.Where);
    }

    [Fact]
    public void A_refund_that_was_given_up_waits_for_the_operator()
    {
        foreach (var report in (string[])["reserved", "cancel", "captured"]) _order.Report(report);
        Assert.True(_order.State.RefundIsDue);
        var failure = (StepType.Refund, _order.State.Attempt, OrderReason.StepFailed, "broken");
        Assert.Equal(StepReport.Recorded, _order.Stream.Decide(OrderRules.Park, failure));

        Assert.Equal(StepReport.Stale, _order.Stream.Decide(OrderVerbs.ResumeUnasked));
        var verbs = new OrderVerbs(OrderReports.Options);
        Assert.Equal(OrderVerbStatus.NeedsAttention, _order.Stream.Decide(verbs.Resolve, OperatorVerb.Resume));

        var sent = _order.Stream.Messages.Count;
        Assert.Equal(OrderVerbStatus.Accepted, _order.Stream.Decide(verbs.Resolve, OperatorVerb.Retry));
        Assert.Contains(StepType.Refund, _order.Stream.Messages.Skip(sent).Select(static message => message.Type));
    }

    private static IEnumerable<string> Needed(OrderState order)
    {
        if (order.Status == OrderStatus.Reserving) yield return StepType.Reserve;
        if (order.Status == OrderStatus.Charging) yield return StepType.Charge;
        if (order.Status == OrderStatus.Completing) yield return StepType.Complete;
        if (order is { Status: OrderStatus.Cancelling, LinesUndone: false }) yield return StepType.Undo;
        if (order is { Status: OrderStatus.Cancelling, Payment: PaymentStatus.Pending }) yield return StepType.Charge;
        var goesBack = order.Status is OrderStatus.Cancelling or OrderStatus.Cancelled;
        if (goesBack && order.Payment == PaymentStatus.Captured) yield return StepType.Refund;
    }

    [Theory]
    [MemberData(nameof(States))]
    public void An_order_that_is_being_cancelled_has_something_left_to_wait_for(string state)
    {
        var order = OrderReports.After(Reachable[state]).State;

        Assert.False(order is { Status: OrderStatus.Cancelling, LinesUndone: true, PaymentSettled: true }, state);
    }

    [Theory]
    [MemberData(nameof(States))]
    public void Money_and_goods_agree_wherever_an_order_ends(string state)
    {
        var order = OrderReports.After(Reachable[state]).State;

        if (order.Status == OrderStatus.Completed) Assert.Equal(PaymentStatus.Captured, order.Payment);
        if (order.Status != OrderStatus.Cancelled) return;
        Assert.True(order.LinesUndone, state);
        Assert.True(order.PaymentSettled || order.Payment == PaymentStatus.Captured, state);
    }

    [Fact]
    public void Placing_records_the_order_and_starts_to_reserve_with_a_deadline()
    {
        var order = new OrderReports();

        Assert.Equal(new(PlaceOrderStatus.Placed), order.Place(OrderReports.Placing));

        var deadline = (order.Stream.Now + OrderReports.Options.ReserveDeadline).ToUnixTimeMilliseconds();
        Assert.Equal("Placed ReservingStarted", order.Events);
        Assert.Equal(new OrderEvent.ReservingStarted(1, deadline), order.Stream.Events[1]);
        Assert.Equal([new("sku-1", 2), new("sku-2", 3)], order.State.Lines);
        Assert.Equal(("customer-1", "tok_ok"), (order.State.CustomerId, order.State.PaymentToken));
    }

    [Theory]
    [MemberData(nameof(States))]
    public void Placing_again_is_a_replay_or_key_reuse_in_every_state(string state)
    {
        var order = OrderReports.After(Reachable[state]);

        Assert.Equal(new(PlaceOrderStatus.Placed, null, Replayed: true), order.Place(OrderReports.Placing));
        Assert.Empty(order.Events);
        var other = OrderReports.Placing with { Operation = OrderReports.Placing.Operation with { Fingerprint = 8 } };
        Assert.Equal(new(PlaceOrderStatus.KeyReused), order.Place(other));
        Assert.Empty(order.Events);
    }

    [Fact]
    public void Nothing_can_be_reported_to_an_order_that_was_never_placed()
    {
        foreach (var report in OrderReports.Names.Where(static name => !name.StartsWith("park", StringComparison.Ordinal)))
        {
            var order = new OrderReports();
            var answer = order.Report(report).ToString();
            Assert.Contains(answer, new[] { "Stale", "Nothing", "NotFound" });
            Assert.False(order.State.Exists, report);
        }
    }

    [Fact]
    public void Prices_and_total_are_those_of_the_holds_and_the_first_expiry_counts()
    {
        var early = _order.Held("sku-2", 10);
        early = early with { Reservation = early.Reservation! with { ExpiresAt = _order.Stream.Now.AddMinutes(3) } };
        _order.Reserved(_order.Held("sku-1", 100), early);

        var reserved = Assert.IsType<OrderEvent.LinesReserved>(_order.Stream.Events[0]);
        Assert.Equal([100, 10], reserved.Prices);
        Assert.Equal(("EUR", 230L, _order.Stream.Now.AddMinutes(3).ToUnixTimeMilliseconds()), (reserved.Currency, reserved.Total, reserved.HeldUntil));
        var giveUpAt = (_order.Stream.Now + OrderReports.Options.ChargeGiveUpAfter).ToUnixTimeMilliseconds();
        Assert.Equal(new OrderEvent.ChargingStarted(1, giveUpAt), _order.Stream.Events[1]);
        Assert.Equal(new Money(230, "EUR"), _order.State.View().Total);
    }

    [Fact]
    public void A_refused_line_is_a_shortfall_and_the_lines_that_were_held_are_none()
    {
        _order.Reserved(_order.Held("sku-1", 100), new(ReserveStatus.InsufficientStock, Available: 1));

        Assert.Equal((OrderReason.InsufficientStock, OrderStatus.Cancelling), (_order.State.Reason, _order.State.Status));
        Assert.Equal([new Shortfall("sku-2", 3, 1, OrderReason.InsufficientStock)], _order.State.Shortfalls);
    }

    [Fact]
    public void Each_shortfall_says_why()
    {
        _order.Reserved(new(ReserveStatus.UnknownProduct), new(ReserveStatus.InsufficientStock, Available: 1));

        Assert.Equal([OrderReason.UnknownProduct, OrderReason.InsufficientStock], _order.State.Shortfalls.Select(static shortfall => shortfall.Reason));
    }

    [Theory]
    [InlineData(ReserveStatus.InsufficientStock, ReserveStatus.InsufficientStock, OrderReason.InsufficientStock)]
    [InlineData(ReserveStatus.InsufficientStock, ReserveStatus.UnknownProduct, OrderReason.InsufficientStock)]
    [InlineData(ReserveStatus.UnknownProduct, ReserveStatus.UnknownProduct, OrderReason.UnknownProduct)]
    [InlineData(ReserveStatus.Archived, ReserveStatus.Archived, OrderReason.Archived)]
    [InlineData(ReserveStatus.TooManyReservations, ReserveStatus.InsufficientStock, OrderReason.InsufficientStock)]
    [InlineData(ReserveStatus.Released, ReserveStatus.KeyReused, OrderReason.InsufficientStock)]
    [InlineData(ReserveStatus.DeadlinePassed, ReserveStatus.InsufficientStock, OrderReason.ReserveTimeout)]
    [InlineData(ReserveStatus.InsufficientStock, null, OrderReason.ReserveTimeout)]
    [InlineData(null, null, OrderReason.ReserveTimeout)]
    public void A_line_that_is_not_held_cancels_the_order_with_the_reason(ReserveStatus? first, ReserveStatus? second, string reason)
    {
        _order.Reserved(Refusal(first), Refusal(second));

        Assert.Equal("Cancelling, None", _order.Where);
        Assert.Equal(reason, _order.State.Reason);

        static ReserveOutcome? Refusal(ReserveStatus? status) => status is { } refused ? new(refused) : null;
    }

    [Fact]
    public void An_order_in_two_currencies_is_cancelled()
    {
        _order.Reserved(_order.Held("sku-1", 100), _order.Held("sku-2", 10, "USD"));

        Assert.Equal(("Cancelling, None", OrderReason.MixedCurrencies), (_order.Where, _order.State.Reason));
    }

    [Theory]
    [InlineData(Limits.WholeNumber / 3, 0, true)]
    [InlineData((Limits.WholeNumber / 3) + 1, 0, false)]
    [InlineData(Limits.WholeNumber / 3, 1, false)]
    [InlineData(long.MaxValue, 0, false)]
    public void A_total_that_no_answer_could_say_exactly_is_cancelled_and_never_wraps(long dear, long cheap, bool fits)
    {
        // Two of the first and three of the second; 2^53 - 1 is one more than three times its third.
        _order.Reserved(_order.Held("sku-1", cheap), _order.Held("sku-2", dear));

        Assert.Equal(fits ? "Charging, Pending" : "Cancelling, None", _order.Where);
        if (!fits) Assert.Equal(OrderReason.TotalTooLarge, _order.State.Reason);
    }

    [Theory]
    [InlineData(-1, false, "Charge")]
    [InlineData(-1, true, "Charge")]
    [InlineData(0, true, "FindOnly")]
    public void A_charge_is_sent_only_while_every_hold_outlives_it_by_the_margin(int millisecondsPast, bool mayBeOut, string permit)
    {
        _order.Report("reserved");
        _order.Stream.Now = _order.State.HeldUntil - OrderReports.Options.HoldMargin + TimeSpan.FromMilliseconds(millisecondsPast);

        Assert.Equal(permit, _order.AskToCharge(mayBeOut).Kind.ToString());
        Assert.Empty(_order.Events);
    }

    [Fact]
    public void A_charge_that_would_outlast_the_holds_cancels_the_order_which_ends_when_the_gateway_knows_of_none()
    {
        _order.Report("reserved");
        _order.Stream.Now = _order.State.HeldUntil - OrderReports.Options.HoldMargin;

        Assert.Equal(ChargePermitKind.FindOnly, _order.AskToCharge(mayBeOut: false).Kind);
        Assert.Equal(OrderReason.HoldExpired, _order.State.Reason);
        Assert.Equal("Cancelling, Pending", _order.Where);
        Assert.Equal(ChargePermitKind.FindOnly, _order.AskToCharge(mayBeOut: false).Kind);
        _order.Report("undone");
        _order.Report("never charged");
        Assert.Equal("Cancelled, None, never charged", _order.Where);
    }

    [Fact]
    public void A_charge_step_that_comes_again_after_never_made_looks_once_more_and_what_it_finds_goes_back()
    {
        _order.Report("reserved");
        _order.Report("never charged");
        _order.Report("undone");
        Assert.Equal("Cancelled, None, never charged", _order.Where);

        // A process that had stood still before its send, and whose report was lost.
        Assert.Equal(ChargePermitKind.FindOnly, _order.AskToCharge(mayBeOut: false).Kind);
        _order.Report("captured");

        Assert.True(_order.State.RefundIsDue);
        Assert.Contains(nameof(OrderEvent.RefundStarted), _order.Events);
    }

    [Theory]
    [InlineData("retry")]
    [InlineData("compensate")]
    public void A_charge_step_that_is_given_up_after_never_made_leaves_the_payment_unknown_and_the_operator_settles_it(string verb)
    {
        _order.Report("reserved");
        _order.Report("never charged");
        _order.Stream.Decide(OrderRules.Park, (StepType.Charge, _order.State.Attempt, OrderReason.StepTimeout, "the report was lost"));
        Assert.Equal("NeedsAttention from Cancelling, Pending", _order.Where);

        _order.Report(verb);

        Assert.Equal("CancellingStarted SettlingStarted", _order.Events);
        Assert.Equal("Cancelling, Pending", _order.Where);
    }

    [Fact]
    public void A_key_that_the_gateway_may_have_forgotten_is_only_looked_for()
    {
        _order.Report("reserved");
        _order.Report("park");
        _order.Stream.Now += OrderReports.Options.GatewayKeyLifetime + TimeSpan.FromMilliseconds(1);
        _order.Report("retry");
        _order.Stream.Record(new OrderEvent.LinesReserved([100, 10], "EUR", 230, _order.Stream.Now.AddHours(1).ToUnixTimeMilliseconds()));

        Assert.Equal(ChargePermitKind.FindOnly, _order.AskToCharge(mayBeOut: true).Kind);
        Assert.Equal(ChargePermitKind.Charge, _order.AskToCharge(mayBeOut: false).Kind);
    }

    [Fact]
    public void A_permit_names_what_to_charge()
    {
        _order.Report("reserved");

        Assert.Equal(
            new ChargeWork("ord_1", new(230, "EUR"), "tok_ok", 1, _order.Stream.Now + OrderReports.Options.ChargeGiveUpAfter),
            _order.AskToCharge(mayBeOut: false).Work);
    }

    [Fact]
    public void A_late_capture_of_a_cancelled_order_is_refunded_and_the_order_stays_cancelled()
    {
        var order = OrderReports.After(["reserved", "never charged", "undone", "captured"]);

        Assert.Equal("Cancelled, Captured", order.Where);
        Assert.Equal(
            [StepType.Reserve, StepType.Charge, StepType.LateCharge, StepType.Undo, StepType.Refund], order.Stream.Messages.Select(static message => message.Type));
        order.Report("refunded");
        Assert.Equal("Cancelled, Refunded", order.Where);
        Assert.True(order.State is { LinesUndone: true, PaymentSettled: true });
    }

    [Fact]
    public void A_charge_that_was_never_made_is_looked_for_with_growing_waits_until_its_key_is_forgotten()
    {
        _order.Report("reserved");
        _order.Report("never charged");
        _order.Report("undone");
        var (since, events) = (_order.Stream.Now, _order.Stream.Rows);

        var message = Assert.Single(_order.Stream.Messages, static message => message.Type == StepType.LateCharge);
        Assert.Equal((MessageClass.FinishOutside, since.AddMinutes(1)), (message.Class, message.DueAt));
        var minutes = new List<double>();
        _order.Stream.Now = since.AddMinutes(1);
        while (_order.AskToLookAgain(1) is { LookAgainAfter: { } after })
        {
            _order.Stream.Now += after;
            minutes.Add((_order.Stream.Now - since).TotalMinutes);
        }

        Assert.Equal([4, 16, 64, 256, 1_024, 23 * 60], minutes);
        Assert.Equal(events, _order.Stream.Rows);
        Assert.NotNull(_order.AskToLookAgain(1));
        _order.Report("captured");
        Assert.Null(_order.AskToLookAgain(1));
    }

    [Theory]
    [InlineData("reserved", "captured")]
    [InlineData("reserved", "declined")]
    [InlineData("refused", "undone")]
    public void An_order_whose_charge_was_answered_or_never_begun_is_not_looked_after(string first, string second)
    {
        var order = OrderReports.After([first, second]);

        Assert.DoesNotContain(order.Stream.Messages, static message => message.Type == StepType.LateCharge);
        Assert.Null(order.AskToLookAgain(1));
    }

    [Fact]
    public void A_look_of_an_earlier_attempt_ends_when_a_later_one_was_looked_for_in_vain()
    {
        var order = OrderReports.After(["reserved", "park", "never charged", "retry", "reserved", "never charged"]);

        Assert.Null(order.AskToLookAgain(1));
        Assert.NotNull(order.AskToLookAgain(2));
    }

    [Theory]
    [InlineData(90)]
    [InlineData(110)]
    public void A_capture_at_the_price_of_an_earlier_attempt_pays_for_nothing_and_goes_back_as_it_was_taken(long price)
    {
        var order = OrderReports.After(["reserved", "park", "never charged", "retry"]);
        var earlier = order.State.Total!.Value;
        order.Reserved(order.Held("sku-1", price), order.Held("sku-2", 10));
        Assert.NotEqual(earlier, order.State.Total);

        order.Stream.Decide(OrderRules.Captured, ("ch_1", earlier));

        Assert.Equal(new OrderEvent.PaymentCaptured("ch_1", 230, "EUR"), order.Stream.Events[0]);
        Assert.Equal("PaymentCaptured CancellingStarted RefundStarted", order.Events);
        Assert.Equal((OrderReason.PaymentLate, earlier), (order.State.Reason, order.State.Captured));
    }

    [Fact]
    public void A_capture_that_was_stored_without_its_amount_was_of_the_total_of_then()
    {
        _order.Report("reserved");
        _order.Stream.Record(new OrderEvent.PaymentCaptured("ch_1"), new OrderEvent.CompletingStarted(1));

        Assert.True(_order.State.IsPaid);
        Assert.Equal(new Money(230, "EUR"), _order.State.Captured);
    }

    [Fact]
    public void An_order_parked_with_a_capture_at_another_price_is_not_completed_and_a_retry_gives_it_back()
    {
        var order = OrderReports.After(["reserved", "park", "captured at another price"]);

        Assert.Equal(OrderVerbStatus.NotCharged, order.Report("complete"));
        order.Report("retry");
        Assert.Equal("CancellingStarted RefundStarted", order.Events);
    }

    [Theory]
    [InlineData("compensate")]
    [InlineData("retry")]
    public void Settling_that_an_operator_asks_for_has_a_deadline_of_its_own(string verb)
    {
        var order = OrderReports.After(["reserved", "cancel", "park"]);
        order.Stream.Now += TimeSpan.FromHours(1);

        order.Report(verb);

        Assert.Equal(order.Stream.Now + OrderReports.Options.ChargeGiveUpAfter, order.AskToCharge(mayBeOut: true).Work!.GiveUpAt);
    }

    [Fact]
    public void A_parked_order_says_which_step_failed_and_why()
    {
        _order.Report("reserved");
        _order.Stream.Decide(OrderRules.Park, ("order.charge", 1, OrderReason.PaymentUnknown, "no answer"));

        var view = _order.State.View();
        Assert.Equal((OrderStatus.NeedsAttention, OrderReason.PaymentUnknown, "order.charge: no answer"), (view.Status, view.Reason, view.Detail));
    }

    [Fact]
    public void An_operators_verb_starts_a_new_attempt_with_a_new_deadline()
    {
        _order.Report("park");
        _order.Stream.Now += TimeSpan.FromHours(1);
        _order.Report("retry");

        var deadline = (_order.Stream.Now + OrderReports.Options.ReserveDeadline).ToUnixTimeMilliseconds();
        Assert.Equal([new OrderEvent.ReservingStarted(2, deadline)], _order.Stream.Events);
        Assert.Null(_order.State.View().Reason);
        _order.Report("reserved of an older attempt");
        Assert.Empty(_order.Events);
    }

    [Fact]
    public void A_cancellation_keeps_its_reason_while_it_is_parked_and_retried()
    {
        var order = OrderReports.After(["reserved", "declined", "park"]);
        Assert.Equal(OrderReason.StepFailed, order.State.Reason);

        order.Report("retry");
        Assert.Equal(OrderReason.PaymentDeclined, order.State.Reason);
    }

    [Theory]
    [MemberData(nameof(States))]
    public void A_replay_of_the_stored_events_gives_the_original_back(string state)
    {
        var order = OrderReports.After(Reachable[state]);

        // The payment token is beside the stream: whoever needs it reads it there.
        var replayed = order.Stream.Replay();
        replayed.RecallToken("tok_ok");
        Assert.Equal(JsonSerializer.Serialize(order.State), JsonSerializer.Serialize(replayed));
    }

    [Fact]
    public void Every_step_that_an_event_starts_has_a_message_with_its_attempt()
    {
        var order = OrderReports.After(["reserved", "captured", "committed in part", "park", "retry"]);

        Assert.Equal(
            [
                """order.reserve {"order":"ord_1","attempt":1}""",
                """order.charge {"order":"ord_1","attempt":1}""",
                """order.complete {"order":"ord_1","attempt":1}""",
                """order.undo {"order":"ord_1","attempt":1}""",
                """order.refund {"order":"ord_1","attempt":1}""",
                """order.undo {"order":"ord_1","attempt":2}""",
                """order.refund {"order":"ord_1","attempt":2}""",
            ],
            order.Stream.Messages.Select(static message => $"{message.Type} {System.Text.Encoding.UTF8.GetString(message.Body.Span)}"));
    }

    [Theory]
    [InlineData(OperatorVerb.Retry)]
    [InlineData(OperatorVerb.Compensate)]
    [InlineData(OperatorVerb.Complete)]
    public void A_verb_that_was_accepted_under_a_key_is_accepted_again_under_it_whatever_the_order_has_become(OperatorVerb verb)
    {
        var order = OrderReports.After(["reserved", "captured", "park"]);
        var by = new AskedBy(AskedBy.NameOf(verb), Guid.NewGuid(), 7);

        Assert.Equal(new(OrderVerbStatus.Accepted), order.Ask(by, verb));
        Assert.Equal(by, order.Stream.Events[0].By);
        order.Report(verb == OperatorVerb.Compensate ? "undone" : "committed");
        Assert.Equal(new(OrderVerbStatus.Accepted, Replayed: true), order.Ask(by, verb));
        Assert.Empty(order.Events);
        Assert.Equal(new(OrderVerbStatus.KeyReused), order.Ask(by with { Fingerprint = 8 }, verb));
        Assert.Equal(new(OrderVerbStatus.NotParked), order.Ask(by with { Operation = Guid.NewGuid() }, verb));
        Assert.Equal(order.State.Asked, order.Stream.Replay().Asked);
    }

    [Fact]
    public void A_verb_that_was_refused_under_a_key_is_decided_afresh()
    {
        var by = new AskedBy("compensate", Guid.NewGuid(), 0);
        Assert.Equal(new(OrderVerbStatus.NotParked), _order.Ask(by, OperatorVerb.Compensate));

        _order.Report("park");

        Assert.Equal(new(OrderVerbStatus.Accepted), _order.Ask(by, OperatorVerb.Compensate));
    }

    [Fact]
    public void An_order_remembers_no_more_keys_than_it_may()
    {
        for (var i = 0; i <= AskedVerbs.Max; i++)
        {
            _order.Report("park");
            Assert.Equal(new(OrderVerbStatus.Accepted), _order.Ask(new("retry", new(i + 1, 1, 0, new byte[8]), 0), OperatorVerb.Retry));
        }

        Assert.Equal(AskedVerbs.Max, _order.State.Asked.Count);
        Assert.Equal(new(OrderVerbStatus.Accepted, Replayed: true), _order.Ask(_order.State.Asked[0], OperatorVerb.Retry));
    }

    [Theory]
    [MemberData(nameof(States))]
    public void Compensate_leads_every_order_to_an_end_though_a_line_can_never_be_undone(string state)
    {
        var order = OrderReports.After(Reachable[state]);
        if (order.State.Status != OrderStatus.NeedsAttention) order.Report("park");
        for (var turn = 0; turn < 8 && !order.State.Ended; turn++)
        {
            if (order.State.Status == OrderStatus.NeedsAttention) Assert.Equal(OrderVerbStatus.Accepted, order.Report("compensate"));
            order.Report("refunded");
            order.Report("never charged");
            var left = order.Stream.Decide(OrderRules.UndoneExcept, (order.State.Attempt, new[] { "sku-2" }));
            if (left == StepReport.Stale) order.Stream.Decide(OrderRules.Park, (StepType.Undo, order.State.Attempt, OrderReason.StepFailed, "sku-2: broken"));
        }

        Assert.True(order.State.Ended, order.Where);
        if (order.State.Status == OrderStatus.Cancelled && Reachable[state].Length > 0 && !Ended(state))
        {
            Assert.Contains("sku-2", order.State.Detail, StringComparison.Ordinal);
        }

        static bool Ended(string state) => state.StartsWith("Cancelled", StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_is_left_only_by_an_operator_who_has_seen_it_fail()
    {
        _order.Report("refused");
        Assert.Equal(StepReport.Stale, _order.Stream.Decide(OrderRules.UndoneExcept, (_order.State.Attempt, new[] { "sku-2" })));
        _order.Report("park");
        _order.Report("compensate");

        // That was another step.
        Assert.Equal(StepReport.Stale, _order.Stream.Decide(OrderRules.UndoneExcept, (_order.State.Attempt, new[] { "sku-2" })));
    }
}
