using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Callers;
using Holdfast.Domain.Counters;
using Holdfast.Domain.Inventory;
using Holdfast.Domain.Leases;
using Holdfast.Domain.Orders;
using Holdfast.Domain.Owner;
using Holdfast.Domain.Profiles;

namespace Holdfast.Tests.Domain.Owner;

/// <summary>
/// What is stored stays readable for ever. A test that fails here says that a journal, an outbox or a snapshot of an earlier version
/// could no longer be read: the change needs a new name beside the old one, never a rename.
/// </summary>
public sealed class StoredShapeTests
{
    private const string One = "00000001-0000-0000-0000-000000000000";
    private const string Two = "00000002-0000-0000-0000-000000000000";

    // Past what a double holds exactly: a fingerprint and a quantity must come back to the last digit.
    private const ulong Fingerprint = ulong.MaxValue;
    private const long Large = long.MaxValue;

    /// <summary>Where the filter has the operation <see cref="Two"/>: stored, so never elsewhere.</summary>
    private const string PinnedBits = "(1, 5) (64, 15) (64, 20) (32, 31) (16, 35) (4, 45) (32, 48) (128, 56)";

    private static readonly Guid Id = new(One);

    private static readonly (StockEvent Event, string Json)[] Stock =
    [
        (new StockEvent.DetailsPut(Id, Fingerprint, "Tea", 250, "EUR"),
            $$"""{"type":"product.put","operation":"{{One}}","fingerprint":18446744073709551615,"name":"Tea","amount":250,"currency":"EUR"}"""),
        (new StockEvent.DetailsPut(Id, 1, "Tea", 2, "EUR") { Reference = "A-7", Metadata = new() { ["a"] = "1" }, Archived = true },
            $$$"""{"type":"product.put","operation":"{{{One}}}","fingerprint":1,"name":"Tea","amount":2,"currency":"EUR","""
            + """ "reference":"A-7","metadata":{"a":"1"},"archived":true}""".TrimStart()),
        (new StockEvent.Adjusted(Id, Fingerprint, -3, Large, "damaged", "doc-1"),
            $$"""{"type":"stock.adjusted","operation":"{{One}}","fingerprint":18446744073709551615,"delta":-3,"onHand":9223372036854775807,"reason":"damaged","reference":"doc-1"}"""),
        (new StockEvent.Adjusted(Id, 1, 3, 4, "received", null),
            $$"""{"type":"stock.adjusted","operation":"{{One}}","fingerprint":1,"delta":3,"onHand":4,"reason":"received"}"""),
        (new StockEvent.Counted(Id, Fingerprint, -6, 4),
            $$"""{"type":"stock.set","operation":"{{One}}","fingerprint":18446744073709551615,"delta":-6,"onHand":4}"""),
        (new StockEvent.Counted(Id, 1, 0, 4, "found", "doc-2"),
            $$"""{"type":"stock.set","operation":"{{One}}","fingerprint":1,"delta":0,"onHand":4,"reason":"found","reference":"doc-2"}"""),
        (new StockEvent.Reserved(Id, Fingerprint, 2, 1772366400000, 250, "EUR"),
            $$"""{"type":"stock.reserved","id":"{{One}}","fingerprint":18446744073709551615,"quantity":2,"expiresAt":1772366400000,"amount":250,"currency":"EUR"}"""),
        (new StockEvent.Reserved(Id, 1, 2, 3, 250, "EUR") { Text = new("c-1", "A-7") },
            $$$"""{"type":"stock.reserved","id":"{{{One}}}","fingerprint":1,"quantity":2,"expiresAt":3,"amount":250,"""
            + """ "currency":"EUR","text":{"customerId":"c-1","reference":"A-7"}}""".TrimStart()),
        (new StockEvent.Extended(Id, 1772366400000), $$"""{"type":"stock.extended","id":"{{One}}","expiresAt":1772366400000}"""),
        (new StockEvent.Extended(Id, 3) { By = new(new(Two), Fingerprint) },
            $$$"""{"type":"stock.extended","id":"{{{One}}}","expiresAt":3,"""
            + $$$""" "by":{"operation":"{{{Two}}}","fingerprint":18446744073709551615}}""".TrimStart()),
        (new StockEvent.Committed(Id, 2, 8) { By = new(new(Two), 1) },
            $$$"""{"type":"stock.committed","id":"{{{One}}}","quantity":2,"onHand":8,"by":{"operation":"{{{Two}}}","fingerprint":1}}"""),
        (new StockEvent.Released(Id) { By = new(new(Two), 1) },
            $$$"""{"type":"stock.released","id":"{{{One}}}","by":{"operation":"{{{Two}}}","fingerprint":1}}"""),
        (new StockEvent.Committed(Id, 2, 8, new(7, 2, 1772366400000)),
            $$$"""{"type":"stock.committed","id":"{{{One}}}","quantity":2,"onHand":8,"late":{"fingerprint":7,"quantity":2,"expiresAt":1772366400000}}"""),
        (new StockEvent.Committed(Id, 2, 8), $$"""{"type":"stock.committed","id":"{{One}}","quantity":2,"onHand":8}"""),
        (new StockEvent.Released(Id), $$"""{"type":"stock.released","id":"{{One}}"}"""),
        (new StockEvent.Released(Id, new(7, 2, 1772366400000)),
            $$$"""{"type":"stock.released","id":"{{{One}}}","late":{"fingerprint":7,"quantity":2,"expiresAt":1772366400000}}"""),
        (new StockEvent.Returned(Id, 2, 10, new(7, 2, 1772366400000)),
            $$$"""{"type":"stock.returned","id":"{{{One}}}","quantity":2,"onHand":10,"hold":{"fingerprint":7,"quantity":2,"expiresAt":1772366400000}}"""),
        (new StockEvent.Expired(1772366400000), """{"type":"stock.expired","through":1772366400000}"""),
        (new StockEvent.ReceiptsMoved(10_000), """{"type":"receipts.moved","count":10000}"""),
    ];

