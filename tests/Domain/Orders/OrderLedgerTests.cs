using System.Text.Json;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;

namespace Holdfast.Tests.Domain.Orders;

public sealed class OrderLedgerTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Every_event_has_a_word_of_its_own()
    {
        var events = typeof(OrderEvent).GetNestedTypes().Where(static type => type.IsSubclassOf(typeof(OrderEvent))).Select(Made).ToArray();
        Assert.InRange(events.Length, 18, 100);

        // Which lease an order has seen is nothing that happened to it.
        Assert.Single(events, static @event => @event is OrderEvent.FenceSeen);

        var entries = Read(events);

        Assert.Equal(events.Length - 1, entries.Select(static entry => entry.What).Distinct().Count());
        Assert.DoesNotContain("", entries.Select(static entry => entry.What));
    }

    [Fact]
    public void An_entry_has_the_version_of_its_event_and_the_words_of_whoever_asked()
    {
        var by = new AskedBy("compensate", Guid.NewGuid(), 7, "the customer called");
        var entries = Read([
            new OrderEvent.CancellingStarted(2, OrderReason.CompensatedByOperator, null, true) { By = by },
            new OrderEvent.LinesUndone(["tea", "jam"]),
            new OrderEvent.PaymentCaptured("ch_1", 250, "EUR"),
            new OrderEvent.PaymentCaptured("ch_2")]);

        Assert.Equal(
            [
                new(7, At, "cancelling", OrderReason.CompensatedByOperator, Verb: "compensate", Note: "the customer called"),
                new(8, At, "goods_released", Detail: "left as they are: tea, jam"),
                new(9, At, "captured", Detail: "ch_1", Amount: new(250, "EUR")),
                new(10, At, "captured", Detail: "ch_2"),
            ],
            entries);
    }

    private static OrderHistoryEntry[] Read(OrderEvent[] events) =>
        [.. OrderLedger.EntriesOf(JsonSerializer.SerializeToUtf8Bytes(events, OrderJson.Default.OrderEventArray), 7, At)];

    /// <summary>Whatever it tells, made of nothing.</summary>
    private static OrderEvent Made(Type type)
    {
        var constructor = type.GetConstructors().Single();
        var nothing = constructor.GetParameters().Select(static parameter => Nothing(parameter.ParameterType));
        return (OrderEvent)constructor.Invoke([.. nothing]);
    }

    private static object? Nothing(Type type) =>
        type == typeof(string) ? "x"
        : type == typeof(PlacedLine[]) ? Array.Empty<PlacedLine>()
        : type == typeof(long[]) ? Array.Empty<long>()
        : type.IsValueType ? Activator.CreateInstance(type)
        : null;
}
