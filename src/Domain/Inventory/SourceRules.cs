using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Owner;
using static Holdfast.Domain.Owner.Decide<Holdfast.Domain.Inventory.StockEvent>;

namespace Holdfast.Domain.Inventory;

/// <summary>
/// The rules of what a source tells under numbers of its own, in whatever order it arrives. What is on hand in the end does not depend on
/// that order: a count stands for everything below its number, and what is above is added to it, whether it came before or comes after.
/// A number that was refused stays unused, and is to be told again.
/// </summary>
public static class SourceRules
{
    /// <summary>Why the number cannot be used, or what was made of it before; null when it is new.</summary>
    public static AdjustOutcome? Told(StockState state, AdjustStock command, SourceNumber number)
    {
        if (state.Sources?.Find(number.Source) is not { } log)
        {
            return state.Sources is { IsFull: true } ? new(AdjustStatus.TooManySources) : null;
        }

        if (number.Sequence < log.Oldest) return new(AdjustStatus.NumberTooOld, Oldest: log.Oldest);
        if (!log.TryGet(number.Sequence, out var before)) return null;
        if (!before.Says(command)) return new(AdjustStatus.NumberReused, Version: before.Version);
        return new(before.IsSuperseded ? AdjustStatus.Superseded : AdjustStatus.Adjusted, Version: before.Version, Replayed: true);
    }

    /// <summary>Whether the source has counted since, so that what it tells is in what it counted.</summary>
    public static bool IsSuperseded(StockState state, SourceNumber number) =>
        state.Sources?.Find(number.Source) is { } log && number.Sequence < log.LastCount;

    /// <summary>What is to be on hand after a count: what was counted, and what the source has told of the time after it.</summary>
    public static long OnHandAfter(StockState state, SourceNumber number, long counted) =>
        counted + (state.Sources?.Find(number.Source)?.DeltasAbove(number.Sequence) ?? 0);

    public static Decision<StockEvent, AdjustOutcome> Supersede(
        StockState state, AdjustStock command, SourceNumber number, DateTimeOffset now) => Change<AdjustOutcome>(
        new(AdjustStatus.Superseded, state.OnHand, state.Reserved, state.Version + 1, now),
        new StockEvent.Superseded(
            command.Operation.Id,
            command.Operation.Fingerprint,
            number.Source,
            number.Sequence,
            command.Count is null ? command.Delta : null,
            command.Count,
            state.OnHand,
            command.Reason,
            command.Reference)
        {
            EffectiveAt = command.EffectiveAt?.ToUnixTimeMilliseconds(),
        });
}
