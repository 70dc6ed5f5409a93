using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Holdfast.Domain.Orders.Payments;
using Holdfast.Journal;
using Holdfast.Outbox.Delivery;
using Holdfast.Tests;
using Holdfast.Tests.Journal;

namespace Holdfast.Rings.Crash;

/// <summary>The lives on one silo, and the seams at which their worlds stop: store, delivery, gateway, snapshots.</summary>
internal sealed partial class World
{
    private readonly ConcurrentDictionary<string, Life> _byName = new();
    private readonly ConcurrentDictionary<string, Life> _byOrder = new();

    public Life Add(Life life)
    {
        _byName[life.Name] = life;
        _byOrder[life.OrderId] = life;
        return life;
    }

    public void Install(ISiloBuilder silo)
    {
        silo.Services.Decorate<IJournalStore>(inner => new Store(inner, this));
        silo.Services.Decorate<IMessageHandler>(inner => new Handler(inner, this));
        silo.Services.Decorate<IPaymentGateway>(inner => new Gateway(inner, this));
        silo.Services.Decorate<ISnapshots>(inner => new Snapshots(inner, this));
    }

    /// <summary>Streams are named <c>kind/life</c> or <c>kind/life-what</c>, and orders by the life's order id.</summary>
    private Life? LifeOf(string stream)
    {
        var key = stream[(stream.IndexOf('/', StringComparison.Ordinal) + 1)..];
        if (_byOrder.TryGetValue(key, out var order)) return order;
        var dash = key.IndexOf('-', StringComparison.Ordinal);
        return _byName.GetValueOrDefault(dash < 0 ? key : key[..dash]);
    }

    private bool Cross(string stream, string point) => LifeOf(stream)?.Cross(point) ?? true;

    private static string Label(Append append)
    {
        var types = EventType().Matches(System.Text.Encoding.UTF8.GetString(append.Events.Span)).Select(match => match.Groups[1].Value);
        return $"append {append.Stream[..append.Stream.IndexOf('/', StringComparison.Ordinal)]}[{string.Join('+', types)}]";
    }

    [GeneratedRegex("[\\[,]\\{\"type\":\"([a-z_.]+)\"")]
    private static partial Regex EventType();

    private sealed class Store(IJournalStore inner, World world) : ForwardingStore(inner)
    {
        public override async ValueTask<CommitResult> Commit(IReadOnlyList<Append> appends, IReadOnlyList<OutboxChange> changes, CommitWatch? watch = null)
        {
            var statuses = new AppendStatus[appends.Count];
            Array.Fill(statuses, AppendStatus.Unknown);
            var passing = Enumerable.Range(0, appends.Count)
                .Where(i => world.Cross(appends[i].Stream, $"before {Label(appends[i])}"))
                .ToArray();
            var passingChanges = changes.Where(change => world.Cross(change.Message.Stream, $"before {LabelOf(change)}")).ToArray();
            var result = await Inner.Commit([.. passing.Select(i => appends[i])], passingChanges, watch);
            for (var i = 0; i < passing.Length; i++)
            {
                var append = appends[passing[i]];
                if (world.Cross(append.Stream, $"after {Label(append)}")) statuses[passing[i]] = result.Appends[i];
            }

            foreach (var change in passingChanges) world.Cross(change.Message.Stream, $"after {LabelOf(change)}");
            return result with { Appends = statuses };
        }

        private static string LabelOf(OutboxChange change) => $"{change.Kind} {change.Message.Type}";
    }

    private sealed class Handler(IMessageHandler inner, World world) : IMessageHandler
    {
        private static readonly TimeSpan Never = TimeSpan.FromHours(1);

        public string Type => inner.Type;

        public async Task Handle(OutboxMessage message, CancellationToken cancellationToken)
        {
            var life = world.LifeOf(message.Stream);
            await (life?.AwaitTurn(Type) ?? Task.CompletedTask);
            Pass(message, "before deliver");
            if (life?.Failing == Type) throw new InvalidOperationException("This step is broken.");
            await inner.Handle(message, cancellationToken);
            life?.Delivered(Type);
            Pass(message, "after deliver");
        }

        public async Task GiveUp(OutboxMessage message, string error, CancellationToken cancellationToken)
        {
            Pass(message, "before give up");
            await inner.GiveUp(message, error, cancellationToken);
            Pass(message, "after give up");
        }

        private void Pass(OutboxMessage message, string where)
        {
            if (!world.Cross(message.Stream, $"{where} {Type}")) throw new PutBackException("The world has stopped.", Never);
        }
    }

    private sealed class Gateway(IPaymentGateway inner, World world) : IPaymentGateway
    {
        public async Task<ChargeResult> Charge(ChargeRequest request, CancellationToken cancellationToken)
        {
            Pass(request.OrderId, "before charge");
            var result = await inner.Charge(request, cancellationToken);
            if (world._byOrder.TryGetValue(request.OrderId, out var life)) await Task.WhenAny(life.PassGate(), life.Stopped);
            Pass(request.OrderId, "after charge");
            return result;
        }

        public async Task<RefundResult> Refund(RefundRequest request, CancellationToken cancellationToken)
        {
            Pass(request.OrderId, "before refund");
            var result = await inner.Refund(request, cancellationToken);
            Pass(request.OrderId, "after refund");
            return result;
        }

        public async Task<ChargeResult?> Find(string orderId, CancellationToken cancellationToken)
        {
            Pass(orderId, "before find");
            var result = await inner.Find(orderId, cancellationToken);
            Pass(orderId, "after find");
            return result;
        }

        private void Pass(string orderId, string point)
        {
            if (!world.Cross($"order/{orderId}", point)) throw new PaymentUnknownException("The world has stopped.");
        }
    }

    private sealed class Snapshots(ISnapshots inner, World world) : ISnapshots
    {
        public Task<Snapshot?> Read(string stream) => inner.Read(stream);

        public async Task<Snapshot> Write(string stream, Snapshot snapshot)
        {
            Pass(stream, "before snapshot");
            var written = await inner.Write(stream, snapshot);
            Pass(stream, "after snapshot");
            return written;
        }

        public Task Erase(string stream) => inner.Erase(stream);

        private void Pass(string stream, string point)
        {
            // Written beside the way, so they are counted for the one script that is about them.
            var counted = stream.StartsWith("counter/", StringComparison.Ordinal);
            if (counted && !world.Cross(stream, point)) throw new InvalidOperationException("The world has stopped.");
        }
    }
}