    private static readonly (CounterEvent Event, string Json)[] Counter =
    [
        (new CounterEvent.Incremented(Id, Fingerprint, -1, Large),
            $$"""{"type":"counter.incremented","operation":"{{One}}","fingerprint":18446744073709551615,"delta":-1,"value":9223372036854775807}"""),
        (new CounterEvent.Sharded(Id, Fingerprint, 16),
            $$"""{"type":"counter.sharded","operation":"{{One}}","fingerprint":18446744073709551615,"shards":16}"""),
        (new CounterEvent.ReceiptsMoved(10_000), """{"type":"receipts.moved","count":10000}"""),
    ];

    private static readonly (ProfileEvent Event, string Json)[] Profile =
    [
        (new ProfileEvent.Put(Id, Fingerprint, new JsonObject { ["name"] = "Ada" }),
            $$$"""{"type":"profile.put","operation":"{{{One}}}","fingerprint":18446744073709551615,"profile":{"name":"Ada"}}"""),
        (new ProfileEvent.Patched(Id, Fingerprint, new JsonObject { ["name"] = null, ["age"] = 36 }),
            $$$"""{"type":"profile.patched","operation":"{{{One}}}","fingerprint":18446744073709551615,"patch":{"name":null,"age":36}}"""),
        (new ProfileEvent.Erased(Id, Fingerprint, [new(new(Two), new(5, 1772366400000, 1, -2, 3))]),
            $$$"""{"type":"profile.erased","operation":"{{{One}}}","fingerprint":18446744073709551615,"known":[{"id":"{{{Two}}}","receipt":{"fingerprint":5,"at":1772366400000,"kind":1,"a":-2,"b":3}}]}"""),
        (new ProfileEvent.ReceiptsMoved(10_000), """{"type":"receipts.moved","count":10000}"""),
    ];

