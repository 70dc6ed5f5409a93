namespace Holdfast.Tests.Domain.Orders;

/// <summary>
/// What each report answers, records and leads to, in every state that it can find. A state that a report does not name answers
/// false (Nothing to a question, NotParked to an operator), records nothing and stays.
/// </summary>
internal static class OrderReportTable
{
    private const string Text = """
        ask to charge | ask to charge, maybe out:
            Charging, Pending = Charge
            Cancelling, None, never charged = FindOnly
            Cancelling, Pending = FindOnly
            Cancelled, None, never charged = FindOnly
            NeedsAttention from Cancelling, None, never charged = FindOnly
            Cancelling, Pending, undone = FindOnly
            NeedsAttention from Charging, None, never charged = FindOnly
            Reserving, None, never charged = FindOnly
            NeedsAttention from Cancelling, None, undone, never charged = FindOnly
            NeedsAttention from Reserving, None, never charged = FindOnly
        ask to look again:
            Cancelling, None, never charged = Look
            Cancelled, None, never charged = Look
            NeedsAttention from Cancelling, None, never charged = Look
            NeedsAttention from Charging, None, never charged = Look
            Reserving, None, never charged = Look
            NeedsAttention from Cancelling, None, undone, never charged = Look
            NeedsAttention from Reserving, None, never charged = Look
        cancel:
            Reserving, None = Accepted [CancellingStarted] -> Cancelling, None
            Charging, Pending = Accepted [CancellingStarted] -> Cancelling, Pending
            Cancelling, None = Accepted
            NeedsAttention from Reserving, None = Accepted [CancellingStarted] -> Cancelling, None
            Completing, Captured = AlreadyCharged
            Cancelling, Captured at another price = Accepted
            Cancelling, Declined = Accepted
            Cancelling, None, never charged = Accepted
            Cancelling, Pending = Accepted
            NeedsAttention from Charging, Pending = NeedsAttention
            Cancelled, None = Accepted
            NeedsAttention from Cancelling, None = Accepted
            Completed, Captured = AlreadyCharged
            Cancelling, Captured = Accepted
            NeedsAttention from Completing, Captured = AlreadyCharged
            Cancelling, Captured at another price, undone = Accepted
            Cancelling, Refunded = Accepted
            NeedsAttention from Cancelling, Captured at another price = Accepted
            Cancelled, Declined = Accepted
            NeedsAttention from Cancelling, Declined = Accepted
            Cancelled, None, never charged = Accepted
            NeedsAttention from Cancelling, None, never charged = Accepted
            Cancelling, Pending, undone = Accepted
            NeedsAttention from Cancelling, Pending = Accepted
            NeedsAttention from Charging, Captured = AlreadyCharged
            NeedsAttention from Charging, Captured at another price = AlreadyCharged
            NeedsAttention from Charging, Declined = Accepted [CancellingStarted] -> Cancelling, Declined
            NeedsAttention from Charging, None, never charged = Accepted [CancellingStarted] -> Cancelling, None, never charged
            Cancelling, Captured, undone = Accepted
            NeedsAttention from Cancelling, Captured = Accepted
            Cancelled, Refunded = Accepted
            NeedsAttention from Cancelling, Captured at another price, undone = Accepted
            NeedsAttention from Cancelling, Refunded = Accepted
            Cancelled, Captured = Accepted
            Cancelled, Captured at another price = Accepted
            NeedsAttention from Cancelling, Pending, undone = Accepted
            Reserving, Declined = Accepted [CancellingStarted] -> Cancelling, Declined
            Reserving, None, never charged = Accepted [CancellingStarted] -> Cancelling, None, never charged
            NeedsAttention from Cancelling, Captured, undone = Accepted
            NeedsAttention from Cancelling, Refunded, undone = Accepted
            NeedsAttention from Cancelling, Declined, undone = Accepted
            NeedsAttention from Cancelling, None, undone, never charged = Accepted
            NeedsAttention from Reserving, Declined = Accepted [CancellingStarted] -> Cancelling, Declined
            NeedsAttention from Reserving, None, never charged = Accepted [CancellingStarted] -> Cancelling, None, never charged
            NeedsAttention from Reserving, Captured = AlreadyCharged
            NeedsAttention from Reserving, Captured at another price = AlreadyCharged
        captured:
            Charging, Pending = Recorded [PaymentCaptured CompletingStarted] -> Completing, Captured
            Cancelling, None, never charged = Recorded [PaymentCaptured RefundStarted] -> Cancelling, Captured
            Cancelling, Pending = Recorded [PaymentCaptured RefundStarted] -> Cancelling, Captured
            NeedsAttention from Charging, Pending = Recorded [PaymentCaptured] -> NeedsAttention from Charging, Captured
            Cancelled, None, never charged = Recorded [PaymentCaptured RefundStarted] -> Cancelled, Captured
            NeedsAttention from Cancelling, None, never charged = Recorded [PaymentCaptured] -> NeedsAttention from Cancelling, Captured
            Cancelling, Pending, undone = Recorded [PaymentCaptured RefundStarted] -> Cancelling, Captured, undone
            NeedsAttention from Cancelling, Pending = Recorded [PaymentCaptured] -> NeedsAttention from Cancelling, Captured
            NeedsAttention from Charging, None, never charged = Recorded [PaymentCaptured] -> NeedsAttention from Charging, Captured
            NeedsAttention from Cancelling, Pending, undone = Recorded [PaymentCaptured] -> NeedsAttention from Cancelling, Captured, undone
            Reserving, None, never charged = Recorded [PaymentCaptured CancellingStarted RefundStarted] -> Cancelling, Captured
            NeedsAttention from Cancelling, None, undone, never charged = Recorded [PaymentCaptured] -> NeedsAttention from Cancelling, Captured, undone
            NeedsAttention from Reserving, None, never charged = Recorded [PaymentCaptured] -> NeedsAttention from Reserving, Captured
        captured at another price:
            Charging, Pending = Recorded [PaymentCaptured CancellingStarted RefundStarted] -> Cancelling, Captured at another price
            Cancelling, None, never charged = Recorded [PaymentCaptured RefundStarted] -> Cancelling, Captured at another price
            Cancelling, Pending = Recorded [PaymentCaptured RefundStarted] -> Cancelling, Captured at another price
            NeedsAttention from Charging, Pending = Recorded [PaymentCaptured] -> NeedsAttention from Charging, Captured at another price
            Cancelled, None, never charged = Recorded [PaymentCaptured RefundStarted] -> Cancelled, Captured at another price
            NeedsAttention from Cancelling, None, never charged = Recorded [PaymentCaptured] -> NeedsAttention from Cancelling, Captured at another price
            Cancelling, Pending, undone = Recorded [PaymentCaptured RefundStarted] -> Cancelling, Captured at another price, undone
            NeedsAttention from Cancelling, Pending = Recorded [PaymentCaptured] -> NeedsAttention from Cancelling, Captured at another price
            NeedsAttention from Charging, None, never charged = Recorded [PaymentCaptured] -> NeedsAttention from Charging, Captured at another price
            NeedsAttention from Cancelling, Pending, undone = Recorded [PaymentCaptured] -> NeedsAttention from Cancelling, Captured at another price, undone
            Reserving, None, never charged = Recorded [PaymentCaptured CancellingStarted RefundStarted] -> Cancelling, Captured at another price
            NeedsAttention from Cancelling, None, undone, never charged = Recorded [PaymentCaptured] -> NeedsAttention from Cancelling, Captured at another price, undone
            NeedsAttention from Reserving, None, never charged = Recorded [PaymentCaptured] -> NeedsAttention from Reserving, Captured at another price
        committed:
            Completing, Captured = Recorded [Completed] -> Completed, Captured
        committed in part:
            Completing, Captured = Recorded [CancellingStarted RefundStarted] -> Cancelling, Captured
        compensate:
            NeedsAttention from Reserving, None = Accepted [CancellingStarted] -> Cancelling, None
            NeedsAttention from Charging, Pending = Accepted [CancellingStarted SettlingStarted] -> Cancelling, Pending
            NeedsAttention from Cancelling, None = Accepted [CancellingStarted] -> Cancelling, None
            NeedsAttention from Completing, Captured = Accepted [CancellingStarted RefundStarted] -> Cancelling, Captured
            NeedsAttention from Cancelling, Captured at another price = Accepted [CancellingStarted RefundStarted] -> Cancelling, Captured at another price
            NeedsAttention from Cancelling, Declined = Accepted [CancellingStarted] -> Cancelling, Declined
            NeedsAttention from Cancelling, None, never charged = Accepted [CancellingStarted] -> Cancelling, None, never charged
            NeedsAttention from Cancelling, Pending = Accepted [CancellingStarted SettlingStarted] -> Cancelling, Pending
            NeedsAttention from Charging, Captured = Accepted [CancellingStarted RefundStarted] -> Cancelling, Captured
            NeedsAttention from Charging, Captured at another price = Accepted [CancellingStarted RefundStarted] -> Cancelling, Captured at another price
            NeedsAttention from Charging, Declined = Accepted [CancellingStarted] -> Cancelling, Declined
            NeedsAttention from Charging, None, never charged = Accepted [CancellingStarted] -> Cancelling, None, never charged
            NeedsAttention from Cancelling, Captured = Accepted [CancellingStarted RefundStarted] -> Cancelling, Captured
            NeedsAttention from Cancelling, Captured at another price, undone = Accepted [CancellingStarted RefundStarted] -> Cancelling, Captured at another price
            NeedsAttention from Cancelling, Refunded = Accepted [CancellingStarted] -> Cancelling, Refunded
            NeedsAttention from Cancelling, Pending, undone = Accepted [CancellingStarted SettlingStarted] -> Cancelling, Pending
            NeedsAttention from Cancelling, Captured, undone = Accepted [CancellingStarted RefundStarted] -> Cancelling, Captured
            NeedsAttention from Cancelling, Refunded, undone = Accepted [CancellingStarted] -> Cancelling, Refunded
            NeedsAttention from Cancelling, Declined, undone = Accepted [CancellingStarted] -> Cancelling, Declined
            NeedsAttention from Cancelling, None, undone, never charged = Accepted [CancellingStarted] -> Cancelling, None, never charged
            NeedsAttention from Reserving, Declined = Accepted [CancellingStarted] -> Cancelling, Declined
            NeedsAttention from Reserving, None, never charged = Accepted [CancellingStarted] -> Cancelling, None, never charged
            NeedsAttention from Reserving, Captured = Accepted [CancellingStarted RefundStarted] -> Cancelling, Captured
            NeedsAttention from Reserving, Captured at another price = Accepted [CancellingStarted RefundStarted] -> Cancelling, Captured at another price
        complete:
            NeedsAttention from Reserving, None = NotCharged
            NeedsAttention from Charging, Pending = NotCharged
            NeedsAttention from Cancelling, None = BeingUndone
            NeedsAttention from Completing, Captured = Accepted [CompletingStarted] -> Completing, Captured
            NeedsAttention from Cancelling, Captured at another price = BeingUndone
            NeedsAttention from Cancelling, Declined = BeingUndone
            NeedsAttention from Cancelling, None, never charged = BeingUndone
            NeedsAttention from Cancelling, Pending = BeingUndone
            NeedsAttention from Charging, Captured = Accepted [CompletingStarted] -> Completing, Captured
            NeedsAttention from Charging, Captured at another price = NotCharged
            NeedsAttention from Charging, Declined = NotCharged
            NeedsAttention from Charging, None, never charged = NotCharged
            NeedsAttention from Cancelling, Captured = BeingUndone
            NeedsAttention from Cancelling, Captured at another price, undone = BeingUndone
            NeedsAttention from Cancelling, Refunded = BeingUndone
            NeedsAttention from Cancelling, Pending, undone = BeingUndone
            NeedsAttention from Cancelling, Captured, undone = BeingUndone
            NeedsAttention from Cancelling, Refunded, undone = BeingUndone
            NeedsAttention from Cancelling, Declined, undone = BeingUndone
            NeedsAttention from Cancelling, None, undone, never charged = BeingUndone
            NeedsAttention from Reserving, Declined = NotCharged
            NeedsAttention from Reserving, None, never charged = NotCharged
            NeedsAttention from Reserving, Captured = Accepted [CompletingStarted] -> Completing, Captured
            NeedsAttention from Reserving, Captured at another price = NotCharged
        declined:
            Charging, Pending = Recorded [PaymentDeclined CancellingStarted] -> Cancelling, Declined
            Cancelling, Pending = Recorded [PaymentDeclined] -> Cancelling, Declined
            NeedsAttention from Charging, Pending = Recorded [PaymentDeclined] -> NeedsAttention from Charging, Declined
            Cancelling, Pending, undone = Recorded [PaymentDeclined Cancelled] -> Cancelled, Declined
            NeedsAttention from Cancelling, Pending = Recorded [PaymentDeclined] -> NeedsAttention from Cancelling, Declined
            NeedsAttention from Cancelling, Pending, undone = Recorded [PaymentDeclined] -> NeedsAttention from Cancelling, Declined, undone
        never charged:
            Charging, Pending = Recorded [PaymentNeverMade CancellingStarted] -> Cancelling, None, never charged
            Cancelling, Pending = Recorded [PaymentNeverMade] -> Cancelling, None, never charged
            NeedsAttention from Charging, Pending = Recorded [PaymentNeverMade] -> NeedsAttention from Charging, None, never charged
            Cancelling, Pending, undone = Recorded [PaymentNeverMade Cancelled] -> Cancelled, None, never charged
            NeedsAttention from Cancelling, Pending = Recorded [PaymentNeverMade] -> NeedsAttention from Cancelling, None, never charged
            NeedsAttention from Cancelling, Pending, undone = Recorded [PaymentNeverMade] -> NeedsAttention from Cancelling, None, undone, never charged
        park:
            Reserving, None = Recorded [Parked] -> NeedsAttention from Reserving, None
            Charging, Pending = Recorded [Parked] -> NeedsAttention from Charging, Pending
            Cancelling, None = Recorded [Parked] -> NeedsAttention from Cancelling, None
            Completing, Captured = Recorded [Parked] -> NeedsAttention from Completing, Captured
            Cancelling, Captured at another price = Recorded [Parked] -> NeedsAttention from Cancelling, Captured at another price
            Cancelling, Declined = Recorded [Parked] -> NeedsAttention from Cancelling, Declined
            Cancelling, None, never charged = Recorded [Parked] -> NeedsAttention from Cancelling, None, never charged
            Cancelling, Pending = Recorded [Parked] -> NeedsAttention from Cancelling, Pending
            Cancelling, Captured = Recorded [Parked] -> NeedsAttention from Cancelling, Captured
            Cancelling, Captured at another price, undone = Recorded [Parked] -> NeedsAttention from Cancelling, Captured at another price, undone
            Cancelling, Refunded = Recorded [Parked] -> NeedsAttention from Cancelling, Refunded
            Cancelling, Pending, undone = Recorded [Parked] -> NeedsAttention from Cancelling, Pending, undone
            Cancelling, Captured, undone = Recorded [Parked] -> NeedsAttention from Cancelling, Captured, undone
            Reserving, Declined = Recorded [Parked] -> NeedsAttention from Reserving, Declined
            Reserving, None, never charged = Recorded [Parked] -> NeedsAttention from Reserving, None, never charged
        refunded:
            Cancelling, Captured at another price = Recorded [PaymentRefunded] -> Cancelling, Refunded
            Cancelling, Captured = Recorded [PaymentRefunded] -> Cancelling, Refunded
            Cancelling, Captured at another price, undone = Recorded [PaymentRefunded Cancelled] -> Cancelled, Refunded
            NeedsAttention from Cancelling, Captured at another price = Recorded [PaymentRefunded] -> NeedsAttention from Cancelling, Refunded
            Cancelling, Captured, undone = Recorded [PaymentRefunded Cancelled] -> Cancelled, Refunded
            NeedsAttention from Cancelling, Captured = Recorded [PaymentRefunded] -> NeedsAttention from Cancelling, Refunded
            NeedsAttention from Cancelling, Captured at another price, undone = Recorded [PaymentRefunded] -> NeedsAttention from Cancelling, Refunded, undone
            Cancelled, Captured = Recorded [PaymentRefunded] -> Cancelled, Refunded
            Cancelled, Captured at another price = Recorded [PaymentRefunded] -> Cancelled, Refunded
            NeedsAttention from Cancelling, Captured, undone = Recorded [PaymentRefunded] -> NeedsAttention from Cancelling, Refunded, undone
        refused:
            Reserving, None = Recorded [CancellingStarted] -> Cancelling, None
            Reserving, Declined = Recorded [CancellingStarted] -> Cancelling, Declined
            Reserving, None, never charged = Recorded [CancellingStarted] -> Cancelling, None, never charged
        reserved:
            Reserving, None = Recorded [LinesReserved ChargingStarted] -> Charging, Pending
            Reserving, Declined = Recorded [LinesReserved ChargingStarted] -> Charging, Pending
            Reserving, None, never charged = Recorded [LinesReserved ChargingStarted] -> Charging, Pending
        retry:
            NeedsAttention from Reserving, None = Accepted [ReservingStarted] -> Reserving, None
            NeedsAttention from Charging, Pending = Accepted [ChargingStarted] -> Charging, Pending
            NeedsAttention from Cancelling, None = Accepted [CancellingStarted] -> Cancelling, None
            NeedsAttention from Completing, Captured = Accepted [CompletingStarted] -> Completing, Captured
            NeedsAttention from Cancelling, Captured at another price = Accepted [CancellingStarted RefundStarted] -> Cancelling, Captured at another price
            NeedsAttention from Cancelling, Declined = Accepted [CancellingStarted] -> Cancelling, Declined
            NeedsAttention from Cancelling, None, never charged = Accepted [CancellingStarted] -> Cancelling, None, never charged
            NeedsAttention from Cancelling, Pending = Accepted [CancellingStarted SettlingStarted] -> Cancelling, Pending
            NeedsAttention from Charging, Captured = Accepted [CompletingStarted] -> Completing, Captured
            NeedsAttention from Charging, Captured at another price = Accepted [CancellingStarted RefundStarted] -> Cancelling, Captured at another price
            NeedsAttention from Charging, Declined = Accepted [ReservingStarted] -> Reserving, Declined
            NeedsAttention from Charging, None, never charged = Accepted [ReservingStarted] -> Reserving, None, never charged
            NeedsAttention from Cancelling, Captured = Accepted [CancellingStarted RefundStarted] -> Cancelling, Captured
            NeedsAttention from Cancelling, Captured at another price, undone = Accepted [CancellingStarted RefundStarted] -> Cancelling, Captured at another price
            NeedsAttention from Cancelling, Refunded = Accepted [CancellingStarted] -> Cancelling, Refunded
            NeedsAttention from Cancelling, Pending, undone = Accepted [CancellingStarted SettlingStarted] -> Cancelling, Pending
            NeedsAttention from Cancelling, Captured, undone = Accepted [CancellingStarted RefundStarted] -> Cancelling, Captured
            NeedsAttention from Cancelling, Refunded, undone = Accepted [CancellingStarted] -> Cancelling, Refunded
            NeedsAttention from Cancelling, Declined, undone = Accepted [CancellingStarted] -> Cancelling, Declined
            NeedsAttention from Cancelling, None, undone, never charged = Accepted [CancellingStarted] -> Cancelling, None, never charged
            NeedsAttention from Reserving, Declined = Accepted [ReservingStarted] -> Reserving, Declined
            NeedsAttention from Reserving, None, never charged = Accepted [ReservingStarted] -> Reserving, None, never charged
            NeedsAttention from Reserving, Captured = Accepted [CancellingStarted RefundStarted] -> Cancelling, Captured
            NeedsAttention from Reserving, Captured at another price = Accepted [CancellingStarted RefundStarted] -> Cancelling, Captured at another price
        undone:
            Cancelling, None = Recorded [LinesUndone Cancelled] -> Cancelled, None
            Cancelling, Captured at another price = Recorded [LinesUndone] -> Cancelling, Captured at another price, undone
            Cancelling, Declined = Recorded [LinesUndone Cancelled] -> Cancelled, Declined
            Cancelling, None, never charged = Recorded [LinesUndone Cancelled] -> Cancelled, None, never charged
            Cancelling, Pending = Recorded [LinesUndone] -> Cancelling, Pending, undone
            Cancelling, Captured = Recorded [LinesUndone] -> Cancelling, Captured, undone
            Cancelling, Refunded = Recorded [LinesUndone Cancelled] -> Cancelled, Refunded
        """;

    public static readonly Dictionary<(string Report, string State), string> Expected = Parse();

    public static string Otherwise(string report, string state) => report switch
    {
        "ask to charge" or "ask to charge, maybe out" or "ask to look again" => "Nothing",
        "retry" or "compensate" or "complete" => "NotParked",
        _ => "Stale",
    } + " -> " + state;

    private static Dictionary<(string Report, string State), string> Parse()
    {
        var table = new Dictionary<(string, string), string>();
        string[] reports = [];
        foreach (var line in Text.Split('\n'))
        {
            if (line[0] != ' ')
            {
                reports = line.TrimEnd(':').Split(" | ");
                continue;
            }

            var cell = line.Trim().Split(" = ");
            var expected = cell[1].Contains("->", StringComparison.Ordinal) ? cell[1] : $"{cell[1]} -> {cell[0]}";
            foreach (var report in reports) table.Add((report, cell[0]), expected);
        }

        return table;
    }
}
