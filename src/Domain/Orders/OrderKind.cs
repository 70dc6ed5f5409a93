using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Orders;

/// <summary>How an order's history is stored, and which message follows from which event. An order is too short for snapshots.</summary>
public sealed class OrderKind : OwnerKind<OrderState, OrderEvent>
{
    public static readonly OrderKind Instance = new();

    /// <summary>How the events of a row end, as stored, after which nothing is left to do.</summary>
    public static readonly string[] Endings = [Ending(new OrderEvent.Completed()), Ending(new OrderEvent.Cancelled())];

    public override string Name => "order";

    public override JsonTypeInfo<OrderEvent[]> Events => OrderJson.Default.OrderEventArray;

    public override OrderState NewState(string key) => new(key);

    /// <summary>All that happens to it; which lease it has seen is nobody's.</summary>
    public override bool Publishes(OrderEvent @event) => @event is not OrderEvent.FenceSeen;

    public override OutgoingMessage? MessageAfter(OrderState state, OrderEvent @event) => @event switch
    {
        OrderEvent.PaymentNeverMade { LookAgainAt: { } dueAt } =>
            Step(StepType.LateCharge, state, MessageClass.FinishOutside, DateTimeOffset.FromUnixTimeMilliseconds(dueAt)),
        OrderEvent.Resumed resumed => Step(resumed.Step, state, ClassOf(resumed.Step)),
        OrderEvent.ReservingStarted => Step(StepType.Reserve, state, MessageClass.Step),
        OrderEvent.ChargingStarted or OrderEvent.SettlingStarted => Step(StepType.Charge, state, MessageClass.Outside),
        OrderEvent.CompletingStarted => Step(StepType.Complete, state, MessageClass.Finish),
        OrderEvent.CancellingStarted => Step(StepType.Undo, state, MessageClass.Finish),
        OrderEvent.RefundStarted => Step(StepType.Refund, state, MessageClass.FinishOutside),
        _ => null,
    };

    public override OrderEvent FenceSeen(string name, long number) => new OrderEvent.FenceSeen(name, number);

    public override bool Erases(OrderEvent @event) => @event is OrderEvent.Erased;

    private static string Ending(OrderEvent last) => JsonSerializer.Serialize([last], OrderJson.Default.OrderEventArray)[1..];

    private static MessageClass ClassOf(string step) => step switch
    {
        StepType.Charge => MessageClass.Outside,
        StepType.Complete or StepType.Undo => MessageClass.Finish,
        StepType.Refund or StepType.LateCharge => MessageClass.FinishOutside,
        _ => MessageClass.Step,
    };

    private static OutgoingMessage Step(string type, OrderState state, MessageClass messageClass, DateTimeOffset? dueAt = null) =>
        new(messageClass, type, JsonSerializer.SerializeToUtf8Bytes(new(state.PublicId, state.Attempt), OrderJson.Default.StepMessage), dueAt);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OrderEvent[]))]
[JsonSerializable(typeof(StepMessage))]
public sealed partial class OrderJson : JsonSerializerContext;
