using System.Globalization;
using Holdfast.Bench.Measuring;
using Holdfast.Contracts.Inventory;
using Holdfast.Views.Lists;

namespace Holdfast.Bench.AsOf;

/// <summary>A product with a past, made through its owner, and a plain list of the same movements.</summary>
internal sealed class ProductPast(BenchSilo silo, TimeProvider clock, int seed)
{
    private const int Clients = 256;
    private const int DaysBack = 365;
    private const int MaxUnits = 9;
    private const int SayEach = 50_000;

    private static readonly string Sku = Products.Sku(0);

    private readonly List<Line> _lines = [];
    private readonly IProductInventory _product = silo.Grains.GetGrain<IProductInventory>(Sku);
    private readonly StockHistory _history = silo.Service<StockHistory>();
    private ReadPoint _made = ReadPoint.Any;

    /// <summary>Unix milliseconds.</summary>
    private readonly record struct Line(long Recorded, long Effective, long Delta);

    public string Name => string.Create(CultureInfo.InvariantCulture, $"{_lines.Count:N0} movements");

    /// <param name="late">Percent of the movements that are corrections.</param>
    public async Task Make(int movements, int late, Progress progress, CancellationToken cancellationToken)
    {
        await _product.PutDetails(new(new(Guid.NewGuid(), 1), $"Product {Sku}", new(1_250, "EUR"), null, IfAbsent: false));
        var left = movements;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(index => Task.Run(() => Send(new(index, seed + index)))));
        _made = ReadPoint.Any with { Versions = [new($"product/{Sku}", (await _product.ReadStock())!.Version)] };
        progress.Say(string.Create(CultureInfo.InvariantCulture, $"The list comes to {movements:N0} movements"));
        await Follow(cancellationToken);

        async Task Send(Client client)
        {
            while (Interlocked.Decrement(ref left) is >= 0 and var rest)
            {
                if (rest % SayEach == 0)
                    progress.Say(string.Create(CultureInfo.InvariantCulture, $"{rest:N0} movements are still to be made"));
                DateTimeOffset? since = client.Pick(100) < late
                    ? clock.GetUtcNow() - TimeSpan.FromMilliseconds(client.Pick(DaysBack) * 86_400_000.0 + client.Pick(86_400_000) + 1)
                    : null;
                var delta = 1 + client.Pick(MaxUnits);
                var outcome = await _product.Adjust(new(new(client.NextId(), 1), delta, "received", null) { EffectiveAt = since });
                if (outcome.Status != AdjustStatus.Adjusted) throw new BenchException($"An adjustment was {outcome.Status}.");
                var line = new Line(Milliseconds(outcome.At), Milliseconds(since ?? outcome.At), delta);
                lock (_lines) _lines.Add(line);
            }
        }
    }

    /// <summary>Asks for some pairs of times, and adds each up from the list.</summary>
    public async Task Check(int pairs, Progress progress, CancellationToken cancellationToken)
    {
        var client = new Client(0, seed);
        progress.Say($"{Name}: {pairs} pairs of times are checked");
        for (var i = 0; i < pairs; i++)
        {
            var (asOf, knownAt) = Draw(client);
            var expected = _lines.Where(line => line.Recorded <= knownAt && line.Effective <= asOf).Sum(static line => line.Delta);
            var found = await Ask((asOf, knownAt), cancellationToken);
            if (found != expected)
            {
                throw new BenchException(
                    $"As of {asOf} known at {knownAt} (Unix milliseconds) there were {found} by the server, {expected} by the list; "
                    + $"seed {seed}.");
            }
        }
    }

    /// <summary>Times at which something was recorded or held; one in four is by now.</summary>
    public (long AsOf, long KnownAt) Draw(Client client)
    {
        var asOf = client.Pick(2) == 0 ? _lines[client.Pick(_lines.Count)].Effective : Between(client);
        return (asOf, client.Pick(4) == 0 ? Milliseconds(DateTimeOffset.MaxValue) : _lines[client.Pick(_lines.Count)].Recorded);
    }

    /// <summary>As the front door does.</summary>
    public async ValueTask<long> Ask((long AsOf, long KnownAt) times, CancellationToken cancellationToken)
    {
        var (asOf, knownAt) = times;
        if (await _product.ReadStock() is null) throw new BenchException("The product is not there.");
        var (mark, corrections) = await _history.Read(Sku, asOf, knownAt, _made, cancellationToken);
        var at = DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(asOf, knownAt));
        var onHand = await _product.ReadOnHandAt(mark?.Version ?? 1, at);
        return corrections + (onHand ?? (mark is null ? 0 : throw new BenchException("Nothing moved behind a mark.")));
    }

    public async ValueTask AskNow()
    {
        if (await _product.ReadStock() is null) throw new BenchException("The product is not there.");
    }

    private async Task Follow(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await _history.Read(Sku, 0, 0, _made, cancellationToken);
                return;
            }
            catch (ViewBehindException)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken);
            }
        }
    }

    private long Between(Client client)
    {
        var (one, two) = (_lines[client.Pick(_lines.Count)].Effective, _lines[client.Pick(_lines.Count)].Effective);
        return (one + two) / 2;
    }

    private static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();
}