    private static readonly (OrderEvent Event, string Json)[] Order =
    [
        (new OrderEvent.Placed(Id, Fingerprint, "customer-1", [new("sku-1", 2)], "tok_ok"),
            $$"""{"type":"order.placed","operation":"{{One}}","fingerprint":18446744073709551615,"customerId":"customer-1","lines":[{"sku":"sku-1","quantity":2}],"paymentToken":"tok_ok"}"""),
        (new OrderEvent.Placed(Id, Fingerprint, "customer-1", [new("sku-1", 2)]) { Secret = "tok_never_stored" },
            $$"""{"type":"order.placed","operation":"{{One}}","fingerprint":18446744073709551615,"customerId":"customer-1","lines":[{"sku":"sku-1","quantity":2}]}"""),
        (new OrderEvent.ReservingStarted(1, 1772366400000), """{"type":"order.reserving","attempt":1,"deadline":1772366400000}"""),
        (new OrderEvent.LinesReserved([250, 300], "EUR", Large, 1772366400000),
            """{"type":"order.reserved","prices":[250,300],"currency":"EUR","total":9223372036854775807,"heldUntil":1772366400000}"""),
        (new OrderEvent.ChargingStarted(1, 1772366400000), """{"type":"order.charging","attempt":1,"giveUpAt":1772366400000}"""),
        (new OrderEvent.PaymentCaptured("ch_1"), """{"type":"payment.captured","chargeId":"ch_1"}"""),
        (new OrderEvent.PaymentCaptured("ch_1", Large, "EUR"),
            """{"type":"payment.captured","chargeId":"ch_1","amount":9223372036854775807,"currency":"EUR"}"""),
        (new OrderEvent.PaymentDeclined("no funds"), """{"type":"payment.declined","reason":"no funds"}"""),
        (new OrderEvent.PaymentNeverMade(), """{"type":"payment.never_made"}"""),
        (new OrderEvent.PaymentNeverMade(1772366400000), """{"type":"payment.never_made","lookAgainAt":1772366400000}"""),
        (new OrderEvent.CompletingStarted(2), """{"type":"order.completing","attempt":2}"""),
        (new OrderEvent.Completed(), """{"type":"order.completed"}"""),
        (new OrderEvent.CancellingStarted(2, "insufficient_stock", [new("sku-1", 5, 3)], ChargeMayBeOut: true),
            """{"type":"order.cancelling","attempt":2,"reason":"insufficient_stock","shortfalls":[{"sku":"sku-1","asked":5,"available":3}],"chargeMayBeOut":true}"""),
        (new OrderEvent.CancellingStarted(2, "insufficient_stock", [new("sku-1", 5, 0, "unknown_product")], ChargeMayBeOut: false),
            """{"type":"order.cancelling","attempt":2,"reason":"insufficient_stock","shortfalls":[{"sku":"sku-1","asked":5,"available":0,"reason":"unknown_product"}],"chargeMayBeOut":false}"""),
        (new OrderEvent.CancellingStarted(2, "hold_expired", null, ChargeMayBeOut: false),
            """{"type":"order.cancelling","attempt":2,"reason":"hold_expired","chargeMayBeOut":false}"""),
        (new OrderEvent.CancellingStarted(2, "hold_expired", null, ChargeMayBeOut: true, LeaveWhatFails: true),
            """{"type":"order.cancelling","attempt":2,"reason":"hold_expired","chargeMayBeOut":true,"leaveWhatFails":true}"""),
        (new OrderEvent.LinesUndone(), """{"type":"order.lines_undone"}"""),
        (new OrderEvent.LinesUndone(["sku-1"]), """{"type":"order.lines_undone","left":["sku-1"]}"""),
        (new OrderEvent.Described("A-7", new() { ["a"] = "1" }), """{"type":"order.described","reference":"A-7","metadata":{"a":"1"}}"""),
        (new OrderEvent.Described(null, null), """{"type":"order.described"}"""),
        (new OrderEvent.Erased(Id, OrderStatus.Cancelled, PaymentStatus.None, 1, 1772366400000, [new("sku-1", 2)]),
            $$"""{"type":"order.erased","operation":"{{One}}","status":"Cancelled","payment":"None","attempt":1,"placedAt":1772366400000"""
            + ""","lines":[{"sku":"sku-1","quantity":2}],"attempts":[],"known":[]}"""),
        (new OrderEvent.Erased(Id, OrderStatus.Completed, PaymentStatus.Captured, 1, 1772366400000, [new("sku-1", 2)])
            {
                Prices = [250],
                Total = new(500, "EUR"),
                ChargeId = "ch_1",
                Captured = new(500, "EUR"),
                Attempts =
                [
                    new(PaymentAttemptStatus.Captured, 1772366400000, "ch_1"),
                    new(PaymentAttemptStatus.Declined, 1772366400000, DeclineCode: "no"),
                ],
                Reason = "hold_expired",
                CancelReason = "hold_expired",
                Shortfalls = [new("sku-1", 5, 3)],
                Left = ["sku-2"],
                Known = [new("retry", Id, 0)],
            },
            $$"""{"type":"order.erased","operation":"{{One}}","status":"Completed","payment":"Captured","attempt":1"""
            + ""","placedAt":1772366400000,"lines":[{"sku":"sku-1","quantity":2}],"prices":[250],"total":{"amount":500,"currency":"EUR"}"""
            + ""","chargeId":"ch_1","captured":{"amount":500,"currency":"EUR"}"""
            + ""","attempts":[{"status":"Captured","at":1772366400000,"chargeId":"ch_1"}"""
            + """,{"status":"Declined","at":1772366400000,"declineCode":"no"}]"""
            + ""","reason":"hold_expired","cancelReason":"hold_expired","shortfalls":[{"sku":"sku-1","asked":5,"available":3}]"""
            + $$""","left":["sku-2"],"known":[{"verb":"retry","operation":"{{One}}","fingerprint":0}]}"""),
        (new OrderEvent.CompletingStarted(3) { By = new("retry", Id, 1, "back") },
            $$$"""{"type":"order.completing","attempt":3,"by":{"verb":"retry","operation":"{{{One}}}","fingerprint":1,"note":"back"}}"""),
        (new OrderEvent.CompletingStarted(2) { By = new("retry", Id, Fingerprint) },
            $$$"""{"type":"order.completing","attempt":2,"by":{"verb":"retry","operation":"{{{One}}}","fingerprint":18446744073709551615}}"""),
        (new OrderEvent.SettlingStarted(2), """{"type":"payment.settling","attempt":2}"""),
        (new OrderEvent.SettlingStarted(2, 1772366400000), """{"type":"payment.settling","attempt":2,"giveUpAt":1772366400000}"""),
        (new OrderEvent.RefundStarted(2), """{"type":"payment.refunding","attempt":2}"""),
        (new OrderEvent.RefundFailing("no answer"), """{"type":"payment.refund_failing","detail":"no answer"}"""),
        (new OrderEvent.PaymentRefunded(), """{"type":"payment.refunded"}"""),
        (new OrderEvent.Cancelled(), """{"type":"order.cancelled"}"""),
        (new OrderEvent.Parked("order.charge", "payment_unknown", "no answer"),
            """{"type":"order.parked","step":"order.charge","reason":"payment_unknown","detail":"no answer"}"""),
        (new OrderEvent.Resumed("order.undo"), """{"type":"order.resumed","step":"order.undo"}"""),
    ];

