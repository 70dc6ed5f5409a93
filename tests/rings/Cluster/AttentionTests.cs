using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Domain.Orders.Payments;
using Holdfast.Journal;
using Holdfast.Journal.Writing;
using Holdfast.Outbox.Delivery;
using Holdfast.Outbox.Lanes;
using Holdfast.Tests;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Holdfast.Rings.Cluster;

/// <summary>What waits for an operator is logged, counted and listed at once, for as long as it waits.</summary>
public sealed class AttentionTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly Lines _log = new();
    private volatile string _failing = "";
    private volatile bool _noRefunds;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_parked_order_is_logged_counted_and_listed_until_it_is_resolved()
    {
        var counted = new ConcurrentQueue<string>();
        using var meter = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == JournalMetrics.MeterName && instrument.Name == "holdfast.attention") listener.EnableMeasurementEvents(instrument);
            },
        };
        meter.SetMeasurementEventCallback<long>((_, _, tags, _) => counted.Enqueue(string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
        meter.Start();

        await using var cluster = await Start();
        await cluster.CreateProduct("tea", 10, price: 300);
        Assert.Empty((await Desk(cluster).ReadOrders("", 10)).Orders);
        _failing = "order.complete";
        var before = TimeProvider.System.GetUtcNow();
        var saga = await cluster.Place("tok_ok", new OrderLine("tea", 1));
        var id = saga.GetPrimaryKeyString();
        Assert.Equal(OrderStatus.NeedsAttention, (await HoldfastCluster.End(saga)).Status);

        var listed = Assert.Single((await Desk(cluster).ReadOrders("", 10)).Orders);
        Assert.Equal((id, OrderReason.StepFailed), (listed.OrderId, listed.Reason));
        Assert.Contains("order.complete: This step is broken.", listed.Detail, StringComparison.Ordinal);
        Assert.InRange(listed.Since, before.AddMilliseconds(-1), TimeProvider.System.GetUtcNow());
        await Eventually.True(() => _log.Any($"order/{id} needs attention: step_failed"), () => "the log should name the order");
        Assert.Contains("kind=order reason=step_failed", counted);
        await Eventually.True(
            async () => (await Desk(cluster).ReadDeadLetters(null, 10))
                .Any(letter => letter.Stream == $"order/{id}" && letter.Type == "order.complete"),
            () => "the message should be among the dead letters");

        _failing = "";
        Assert.Equal(OrderVerbStatus.Accepted, (await saga.Resolve(OperatorVerb.Retry)).Status);
        Assert.Empty((await Desk(cluster).ReadOrders("", 10)).Orders);
        Assert.Equal(OrderStatus.Completed, (await HoldfastCluster.Terminal(saga)).Status);
        Assert.False(_log.Any("customer"), "a log names no customer");
        Assert.False(_log.Any("tok_ok"), "a log names no payment token");
    }

    [Fact]
    public async Task A_cancelled_order_whose_refund_keeps_failing_is_listed_until_the_money_is_back()
    {
        _noRefunds = true;
        await using var cluster = await Start();
        await cluster.CreateProduct("tea", 10, price: 300);
        var id = HoldfastCluster.NewOrderId();
        cluster.Doors.Close($"{id} charged");
        var saga = await cluster.PlaceAs(id, "tok_ok", new OrderLine("tea", 1));
        await cluster.Doors.Reached($"{id} charged");
        Assert.Equal(OrderVerbStatus.Accepted, (await saga.Cancel()).Status);
        cluster.Doors.Open($"{id} charged");

        await Eventually.True(
            async () => (await Desk(cluster).ReadOrders("", 10)).Orders is [{ Reason: OrderReason.RefundFailing }],
            () => "the order should be listed");
        await Eventually.True(() => _log.Any($"order/{id} needs attention: refund_failing"), () => "the log should name the order");
        Assert.Equal("order.refund: Not now.", (await saga.Read())!.Detail);

        _noRefunds = false;
        Assert.Equal(OrderStatus.Cancelled, (await HoldfastCluster.Terminal(saga)).Status);
        Assert.DoesNotContain((await Desk(cluster).ReadOrders("", 10)).Orders, static order => order.Reason != OrderReason.Retrying);

        // The row of the message that did it goes a moment later, with the next commit.
        await Eventually.True(
            async () => (await Desk(cluster).ReadOrders("", 10)).Orders.Length == 0, static () => "no order should be listed any more");
        Assert.Equal((0L, 1), await cluster.Money(id));
    }

    [Fact]
    public async Task The_list_comes_in_pages_and_names_orders_alone()
    {
        await using var cluster = await Start();
        var ids = Enumerable.Range(0, 7).Select(_ => HoldfastCluster.NewOrderId()).Order(StringComparer.Ordinal).ToArray();
        string[] streams = [.. ids.Select(id => $"order/{id}"), "another/x", "product/x"];
        var now = TimeProvider.System.GetUtcNow();
        await cluster.Store.Commit(
            [.. streams.Select(stream => new Append(
                stream, 0, Guid.NewGuid(), now, 1, "[]"u8.ToArray(), [], [], Beside: new([], new AttentionChange("stuck", stream))))],
            []);

        var read = new List<string>();
        AttentionPage page;
        do
        {
            page = await Desk(cluster).ReadOrders(read.LastOrDefault() ?? "", 3);
            Assert.InRange(page.Orders.Length, 1, 3);
            read.AddRange(page.Orders.Select(order => order.OrderId));
        }
        while (page.More);

        Assert.Equal(ids, read);
    }

    private static IAttentionDesk Desk(HoldfastCluster cluster) => cluster.Grains.GetGrain<IAttentionDesk>(0);

    private Task<HoldfastCluster> Start() => HoldfastCluster.Start(_directory.Path, silo =>
    {
        silo.Services.AddLogging(logging => logging.AddProvider(_log));
        silo.Services.Configure<OrderOptions>(order => order.StepGiveUpAfter = TimeSpan.FromMilliseconds(100));
        silo.Services.Configure<OutboxOptions>(outbox => (outbox.MaxAttempts, outbox.FirstBackoff) = (3, TimeSpan.FromMilliseconds(10)));
        silo.Services.Decorate<IPaymentGateway>(inner => new Gateway(inner, this));
        silo.Services.Decorate<IMessageHandler>(inner => new FailingHandler(
            inner, message => message.Type == _failing ? new InvalidOperationException("This step is broken.") : null));
    });

    private sealed class Gateway(IPaymentGateway inner, AttentionTests test) : IPaymentGateway
    {
        public Task<ChargeResult> Charge(ChargeRequest request, CancellationToken cancellationToken) => inner.Charge(request, cancellationToken);

        public Task<RefundResult> Refund(RefundRequest request, CancellationToken cancellationToken) =>
            test._noRefunds ? throw new PaymentUnavailableException("Not now.") : inner.Refund(request, cancellationToken);

        public Task<ChargeResult?> Find(string orderId, CancellationToken cancellationToken) => inner.Find(orderId, cancellationToken);
    }

    private sealed class Lines : ILoggerProvider
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public bool Any(string text) => _lines.Any(line => line.Contains(text, StringComparison.Ordinal));

        public ILogger CreateLogger(string categoryName) => new Logger(categoryName, _lines);

        public void Dispose()
        {
        }

        private sealed class Logger(string category, ConcurrentQueue<string> lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && category.StartsWith("Holdfast", StringComparison.Ordinal);

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                if (IsEnabled(logLevel)) lines.Enqueue(formatter(state, exception));
            }
        }
    }
}
