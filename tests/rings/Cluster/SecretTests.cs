using System.Collections.Concurrent;
using System.Text;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Domain.Orders.Payments;
using Holdfast.Journal;
using Holdfast.Outbox.Delivery;
using Holdfast.Outbox.Lanes;
using Holdfast.Tests;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Rings.Cluster;

/// <summary>A payment token lives beside its order until no charge can need it any more, and nowhere else.</summary>
public sealed class SecretTests : IDisposable
{
    private const int Orders = 25;

    private readonly TempDirectory _directory = new();
    private readonly ConcurrentDictionary<string, string> _charged = new();
    private volatile string _failing = "";

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("tok_ok", 1, OrderStatus.Completed)]
    [InlineData("tok_declined", 1, OrderStatus.Cancelled)]
    [InlineData("tok_ok", 1_000, OrderStatus.Cancelled)]
    public async Task The_token_of_an_order_that_has_ended_is_in_no_file(string token, long quantity, OrderStatus end)
    {
        var tokens = Enumerable.Range(0, Orders).Select(_ => $"{token}!{Guid.NewGuid():n}").ToArray();
        await using (var cluster = await Start())
        {
            await cluster.CreateProduct("tea", 100, price: 300);
            foreach (var secret in tokens)
            {
                var id = HoldfastCluster.NewOrderId();
                cluster.Doors.Close($"order/{id} order.reserve");
                var saga = await cluster.PlaceAs(id, secret, new OrderLine("tea", quantity));
                Assert.Equal(secret, await TokenOf(cluster, id));
                cluster.Doors.Open($"order/{id} order.reserve");
                Assert.Equal(end, (await HoldfastCluster.Terminal(saga)).Status);
                Assert.Null(await TokenOf(cluster, id));
                if (quantity == 1) Assert.Equal(secret, _charged[id]);
            }
        }

        foreach (var file in Directory.EnumerateFiles(_directory.Path, "holdfast*"))
        {
            var bytes = await File.ReadAllBytesAsync(file);
            Assert.All(tokens, secret => Assert.True(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) < 0, $"{file} holds {secret}"));
        }
    }

    [Fact]
    public async Task An_activation_that_did_not_place_the_order_charges_with_its_token()
    {
        var id = HoldfastCluster.NewOrderId();
        var cluster = await Start();
        await cluster.CreateProduct("tea", 10, price: 300);
        cluster.Doors.Close($"order/{id} order.charge");
        await cluster.PlaceAs(id, "tok_ok!mine", new OrderLine("tea", 1));
        await cluster.Doors.Reached($"order/{id} order.charge");
        await cluster.Kill();

        await using var next = await Start();
        Assert.Equal(OrderStatus.Completed, (await HoldfastCluster.Terminal(next.Order(id))).Status);
        Assert.Equal("tok_ok!mine", _charged[id]);
        Assert.Null(await TokenOf(next, id));
    }

    [Theory]
    [InlineData("order.reserve")]
    [InlineData("order.charge")]
    public async Task An_order_that_was_parked_before_its_charge_keeps_the_token_for_a_retry(string failing)
    {
        _failing = failing;
        var id = HoldfastCluster.NewOrderId();
        var cluster = await Start();
        await cluster.CreateProduct("tea", 10, price: 300);
        Assert.Equal(OrderStatus.NeedsAttention, (await HoldfastCluster.End(await cluster.PlaceAs(id, "tok_ok!mine", new OrderLine("tea", 1)))).Status);
        await cluster.Kill();

        _failing = "";
        await using var next = await Start();
        Assert.Equal(OrderVerbStatus.Accepted, (await next.Order(id).Resolve(OperatorVerb.Retry)).Status);
        Assert.Equal(OrderStatus.Completed, (await HoldfastCluster.Terminal(next.Order(id))).Status);
        Assert.Equal("tok_ok!mine", _charged[id]);
        Assert.Null(await TokenOf(next, id));
    }

    [Fact]
    public async Task An_order_that_was_stored_with_its_token_is_charged_with_it()
    {
        var id = HoldfastCluster.NewOrderId();
        await using var cluster = await Start();
        await cluster.CreateProduct("tea", 10, price: 300);
        var now = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        var events = $$"""
            [{"type":"order.placed","operation":"{{Guid.NewGuid()}}","fingerprint":1,"customerId":"c","lines":[{"sku":"tea","quantity":1}],"paymentToken":"tok_ok!old"},
            {"type":"order.reserving","attempt":1,"deadline":{{now.AddMinutes(1).ToUnixTimeMilliseconds()}}}]
            """;
        var step = new OutboxMessage(
            RowId.New(now), 0, now, 0, $"order/{id}", "order.reserve", Encoding.UTF8.GetBytes($$"""{"order":"{{id}}","attempt":1}"""));
        var result = await cluster.Store.Commit([new($"order/{id}", 0, Guid.NewGuid(), now, 2, Encoding.UTF8.GetBytes(events), [step], [])], []);

        Assert.Equal([AppendStatus.Committed], result.Appends);
        Assert.Equal(OrderStatus.Completed, (await HoldfastCluster.Terminal(cluster.Order(id))).Status);
        Assert.Equal("tok_ok!old", _charged[id]);
    }

    private Task<HoldfastCluster> Start() => HoldfastCluster.Start(_directory.Path, silo =>
    {
        silo.Services.Configure<OutboxOptions>(outbox => (outbox.MaxAttempts, outbox.FirstBackoff) = (3, TimeSpan.FromMilliseconds(10)));
        silo.Services.Decorate<IPaymentGateway>(inner => new TokenGateway(inner, _charged));
        silo.Services.Decorate<IMessageHandler>(inner => new FailingHandler(
            inner, message => message.Type == _failing ? new InvalidOperationException("This step is broken.") : null));
    });

    private static async Task<string?> TokenOf(HoldfastCluster cluster, string id) =>
        await cluster.Store.ReadSecret($"order/{id}", OrderState.TokenName, default) is { } token ? Encoding.UTF8.GetString(token.Span) : null;

    /// <summary>Hands on what comes before the exclamation mark, and remembers all of it.</summary>
    private sealed class TokenGateway(IPaymentGateway inner, ConcurrentDictionary<string, string> charged) : IPaymentGateway
    {
        public Task<ChargeResult> Charge(ChargeRequest request, CancellationToken cancellationToken)
        {
            charged[request.OrderId] = request.PaymentToken;
            return inner.Charge(request with { PaymentToken = request.PaymentToken.Split('!')[0] }, cancellationToken);
        }

        public Task<RefundResult> Refund(RefundRequest request, CancellationToken cancellationToken) => inner.Refund(request, cancellationToken);

        public Task<ChargeResult?> Find(string orderId, CancellationToken cancellationToken) => inner.Find(orderId, cancellationToken);
    }
}
