namespace Holdfast.Contracts.Orders;

/// <summary>What waits for an operator, of all orders. Touches none of them. Any key will do: different ones ask different silos.</summary>
[Alias("holdfast.IAttentionDesk")]
public interface IAttentionDesk : IGrainWithIntegerKey
{
    /// <summary>Orders that are parked, whose refund does not get through, or with a step that is tried again, by their id.</summary>
    /// <param name="after">An order's id; empty for the beginning.</param>
    [Alias("ReadOrders")]
    ValueTask<AttentionPage> ReadOrders(string after, int limit);

    /// <summary>Messages that were given up, newest first.</summary>
    /// <param name="before">Behind which one; null for the first page.</param>
    [Alias("ReadDeadLettersBehind")]
    ValueTask<GivenUpMessage[]> ReadDeadLetters(GivenUpPlace? before, int limit);
}

/// <param name="More">There are further ones after the last.</param>
[GenerateSerializer, Immutable, Alias("holdfast.AttentionPage")]
public sealed record AttentionPage([property: Id(0)] NeedyOrder[] Orders, [property: Id(1)] bool More);

/// <param name="OrderId"><c>ord_…</c></param>
/// <param name="Reason">A code of <see cref="OrderReason"/>; <see cref="OrderReason.Retrying"/> when that is all.</param>
/// <param name="Detail">Which step failed, and how.</param>
/// <param name="Retrying">The step that is tried again; null for none.</param>
[GenerateSerializer, Immutable, Alias("holdfast.NeedyOrder")]
public sealed record NeedyOrder(
    [property: Id(0)] string OrderId,
    [property: Id(1)] DateTimeOffset Since,
    [property: Id(2)] string Reason,
    [property: Id(3)] string Detail,
    [property: Id(4)] RetryingStep? Retrying = null);

/// <summary>A step that is tried again by itself.</summary>
/// <param name="Type">The message's type: order.reserve, order.charge …</param>
/// <param name="Since">When it was asked for.</param>
/// <param name="Attempts">Runs that failed. A run that could not do its work yet, through no fault of its own, is not counted.</param>
/// <param name="LastError">Why the last run did not finish it.</param>
[GenerateSerializer, Immutable, Alias("holdfast.RetryingStep")]
public sealed record RetryingStep(
    [property: Id(0)] string Type,
    [property: Id(1)] DateTimeOffset Since,
    [property: Id(2)] int Attempts,
    [property: Id(3)] DateTimeOffset NextTryAt,
    [property: Id(4)] string LastError);

/// <summary>Where a message that was given up stands in their list.</summary>
[GenerateSerializer, Immutable, Alias("holdfast.GivenUpPlace")]
public sealed record GivenUpPlace([property: Id(0)] DateTimeOffset GivenUpAt, [property: Id(1)] Guid Id);

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
