using Holdfast.Contracts.Inventory;

namespace Holdfast.Contracts.Orders;

/// <summary>One thing that happened to an order.</summary>
/// <param name="Version">Of the order, when it had happened; unique and ascending.</param>
/// <param name="What">A stable code, such as captured.</param>
/// <param name="Reason">Of a cancel, and of what was parked: a code of <see cref="OrderReason"/>.</param>
/// <param name="Detail">What there is to know, for people.</param>
/// <param name="Amount">Of money: how much.</param>
/// <param name="Verb">What somebody had asked for, when that was the cause.</param>
/// <param name="Note">What whoever asked had to say.</param>
[GenerateSerializer, Immutable, Alias("holdfast.OrderHistoryEntry")]
public sealed record OrderHistoryEntry(
    [property: Id(0)] long Version,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] string What,
    [property: Id(3)] string? Reason = null,
    [property: Id(4)] string? Detail = null,
    [property: Id(5)] Money? Amount = null,
    [property: Id(6)] string? Verb = null,
    [property: Id(7)] string? Note = null);

/// <param name="Exists">False when no such order was placed.</param>
/// <param name="Entries">In the order that was asked for.</param>
/// <param name="Next">The version behind which the next page begins; null at the end.</param>
[GenerateSerializer, Immutable, Alias("holdfast.OrderHistoryPage")]
public sealed record OrderHistoryPage(
    [property: Id(0)] bool Exists, [property: Id(1)] OrderHistoryEntry[] Entries, [property: Id(2)] long? Next);
