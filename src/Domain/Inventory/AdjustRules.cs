using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Owner;
using static Holdfast.Domain.Owner.Decide<Holdfast.Domain.Inventory.StockEvent>;

namespace Holdfast.Domain.Inventory;

/// <summary>The rules of changes of what is on hand: by a delta, now or since some time; and of all that a source numbers.</summary>
public static class AdjustRules
{
    public static Decision<StockEvent, AdjustOutcome> Adjust(StockState state, AdjustStock command, DateTimeOffset now)
    {
        if (!state.Exists) return Answer<AdjustOutcome>(new(AdjustStatus.UnknownProduct));

        // Before anything else: what was told is answered for however late it comes again.
        if (command.Number is { } told && SourceRules.Told(state, command, told) is { } before) return Answer(before);
        if (command.EffectiveAt > now) return Answer<AdjustOutcome>(new(AdjustStatus.EffectiveLater, At: now));
        if (command.EffectiveAt < now - Limits.Correction)
        {
            return Answer<AdjustOutcome>(new(AdjustStatus.EffectiveTooEarly, At: now - Limits.Correction));
        }

        var delta = command.Delta;
        if (command.Number is { } number)
        {
            if (SourceRules.IsSuperseded(state, number)) return SourceRules.Supersede(state, command, number, now);
            if (command.Count is { } counted) delta = SourceRules.OnHandAfter(state, number, counted) - state.OnHand;
        }

        // Compared as a difference of two small numbers: a sum with whatever was asked for could wrap around.
        if (delta < state.Reserved - state.OnHand)
        {
            return Answer<AdjustOutcome>(new(AdjustStatus.BelowReserved, state.OnHand, state.Reserved));
        }

        // A sum that wrapped around is below zero, which is past the limit too.
        var onHand = unchecked(state.OnHand + delta);
        if (delta > 0 && (onHand < 0 || onHand > Limits.Quantity))
        {
            return Answer<AdjustOutcome>(new(AdjustStatus.AboveLimit, state.OnHand, state.Reserved));
        }

        return Change<AdjustOutcome>(
            new(AdjustStatus.Adjusted, onHand, state.Reserved, state.Version + 1, now), Changed(command, delta, onHand));
    }

    public static AdjustOutcome AdjustedBefore(StockState state, AdjustStock command, Receipt? first) => first switch
    {
        { Kind: StockReceiptKind.StockChange } receipt => Again(AdjustStatus.Adjusted, receipt),
        { Kind: StockReceiptKind.Superseded } receipt => Again(AdjustStatus.Superseded, receipt),
        _ => new(AdjustStatus.KeyReused),
    };

    private static AdjustOutcome Again(AdjustStatus status, in Receipt receipt) => new(
        status, receipt.OnHand, 0, receipt.Version, DateTimeOffset.FromUnixTimeMilliseconds(receipt.At), Replayed: true);

    private static StockEvent Changed(AdjustStock command, long delta, long onHand)
    {
        var ((id, fingerprint, _), number) = (command.Operation, command.Number);
        return command.Count is { } counted
            ? new StockEvent.Counted(id, fingerprint, delta, onHand, command.Reason, command.Reference)
            {
                Source = number?.Source,
                Sequence = number?.Sequence,
                Count = counted,
            }
            : new StockEvent.Adjusted(id, fingerprint, delta, onHand, command.Reason, command.Reference)
            {
                EffectiveAt = command.EffectiveAt?.ToUnixTimeMilliseconds(),
                Source = number?.Source,
                Sequence = number?.Sequence,
            };
    }
}
