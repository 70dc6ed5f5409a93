namespace Holdfast.Contracts.Orders;

/// <summary>What waits for an operator, of all orders. Touches none of them. Any key will do: different ones ask different silos.</summary>
[Alias("holdfast.IAttentionDesk")]
public interface IAttentionDesk : IGrainWithIntegerKey
{
    /// <summary>Orders that are parked, or whose refund does not get through, by their id.</summary>
    /// <param name="after">An order's id; empty for the beginning.</param>
    [Alias("ReadOrders")]
    ValueTask<AttentionPage> ReadOrders(string after, int limit);

    /// <summary>Messages that were given up, newest first.</summary>
    [Alias("ReadDeadLetters")]
    ValueTask<GivenUpMessage[]> ReadDeadLetters(int limit);
}

/// <param name="More">There are further ones after the last.</param>
[GenerateSerializer, Immutable, Alias("holdfast.AttentionPage")]
public sealed record AttentionPage([property: Id(0)] NeedyOrder[] Orders, [property: Id(1)] bool More);

/// <param name="OrderId"><c>ord_…</c></param>
/// <param name="Reason">A code of <see cref="OrderReason"/>.</param>
/// <param name="Detail">Which step failed, and how.</param>
[GenerateSerializer, Immutable, Alias("holdfast.NeedyOrder")]
public sealed record NeedyOrder(
    [property: Id(0)] string OrderId,
    [property: Id(1)] DateTimeOffset Since,
    [property: Id(2)] string Reason,
    [property: Id(3)] string Detail);

/// <param name="Stream">The owner that sent it.</param>
[GenerateSerializer, Immutable, Alias("holdfast.GivenUpMessage")]
public sealed record GivenUpMessage(
    [property: Id(0)] Guid Id,
    [property: Id(1)] string Type,
    [property: Id(2)] string Stream,
    [property: Id(3)] int Attempts,
    [property: Id(4)] DateTimeOffset SentAt,
    [property: Id(5)] DateTimeOffset GivenUpAt,
    [property: Id(6)] string Error);
