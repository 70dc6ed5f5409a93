using Holdfast.Contracts.Leases;
using Holdfast.Domain.Owner;
using static Holdfast.Domain.Owner.Decide<Holdfast.Domain.Leases.LeaseEvent>;

namespace Holdfast.Domain.Leases;

/// <summary>The rules of a lease. A term that is over at the owner's time has ended before they are asked.</summary>
public static class LeaseRules
{
    public static Decision<LeaseEvent, LeaseOutcome> Acquire(LeaseState state, AcquireLease command, DateTimeOffset now)
    {
        if (state.ExpiresAt is { } end) return Answer<LeaseOutcome>(new(LeaseStatus.Held, state.View) { Left = end - now });
        var (number, expiresAt) = (state.Number + 1, now + command.Ttl);
        return Change<LeaseOutcome>(
            new(LeaseStatus.Done, new(command.Holder, number, expiresAt)),
            new LeaseEvent.Acquired(
                command.Operation.Id, command.Operation.Fingerprint, command.Holder, number, expiresAt.ToUnixTimeMilliseconds()));
    }

    public static LeaseOutcome AcquiredBefore(LeaseState state, AcquireLease command, Receipt? first) => first is { } receipt
        ? new(LeaseStatus.Done, new(command.Holder, receipt.Number, receipt.ExpiresAt), Replayed: true)
        : new(LeaseStatus.KeyReused, state.View);

    public static Decision<LeaseEvent, LeaseOutcome> Renew(LeaseState state, RenewLease command, DateTimeOffset now)
    {
        if (state.ExpiresAt is not { } end || state.Number != command.Number) return Lost(state);
        var expiresAt = now + command.Ttl > end ? now + command.Ttl : end;
        return Change<LeaseOutcome>(
            new(LeaseStatus.Done, new(state.Holder, state.Number, expiresAt)),
            new LeaseEvent.Renewed(command.Operation.Id, command.Operation.Fingerprint, expiresAt.ToUnixTimeMilliseconds()));
    }

    /// <summary>The first answer. Who held a term that others have followed is not known any more, and not told.</summary>
    public static LeaseOutcome RenewedBefore(LeaseState state, RenewLease command, Receipt? first) => first is { } receipt
        ? new(
            LeaseStatus.Done,
            new(receipt.Number == state.Number ? state.Holder : null, receipt.Number, receipt.ExpiresAt),
            Replayed: true)
        : new(LeaseStatus.KeyReused, state.View);

    public static Decision<LeaseEvent, LeaseOutcome> Release(LeaseState state, ReleaseLease command, DateTimeOffset now) =>
        state.ExpiresAt is null || state.Number != command.Number
            ? Lost(state)
            : Change<LeaseOutcome>(
                new(LeaseStatus.Done, new(null, state.Number, null)),
                new LeaseEvent.Released(command.Operation.Id, command.Operation.Fingerprint));

    public static LeaseOutcome ReleasedBefore(LeaseState state, ReleaseLease command, Receipt? first) => first is { } receipt
        ? new(LeaseStatus.Done, new(null, receipt.Number, null), Replayed: true)
        : new(LeaseStatus.KeyReused, state.View);

    private static Decision<LeaseEvent, LeaseOutcome> Lost(LeaseState state) => Answer<LeaseOutcome>(new(LeaseStatus.Lost, state.View));
}
