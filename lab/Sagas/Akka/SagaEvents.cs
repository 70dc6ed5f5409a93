using System.Text.Json;
using System.Text.Json.Serialization;
using Akka.Actor;
using Akka.Serialization;

namespace Holdfast.Lab.Sagas.Akka;

/// <summary>What the journal keeps; a name each, and JSON.</summary>
internal interface ISagaEvent;

internal sealed record StockOpened(long OnHand) : ISagaEvent;

internal sealed record StockHeld(string Order) : ISagaEvent;

internal sealed record StockSold(string Order) : ISagaEvent;

internal sealed record StockReleased(string Order) : ISagaEvent;

internal sealed record OrderPlaced(SagaOrder Order) : ISagaEvent;

internal sealed record LinesReserved(long Total) : ISagaEvent;

internal sealed record OrderCharged : ISagaEvent;

/// <summary>Not all lines could be held, or the payment was declined: what is held goes back.</summary>
internal sealed record OrderRefused : ISagaEvent;

internal sealed record OrderCompleted : ISagaEvent;

internal sealed record OrderCancelled : ISagaEvent;

/// <summary>Akka.NET's own JSON names .NET types in the journal, and its documentation advises against keeping that.</summary>
internal sealed class SagaEventSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private static readonly Dictionary<string, Type> Types = new()
    {
        ["stock-opened"] = typeof(StockOpened),
        ["stock-held"] = typeof(StockHeld),
        ["stock-sold"] = typeof(StockSold),
        ["stock-released"] = typeof(StockReleased),
        ["order-placed"] = typeof(OrderPlaced),
        ["order-reserved"] = typeof(LinesReserved),
        ["order-charged"] = typeof(OrderCharged),
        ["order-refused"] = typeof(OrderRefused),
        ["order-completed"] = typeof(OrderCompleted),
        ["order-cancelled"] = typeof(OrderCancelled),
    };

    private static readonly Dictionary<Type, string> Names = Types.ToDictionary(static type => type.Value, static type => type.Key);

    /// <summary>Any that Akka.NET does not use itself.</summary>
    public override int Identifier => 7_001;

    public override string Manifest(object o) => Names[o.GetType()];

    public override byte[] ToBinary(object obj) => JsonSerializer.SerializeToUtf8Bytes(obj, obj.GetType(), SagaEventJson.Default);

    public override object FromBinary(byte[] bytes, string manifest) => JsonSerializer.Deserialize(bytes, Types[manifest], SagaEventJson.Default)!;
}

[JsonSerializable(typeof(StockOpened))]
[JsonSerializable(typeof(StockHeld))]
[JsonSerializable(typeof(StockSold))]
[JsonSerializable(typeof(StockReleased))]
[JsonSerializable(typeof(OrderPlaced))]
[JsonSerializable(typeof(LinesReserved))]
[JsonSerializable(typeof(OrderCharged))]
[JsonSerializable(typeof(OrderRefused))]
[JsonSerializable(typeof(OrderCompleted))]
[JsonSerializable(typeof(OrderCancelled))]
internal sealed partial class SagaEventJson : JsonSerializerContext;
