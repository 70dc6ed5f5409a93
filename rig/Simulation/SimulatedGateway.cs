using Holdfast.Domain.Orders.Payments;

namespace Holdfast.Simulation;

/// <summary>
/// A payment gateway with books of its own. What it is sent can be lost, or arrive when nobody waits for it any more, and its answers can be
/// lost; what it has answered once under a key it answers again, until it forgets the key.
/// </summary>
internal sealed class SimulatedGateway(World world) : IPaymentGateway
{
    /// <summary>As Stripe's: keys are pruned after a day.</summary>
    private static readonly TimeSpan KeyLifetime = TimeSpan.FromHours(24);

    private static readonly TimeSpan Travel = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<string, (DateTimeOffset At, ChargeRequest Request, ChargeResult Result)> _charges = [];
    private readonly Dictionary<string, (DateTimeOffset At, RefundRequest Request, RefundResult Result)> _refunds = [];
    private readonly (DateTimeOffset From, DateTimeOffset Until) _away = Outage(world);
    private readonly bool _declines = world.Dice.Chance(0.15);
    private int _charged;

    /// <summary>Called when a charge leaves, before it can be lost.</summary>
    public Action OnCharge { get; set; } = static () => { };

    /// <summary>Minor units taken, and not given back.</summary>
    public long Kept { get; private set; }

    /// <summary>Charges that took money.</summary>
    public int Captures { get; private set; }

    /// <summary>Requests that have not arrived yet, and will.</summary>
    public int Travelling { get; private set; }

    public Task<ChargeResult> Charge(ChargeRequest request, CancellationToken cancellationToken)
    {
        OnCharge();
        return Send(() => Charge(request), cancellationToken);
    }

    public Task<RefundResult> Refund(RefundRequest request, CancellationToken cancellationToken) => Send(() => Refund(request), cancellationToken);

    public async Task<ChargeResult?> Find(string orderId, CancellationToken cancellationToken)
    {
        if (Fails()) throw await Trouble(cancellationToken);
        await Wait(cancellationToken);
        return _charges.Values.Where(charge => charge.Request.OrderId == orderId).Select(static charge => charge.Result).FirstOrDefault();
    }

    private async Task<T> Send<T>(Func<T> act, CancellationToken cancellationToken)
    {
        if (!Fails())
        {
            await Wait(cancellationToken);
            return act();
        }

        if (world.Dice.Chance(0.25)) throw new PaymentUnavailableException("The gateway was not reached.");
        if (world.Dice.Chance(0.7)) Arrive(act);
        throw await Trouble(cancellationToken);
    }

    /// <summary>Soon, or much later than anybody has waited, yet while the key is known.</summary>
    private void Arrive<T>(Func<T> act)
    {
        Travelling++;
        var late = world.Dice.Chance(0.2) ? TimeSpan.FromHours(20) : TimeSpan.FromSeconds(15);
        world.After(world.Dice.Between(TimeSpan.Zero, late), () =>
        {
            Travelling--;
            act();
        });
    }

    private ChargeResult Charge(ChargeRequest request)
    {
        world.Checks.That(request.Amount.Amount > 0, "the gateway was asked to charge nothing");
        if (_charges.TryGetValue(request.IdempotencyKey, out var known) && world.Loop.Now - known.At < KeyLifetime)
        {
            return known.Request.Amount == request.Amount ? known.Result : new(ChargeStatus.KeyReused);
        }

        var result = _declines
            ? new ChargeResult(ChargeStatus.Declined, $"ch_{++_charged}", request.Amount, "no_funds")
            : new ChargeResult(ChargeStatus.Captured, $"ch_{++_charged}", request.Amount);
        if (!_declines) (Kept, Captures) = (Kept + request.Amount.Amount, Captures + 1);
        _charges[request.IdempotencyKey] = (world.Loop.Now, request, result);
        world.History.Note($"gateway {result.Status} {request.OrderId} {request.Amount.Amount}");
        return result;
    }

    private RefundResult Refund(RefundRequest request)
    {
        if (_refunds.TryGetValue(request.IdempotencyKey, out var known) && world.Loop.Now - known.At < KeyLifetime)
        {
            return known.Request == request ? known.Result : new(RefundStatus.KeyReused);
        }

        var charge = _charges.Values.FirstOrDefault(charge => charge.Result.ChargeId == request.ChargeId);
        if (charge.Result is null) return new(RefundStatus.UnknownCharge);
        if (charge.Result.Status != ChargeStatus.Captured) return new(RefundStatus.NotCaptured);
        var refunded = _refunds.Values.Where(refund => refund.Request.ChargeId == request.ChargeId && refund.Result.Status == RefundStatus.Refunded)
            .Sum(static refund => refund.Request.Amount);
        if (refunded + request.Amount > charge.Request.Amount.Amount) return new(RefundStatus.ExceedsCaptured, null, refunded);
        Kept -= request.Amount;
        var result = new RefundResult(RefundStatus.Refunded, $"re_{_refunds.Count + 1}", refunded + request.Amount);
        _refunds[request.IdempotencyKey] = (world.Loop.Now, request, result);
        world.History.Note($"gateway refunded {request.OrderId} {request.Amount}");
        return result;
    }

    private bool Fails() => IsAway || world.Dice.Chance(world.Weather.FailedPayments);

    private bool IsAway => world.Loop.Now >= _away.From && world.Loop.Now < _away.Until;

    /// <summary>In some worlds nothing gets through to the gateway for longer than anybody waits for it.</summary>
    private static (DateTimeOffset From, DateTimeOffset Until) Outage(World world)
    {
        if (!world.Dice.Chance(0.02)) return default;
        var from = world.Loop.Now + world.Dice.Delay(TimeSpan.FromSeconds(1));
        return (from, from + world.Dice.Between(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(45)));
    }

    private async Task<Exception> Trouble(CancellationToken cancellationToken)
    {
        // Whoever asks has a time of patience, and cancels then; or the connection breaks.
        if (world.Dice.Chance(0.5)) await world.Delay(TimeSpan.FromHours(1), cancellationToken);
        else await Wait(cancellationToken);
        return new PaymentUnknownException("The connection broke.");
    }

    private Task Wait(CancellationToken cancellationToken) => world.Delay(world.Dice.Delay(Travel), cancellationToken);
}
