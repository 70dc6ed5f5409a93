using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Orders;

public sealed partial class OrderState
{
    public SeenFence[]? Fences { get; private set; }

    /// <summary>Whether it only says which lease the order has seen. To the order itself nothing has happened then.</summary>
    private bool TakesAsFence(OrderEvent @event)
    {
        if (@event is not OrderEvent.FenceSeen seen) return false;
        (Fences, Beside) = (Fences.With(seen.Name, seen.Number), null);
        return true;
    }
}
