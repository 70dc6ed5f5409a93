using Holdfast.Contracts.Orders;
using Holdfast.Domain.Counters;
using Holdfast.Domain.Inventory;
using Holdfast.Domain.Orders;
using Holdfast.Domain.Profiles;

namespace Holdfast.Tests.Domain.Owner;

/// <summary>What owners store of fences, for ever; see <see cref="StoredShapeTests"/>.</summary>
internal static class StoredFences
{
    private const string One = "00000001-0000-0000-0000-000000000000";

    private const string Json = """{"type":"fence.seen","name":"nightly","number":9223372036854775807}""";

    private static readonly Guid Id = new(One);

    public static readonly (StockEvent Event, string Json)[] Stock = [(new StockEvent.FenceSeen("nightly", long.MaxValue), Json)];

    public static readonly (CounterEvent Event, string Json)[] Counter = [(new CounterEvent.FenceSeen("nightly", long.MaxValue), Json)];

    public static readonly (ProfileEvent Event, string Json)[] Profile =
    [
        (new ProfileEvent.FenceSeen("nightly", long.MaxValue), Json),
        (new ProfileEvent.Erased(Id, 1, []) { Fences = [new("nightly", 7)] },
            $$"""{"type":"profile.erased","operation":"{{One}}","fingerprint":1,"known":[],"fences":[{"name":"nightly","number":7}]}"""),
    ];

    public static readonly (OrderEvent Event, string Json)[] Order =
    [
        (new OrderEvent.FenceSeen("nightly", long.MaxValue), Json),
        (new OrderEvent.Erased(Id, OrderStatus.Cancelled, PaymentStatus.None, 1, 2, []) { Fences = [new("nightly", 7)] },
            $$"""{"type":"order.erased","operation":"{{One}}","status":"Cancelled","payment":"None","attempt":1,"placedAt":2,"lines":[],"""
            + """ "attempts":[],"known":[],"fences":[{"name":"nightly","number":7}]}""".TrimStart()),
    ];
}
