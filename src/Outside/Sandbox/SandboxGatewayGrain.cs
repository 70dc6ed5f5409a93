using Holdfast.Contracts;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders.Payments;
using Orleans.Concurrency;

namespace Holdfast.Outside.Sandbox;

/// <summary>Reads the sandbox gateway's ledger on the silo that was asked.</summary>
[StatelessWorker]
public sealed class SandboxGatewayGrain(SandboxGateway gateway) : Grain, ISandboxGateway
{
    public async ValueTask<SandboxCharge[]> ReadCharges(string? orderId, long after, int limit)
    {
        try
        {
            return await gateway.ReadCharges(orderId, after, limit, CancellationToken.None);
        }
        catch (PaymentUnavailableException unavailable)
        {
            // The gateway's own exceptions stay in its process: no caller could read them.
            throw new RetryableException(RetryReason.Unreadable, $"{unavailable.Message} Repeat the call.");
        }
    }
}
