using System.Collections.Concurrent;
using Holdfast.Domain.Orders.Payments;

namespace Holdfast.Rings.Delivery;

/// <summary>
/// A gateway that for some orders is slower than anybody waits: the first charge of such an order is answered to nobody, and is made when
/// its time has come, at the amount of then.
/// </summary>
internal sealed class LateGateway(IPaymentGateway inner, Deliveries deliveries, TimeProvider clock, LateCharges late) : IPaymentGateway
{
    public async Task<ChargeResult> Charge(ChargeRequest request, CancellationToken cancellationToken)
    {
        var by = deliveries.Find($"order/{request.OrderId}")?.Plan.ChargedLateBy ?? TimeSpan.Zero;
        if (by > TimeSpan.Zero) late.Send(request, clock.GetUtcNow() + by);
        if (!await Arrive(request.OrderId)) throw new PaymentUnknownException("Planned: the charge is late.");
        return await inner.Charge(request, cancellationToken);
    }

    public Task<RefundResult> Refund(RefundRequest request, CancellationToken cancellationToken) => inner.Refund(request, cancellationToken);

    public async Task<ChargeResult?> Find(string orderId, CancellationToken cancellationToken)
    {
        await Arrive(orderId);
        return await inner.Find(orderId, cancellationToken);
    }

    /// <summary>Makes the order's late charge when it is time for it: nobody could tell if it was made before somebody asks.</summary>
    /// <returns>False: it is still on its way.</returns>
    private async Task<bool> Arrive(string orderId)
    {
        if (late.Find(orderId) is not { } charge) return true;
        if (clock.GetUtcNow() < charge.ArrivesAt) return false;
        await LateCharges.Make(inner, charge.Request);
        return true;
    }
}

/// <summary>The charges that are late, by their orders.</summary>
internal sealed class LateCharges
{
    /// <summary>The sandbox answers a key the third time at the latest.</summary>
    private const int MaxTries = 3;

    private readonly ConcurrentDictionary<string, (ChargeRequest Request, DateTimeOffset ArrivesAt)> _sent = new();

    public int Count => _sent.Count;

    /// <summary>An order's first charge counts.</summary>
    public void Send(ChargeRequest request, DateTimeOffset arrivesAt) => _sent.TryAdd(request.OrderId, (request, arrivesAt));

    public (ChargeRequest Request, DateTimeOffset ArrivesAt)? Find(string orderId) => _sent.TryGetValue(orderId, out var charge) ? charge : null;

    /// <summary>All are made that nobody has asked for: money that the product has overlooked shows up in the books.</summary>
    public async Task MakeAll(IPaymentGateway gateway)
    {
        foreach (var (request, _) in _sent.Values) await Make(gateway, request);
    }

    public static async Task Make(IPaymentGateway gateway, ChargeRequest request)
    {
        for (var tries = 1; tries <= MaxTries; tries++)
        {
            try
            {
                await gateway.Charge(request, CancellationToken.None);
                return;
            }
            catch (Exception exception) when (exception is PaymentUnknownException or PaymentUnavailableException)
            {
                // The sandbox's own tokens put off, and lose answers, too.
            }
        }
    }
}
