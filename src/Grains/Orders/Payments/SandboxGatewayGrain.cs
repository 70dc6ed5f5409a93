using Holdfast.Contracts.Orders;
using Orleans.Concurrency;

namespace Holdfast.Grains.Orders.Payments;

/// <summary>Reads the sandbox gateway's ledger on the silo that was asked.</summary>
[StatelessWorker]
public sealed class SandboxGatewayGrain(SandboxGateway gateway) : Grain, ISandboxGateway
{
    public Task<SandboxCharge[]> ReadCharges(string? orderId, long after, int limit) =>
        gateway.ReadCharges(orderId, after, limit, CancellationToken.None);
}
