namespace Holdfast.Contracts.Inventory;

/// <summary>What a movement is. The texts are stable codes.</summary>
public static class MovementKind
{
    public const string Adjusted = "adjusted";
    public const string Counted = "set";
    public const string Sold = "sold";
    public const string Returned = "returned";

    /// <summary>A source's message that came after a later count of the same source: it changed nothing.</summary>
    public const string Superseded = "superseded";

    public static IReadOnlyList<string> All { get; } = [Adjusted, Counted, Sold, Returned, Superseded];
}

/// <summary>Which movements are asked for. Null: whatever it is.</summary>
/// <param name="Kind">A code of <see cref="MovementKind"/>.</param>
/// <param name="From">Included.</param>
/// <param name="To">Not included.</param>
[GenerateSerializer, Immutable, Alias("holdfast.MovementFilter")]
public sealed record MovementFilter(
    [property: Id(0)] string? Kind, [property: Id(1)] DateTimeOffset? From, [property: Id(2)] DateTimeOffset? To)
{
    public static readonly MovementFilter None = new(null, null, null);
}

/// <summary>One immutable line of the ledger of what is on hand. The deltas of all lines sum to on hand.</summary>
/// <param name="Version">The line's place in the product's history; unique and ascending, not gapless.</param>
/// <param name="Kind">A code of <see cref="MovementKind"/>.</param>
/// <param name="OnHand">After the movement.</param>
/// <param name="Reservation">For sold and returned: which.</param>
[GenerateSerializer, Immutable, Alias("holdfast.Movement")]
public sealed record Movement(
    [property: Id(0)] long Version,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] string Kind,
    [property: Id(3)] long Delta,
    [property: Id(4)] long OnHand,
    [property: Id(5)] string? Reason,
    [property: Id(6)] string? Reference,
    [property: Id(7)] Guid? Reservation)
{
    /// <summary>Since when it has been so; null when that is when it was recorded.</summary>
    [Id(8)]
    public DateTimeOffset? EffectiveAt { get; init; }

    /// <summary>The number that its source gave it; null for what has none.</summary>
    [Id(9)]
    public SourceNumber? Number { get; init; }
}

/// <param name="Exists">False when the product was never created.</param>
/// <param name="Movements">In the order that was asked for.</param>
/// <param name="Next">Pass as "after" for the next page; null at the end. A page can be short, even empty, and have a next.</param>
[GenerateSerializer, Immutable, Alias("holdfast.MovementPage")]
public sealed record MovementPage([property: Id(0)] bool Exists, [property: Id(1)] Movement[] Movements, [property: Id(2)] long? Next);