    /// <summary>By the name of the owner's streams. The shape is that of its snapshots, null when it takes none.</summary>
    private static readonly Dictionary<string, Action> Pinned = new()
    {
        ["product"] = static () => AssertPinned(
            StockKind.Instance, "stock/1", [.. Stock, .. StoredSources.Events, .. StoredFences.Stock, .. StoredPriceTests.Events]),
        ["lease"] = static () => AssertPinned(LeaseKind.Instance, "lease/1", StoredLeases.Events),
        ["keyring"] = static () => AssertPinned(KeyringKind.Instance, null, StoredKeys.Events),
        ["counter-shard"] = static () => AssertPinned(CounterShardKind.Instance, "counter/1", [.. Counter, .. StoredFences.Counter]),
        ["counter"] = static () => AssertPinned(CounterKind.Instance, "counter/1", [.. Counter, .. StoredFences.Counter]),
        ["profile"] = static () => AssertPinned(ProfileKind.Instance, null, [.. Profile, .. StoredFences.Profile]),
        ["order"] = static () => AssertPinned(OrderKind.Instance, null, [.. Order, .. StoredFences.Order]),
    };

    public static TheoryData<string> Owners() => [.. OwnerNames()];

    [Theory]
    [MemberData(nameof(Owners))]
    public void Every_event_of_an_owner_is_stored_as_ever(string owner)
    {
        Assert.True(Pinned.ContainsKey(owner), $"Pin the events of '{owner}' here: what is stored once is read for ever.");
        Pinned[owner]();
    }

