using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Grains.GroupCommit;
using Holdfast.Journal;
using Holdfast.Outbox.Lanes;

namespace Holdfast.Grains.Orders;

/// <summary>How an order's history is stored, and which message follows from which event. An order is too short for snapshots.</summary>
internal sealed class OrderStream : StreamDefinition<OrderState, OrderEvent>
{
    public static readonly OrderStream Definition = new();

    /// <summary>How the events of a row end, as stored, after which nothing is left to do.</summary>
    public static readonly string[] Endings = [Ending(new OrderEvent.Completed()), Ending(new OrderEvent.Cancelled())];

    public override string Kind => "order";

    public override JsonTypeInfo<OrderEvent[]> Events => OrderJson.Default.OrderEventArray;

    public override OrderState NewState(string key) => new(key);

    public override void Apply(OrderState state, OrderEvent @event, long version, DateTimeOffset at) => state.Apply(@event, version, at);

    public override OutgoingMessage? MessageAfter(OrderState state, OrderEvent @event) => @event switch
    {
        OrderEvent.PaymentNeverMade { LookAgainAt: { } dueAt } =>
            Step(StepType.LateCharge, state, LaneClass.Refund, DateTimeOffset.FromUnixTimeMilliseconds(dueAt)),
        OrderEvent.Resumed resumed => Step(resumed.Step, state, ClassOf(resumed.Step)),
        OrderEvent.ReservingStarted => Step(StepType.Reserve, state, LaneClass.Step),
        OrderEvent.ChargingStarted or OrderEvent.SettlingStarted => Step(StepType.Charge, state, LaneClass.Payment),
        OrderEvent.CompletingStarted => Step(StepType.Complete, state, LaneClass.Finish),
        OrderEvent.CancellingStarted => Step(StepType.Undo, state, LaneClass.Finish),
        OrderEvent.RefundStarted => Step(StepType.Refund, state, LaneClass.Refund),
        _ => null,
    };

    public override Beside? BesideAfter(OrderState state, OrderEvent @event) => state.Beside;

    private static string Ending(OrderEvent last) => JsonSerializer.Serialize([last], OrderJson.Default.OrderEventArray)[1..];

    private static LaneClass ClassOf(string step) => step switch
    {
        StepType.Charge => LaneClass.Payment,
        StepType.Complete or StepType.Undo => LaneClass.Finish,
        StepType.Refund or StepType.LateCharge => LaneClass.Refund,
        _ => LaneClass.Step,
    };

    private static OutgoingMessage Step(string type, OrderState state, LaneClass laneClass, DateTimeOffset? dueAt = null) =>
        new(laneClass, type, JsonSerializer.SerializeToUtf8Bytes(new(state.PublicId, state.Attempt), OrderJson.Default.StepMessage), dueAt);
}

/// <summary>The stable names of the steps' messages.</summary>
internal static class StepType
{
    public const string Reserve = "order.reserve";
    public const string Charge = "order.charge";
    public const string Complete = "order.complete";
    public const string Undo = "order.undo";
    public const string Refund = "order.refund";
    public const string LateCharge = "order.late_charge";
}

/// <summary>The body of a step's message.</summary>
internal sealed record StepMessage(string Order, int Attempt);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OrderEvent[]))]
[JsonSerializable(typeof(StepMessage))]
internal sealed partial class OrderJson : JsonSerializerContext;
