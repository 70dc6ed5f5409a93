using Holdfast.Domain.Inventory;
using Holdfast.Grains.Inventory;
using Holdfast.Views.Lists;

namespace Holdfast.Tests.Views;

public sealed class StockHistoryTests : IAsyncLifetime
{
    private readonly List<(string Sku, DateTimeOffset Recorded, DateTimeOffset Effective, long Delta)> _movements = [];
    private readonly Dictionary<string, long> _onHand = [];
    private ViewRig _rig = null!;
    private StockHistory _history = null!;

    public async Task InitializeAsync()
    {
        _rig = await ViewRig.Open();
        _history = new(_rig.Reads, _rig.Store);
    }

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task A_correction_changes_the_past_for_those_who_know_of_it()
    {
        await Move("TEA", 10);
        var monday = _rig.Now;
        _rig.Now += TimeSpan.FromDays(1);
        await Move("TEA", -4);
        var tuesday = _rig.Now;
        _rig.Now += TimeSpan.FromDays(1);
        await Move("TEA", -1, since: monday.AddHours(1));
        await _rig.Follow();

        Assert.Equal(10, await OnHand("TEA", monday, tuesday));
        Assert.Equal(10, await OnHand("TEA", monday, DateTimeOffset.MaxValue));
        Assert.Equal(9, await OnHand("TEA", monday.AddHours(1), DateTimeOffset.MaxValue));
        Assert.Equal(10, await OnHand("TEA", monday.AddHours(1), tuesday));
        Assert.Equal(5, await OnHand("TEA", tuesday, DateTimeOffset.MaxValue));
        Assert.Equal(6, await OnHand("TEA", tuesday, tuesday));
        Assert.Equal(0, await OnHand("TEA", monday.AddTicks(-TimeSpan.TicksPerMillisecond), DateTimeOffset.MaxValue));
        Assert.Equal(0, await OnHand("COFFEE", tuesday, tuesday));
    }

    /// <summary>
    /// Two products, appends of several events, several in one millisecond, pages that end anywhere, a follower that begins anew.
    /// </summary>
    [Fact]
    public async Task It_agrees_with_a_list_of_movements_that_is_added_up()
    {
        const int seed = 20_260_301;
        var random = new Random(seed);
        string[] skus = ["TEA", "CUP/1"];
        for (var i = 0; i < 600; i++)
        {
            _rig.Now += TimeSpan.FromMilliseconds(random.Next(3) switch { 0 => 0, 1 => 1, _ => random.NextInt64(1, 86_400_000) });
            DateTimeOffset? since = random.Next(3) == 0 ? Back(random) : null;
            var sku = skus[random.Next(2)];
            await Move(sku, random.Next(-5, 9), since, also: random.Next(4) == 0 ? 2 : null);

            // What is not listed, and what is and moves nothing: a mark can be at one of these.
            for (var holds = random.Next(20) == 0 ? random.Next(200) : 0; holds > 0; holds--)
                await _rig.Append(StockKind.Instance, sku, new StockEvent.Expired(1));
            if (random.Next(8) == 0)
                await _rig.Append(StockKind.Instance, sku, new StockEvent.DetailsPut(Guid.CreateVersion7(_rig.Now), 1, "x", 1, "EUR")
                {
                    // A release of before did not say it.
                    OnHand = random.Next(2) == 0 ? null : _onHand[sku],
                });
            if (random.Next(50) == 0) await _rig.Follow();
        }

        await _rig.Follow();
        for (var i = 0; i < 1_500; i++)
        {
            var (sku, asOf, knownAt) = (skus[random.Next(2)], Moment(random), Moment(random));
            var expected = _movements
                .Where(line => line.Sku == sku && line.Recorded <= knownAt && line.Effective <= asOf)
                .Sum(static line => line.Delta);
            Assert.True(
                expected == await OnHand(sku, asOf, knownAt), $"{sku} as of {asOf:O} known at {knownAt:O} is not {expected}; seed {seed}");
        }
    }

    /// <summary>Near the edges of what was recorded, and anywhere.</summary>
    private DateTimeOffset Moment(Random random)
    {
        var (_, recorded, effective, _) = _movements[random.Next(_movements.Count)];
        return random.Next(5) switch
        {
            0 => recorded,
            1 => effective,
            2 => recorded.AddMilliseconds(random.Next(-1, 2)),
            3 => effective.AddMilliseconds(random.Next(-1, 2)),
            _ => _rig.Now - TimeSpan.FromHours(random.Next(24 * 500)),
        };
    }

    private DateTimeOffset Back(Random random) =>
        _rig.Now - TimeSpan.FromMilliseconds(random.Next(3) == 0 ? random.Next(3) : random.NextInt64(366L * 86_400_000));

    private async Task Move(string sku, long delta, DateTimeOffset? since = null, long? also = null)
    {
        var events = new List<StockEvent> { Adjusted(delta, since) };
        if (also is { } more) events.Add(Adjusted(more, null));
        await _rig.Append(StockKind.Instance, sku, [.. events]);

        StockEvent.Adjusted Adjusted(long units, DateTimeOffset? effective)
        {
            var onHand = _onHand[sku] = _onHand.GetValueOrDefault(sku) + units;
            _movements.Add((sku, _rig.Now, effective ?? _rig.Now, units));
            return new(Guid.CreateVersion7(_rig.Now), 1, units, onHand, "found", null)
            {
                EffectiveAt = effective?.ToUnixTimeMilliseconds(),
            };
        }
    }

    private async Task<long> OnHand(string sku, DateTimeOffset asOf, DateTimeOffset knownAt)
    {
        var (mark, corrections) = await _history.Read(
            sku, asOf.ToUnixTimeMilliseconds(), knownAt.ToUnixTimeMilliseconds(), ReadPoint.Any, default);
        while (true)
        {
            var from = mark?.Version ?? 1;
            var rows = await _rig.Journal.ReadForward($"product/{sku}", from - 1, StockLedger.VersionsPerMark, default);
            var onHand = ProductHistory.OnHandAt(rows, from, asOf < knownAt ? asOf : knownAt);
            if (onHand is not null || mark is null) return corrections + (onHand ?? 0);
            mark = await _history.ReadMarkBefore(sku, mark.Value, default);
        }
    }
}
