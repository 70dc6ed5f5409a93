namespace Holdfast.Grains.Orders;

/// <summary>
/// The orders of this silo that ended last, or were looked at last after their end. Each is there for whoever placed it and asks once
/// more; when so many have ended after it, it leaves memory, and a later question reads it from the journal.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class EndedOrders
{
    /// <summary>Some 4 KB each, and at full load the orders of one to two seconds.</summary>
    public const int Kept = 4_096;

    private static readonly DeactivationReason Reason = new(DeactivationReasonCode.ApplicationRequested, "The order has ended.");

    private readonly IGrainContext?[] _kept = new IGrainContext?[Kept];
    private uint _next;

    /// <summary>Once an activation, when its end is durable.</summary>
    public void Add(IGrainContext order)
    {
        var place = Interlocked.Increment(ref _next) % Kept;
        Interlocked.Exchange(ref _kept[place], order)?.Deactivate(Reason);
    }
}