    [Fact]
    public void Streams_have_the_names_they_always_had() => Assert.Equal(Pinned.Keys.Order(), OwnerNames().Order());

    [Fact]
    public void A_steps_message_is_stored_as_ever()
    {
        AssertStored(new StepMessage("ord_1", 2), """{"order":"ord_1","attempt":2}""", OrderJson.Default.StepMessage);
        Assert.Equal(
            ["order.charge", "order.complete", "order.late_charge", "order.refund", "order.reserve", "order.undo"],
            typeof(StepType).GetFields().Select(static name => (string)name.GetRawConstantValue()!).Order());
    }

    /// <summary>A snapshot of another shape is ignored, so its form may change: together with the name of its shape.</summary>
    [Fact]
    public void A_snapshot_of_a_product_is_stored_as_its_shape_says()
    {
        const string json = $$$"""{"name":"Tea","amount":250,"currency":"EUR","detailsVersion":1,"onHand":10,"stockVersion":2,"version":5,"holds":[{"id":"{{{One}}}","quantity":4,"expiresAt":1772366400000,"fingerprint":7,"amount":250,"currency":"EUR"}],"receipts":{"spilledUntil":8,"kept":[{"id":"{{{Two}}}","receipt":{"fingerprint":5,"at":6,"kind":2,"a":4,"b":7}}],"spilled":[{"since":0,"until":8,"count":0,"bits":""}]}}""";
        var state = StockState.Restore("sku-1", new(
            "Tea", 250, "EUR", 1, 10, 2, 5,
            [new(Id, 4, 1772366400000, 7, 250, "EUR")],
            new(8, [new(new(Two), new(5, 6, 2, 4, 7))])));

        Assert.Equal("stock/1", StockKind.Instance.Snapshots.Shape);
        Assert.Equal(json, System.Text.Encoding.UTF8.GetString(StockKind.Instance.Snapshots.Capture(state)()));
        Assert.Equal(StateText.Of(state), StateText.Of(StockKind.Instance.Snapshots.Restore("sku-1", System.Text.Encoding.UTF8.GetBytes(json))));
    }

    [Fact]
    public void What_a_product_moved_to_the_table_is_stored_as_ever_and_optional()
    {
        const string Head = """{"amount":0,"detailsVersion":0,"onHand":0,"stockVersion":0,"version":0,"holds":[],"receipts":{"spilledUntil":""";
        const string Tail = "}}";
        var state = new StockState("sku-1");
        state.Receipts.Record(new(Two), new(5, 6, 2, 4, 7));
        state.Receipts.MoveOldest(1);
        state.Receipts.ForgetMoved();

        var json = System.Text.Encoding.UTF8.GetString(StockKind.Instance.Snapshots.Capture(state)());
        Assert.StartsWith($$"""{{Head}}86400006,"kept":[],"spilled":[{"since":86400006,"until":86400006,"count":1,"bits":"AAAA""", json);
        var bits = state.Receipts.Capture().Spilled![0].Bits;
        Assert.Equal(PinnedBits, string.Join(' ', bits.Select(static (value, at) => (value, at)).Where(static set => set.value != 0)));

        // Written before there was such a member.
        var old = StockKind.Instance.Snapshots.Restore("sku-1", System.Text.Encoding.UTF8.GetBytes($"""{Head}86400006,"kept":[]{Tail}"""));
        Assert.True(old.Receipts.MayBeInTable(new(Two), 7));
        Assert.True(old.Receipts.MayBeInTable(new(One), 7));
    }

