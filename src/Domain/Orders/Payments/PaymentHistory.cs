using Holdfast.Contracts.Orders;

namespace Holdfast.Domain.Orders.Payments;

/// <summary>The tries to take an order's money, for those who look at it; no rule decides by them.</summary>
internal sealed class PaymentHistory
{
    private readonly List<PaymentAttempt> _attempts = [];

    /// <summary>Oldest first.</summary>
    public PaymentAttempt[] Attempts => [.. _attempts];

    private bool IsPending => _attempts is [.., { Status: PaymentAttemptStatus.Pending }];

    private bool IsClosed => _attempts is [.., { Status: PaymentAttemptStatus.Closed }];

    /// <summary>What a tombstone says of them.</summary>
    public void Restore(IEnumerable<PaymentAttempt> attempts)
    {
        _attempts.Clear();
        _attempts.AddRange(attempts);
    }

    public void Note(OrderEvent @event, DateTimeOffset at)
    {
        switch (@event)
        {
            case OrderEvent.ChargingStarted when !IsPending:
                _attempts.Add(new(PaymentAttemptStatus.Pending, at));
                break;
            case OrderEvent.PaymentCaptured captured:
                Became(new(PaymentAttemptStatus.Captured, at, ChargeId: captured.ChargeId));
                break;
            case OrderEvent.PaymentDeclined declined:
                Became(new(PaymentAttemptStatus.Declined, at, DeclineCode: declined.Reason));
                break;
            case OrderEvent.PaymentNeverMade:
            case OrderEvent.CancellingStarted { ChargeMayBeOut: false } when IsPending:
                Became(new(PaymentAttemptStatus.Closed, at));
                break;

            // The step was given up without a word of what it had sent.
            case OrderEvent.Parked { Step: StepType.Charge } when IsClosed:
                Became(new(PaymentAttemptStatus.Pending, at));
                break;
        }
    }

    /// <summary>One that was closed can turn out to have captured all the same.</summary>
    private void Became(PaymentAttempt attempt)
    {
        if (_attempts.Count > 0) _attempts[^1] = attempt;
        else _attempts.Add(attempt);
    }
}
