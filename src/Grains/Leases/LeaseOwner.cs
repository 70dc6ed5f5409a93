using Holdfast.Contracts;
using Holdfast.Contracts.Leases;
using Holdfast.Domain.Leases;
using Holdfast.Grains.Hosting;
using Orleans.Concurrency;

namespace Holdfast.Grains.Leases;

/// <summary>Hosts <see cref="LeaseRules"/> for one lease.</summary>
[Reentrant]
internal sealed class LeaseOwner(IGrainContext context, OwnerServices services)
    : OwnerGrain<LeaseState, LeaseEvent>(context, LeaseKind.Instance, services), ILease
{
    public ValueTask<LeaseOutcome> Acquire(AcquireLease command) =>
        Host.Decide(command.Operation, command, LeaseRules.Acquire, LeaseRules.AcquiredBefore);

    public ValueTask<LeaseOutcome> Renew(RenewLease command) =>
        Host.Decide(command.Operation, command, LeaseRules.Renew, LeaseRules.RenewedBefore);

    public ValueTask<LeaseOutcome> Release(ReleaseLease command) =>
        Host.Decide(command.Operation, command, LeaseRules.Release, LeaseRules.ReleasedBefore);

    public ValueTask<LeaseReading> Read(ReadConsistency consistency) => Host.Read(static state => state.View, consistency);
}