    [Fact]
    public void A_snapshot_of_a_counter_is_stored_as_its_shape_says()
    {
        const string json = $$$"""{"value":-42,"receipts":{"spilledUntil":8,"kept":[{"id":"{{{Two}}}","receipt":{"fingerprint":5,"at":6,"kind":0,"a":-42,"b":0}}],"spilled":[{"since":0,"until":8,"count":0,"bits":""}]}}""";
        var state = CounterState.Restore(new(-42, new(8, [new(new(Two), new(5, 6, 0, -42, 0))])));

        Assert.Equal("counter/1", CounterKind.Instance.Snapshots.Shape);
        Assert.Equal(json, System.Text.Encoding.UTF8.GetString(CounterKind.Instance.Snapshots.Capture(state)()));
        var restored = CounterKind.Instance.Snapshots.Restore("c", System.Text.Encoding.UTF8.GetBytes(json));
        Assert.Equal((state.Value, StateText.Of(state.Receipts)), (restored.Value, StateText.Of(restored.Receipts)));
    }

    /// <summary>Of every kind that there is; each has one instance.</summary>
    private static IEnumerable<string> OwnerNames() => typeof(OwnerKind<,>).Assembly.GetTypes()
        .Where(static type => !type.IsAbstract && Parents(type).Any(
            static parent => parent.IsGenericType && parent.GetGenericTypeDefinition() == typeof(OwnerKind<,>)))
        .Select(static type => (kind: type.GetField("Instance", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!, type))
        .Select(static found => (string)found.type.GetProperty("Name")!.GetValue(found.kind)!);

    private static IEnumerable<Type> Parents(Type type)
    {
        for (var parent = type.BaseType; parent is not null; parent = parent.BaseType) yield return parent;
    }

    private static void AssertPinned<TState, TEvent>(
        OwnerKind<TState, TEvent> kind, string? snapshots, (TEvent Event, string Json)[] pinned)
        where TState : class, IOwnerState<TEvent>
        where TEvent : class
    {
        Assert.Equal(snapshots, kind.Snapshots?.Shape);
        var shape = kind.Events;
        foreach (var (@event, json) in pinned)
        {
            var stored = JsonSerializer.Serialize([@event], shape);
            Assert.Equal($"[{json}]", stored);
            var read = Assert.Single(JsonSerializer.Deserialize($"[{json}]", shape)!);
            Assert.IsType(@event.GetType(), read);
            Assert.Equal(stored, JsonSerializer.Serialize([read], shape));
            if (HasValueEquality(@event)) Assert.Equal(@event, read);
        }

        var types = typeof(TEvent).Assembly.GetTypes()
            .Where(static type => !type.IsAbstract && type.IsAssignableTo(typeof(TEvent)))
            .ToHashSet();
        Assert.Equal(types, pinned.Select(static pair => pair.Event.GetType()).ToHashSet());
        var named = typeof(TEvent).GetCustomAttributes(typeof(JsonDerivedTypeAttribute), inherit: false).Cast<JsonDerivedTypeAttribute>();
        Assert.Equal(types, named.Select(static name => name.DerivedType).ToHashSet());
    }

    /// <summary>A record with a list or a document in it compares that by reference: there, the stored text has to do.</summary>
    private static bool HasValueEquality(object @event) => !@event.GetType().GetProperties().Any(
        static member => member.PropertyType.IsArray
            || member.PropertyType == typeof(JsonObject)
            || member.PropertyType.IsAssignableTo(typeof(System.Collections.IDictionary)));

    private static void AssertStored<T>(T value, string json, JsonTypeInfo<T> shape)
    {
        Assert.Equal(json, JsonSerializer.Serialize(value, shape));
        Assert.Equal(value, JsonSerializer.Deserialize(json, shape));
    }
}
