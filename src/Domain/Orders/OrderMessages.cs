namespace Holdfast.Domain.Orders;

/// <summary>The stable names of the steps' messages.</summary>
public static class StepType
{
    public const string Reserve = "order.reserve";
    public const string Charge = "order.charge";
    public const string Complete = "order.complete";
    public const string Undo = "order.undo";
    public const string Refund = "order.refund";
    public const string LateCharge = "order.late_charge";
}

/// <summary>The body of a step's message.</summary>
public sealed record StepMessage(string Order, int Attempt);
