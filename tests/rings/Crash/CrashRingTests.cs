using Holdfast.Contracts;
using Holdfast.Contracts.Counters;
using Holdfast.Contracts.Leases;
using Holdfast.Contracts.Orders;
using Holdfast.Contracts.Profiles;
using Holdfast.Domain.Orders;
using Holdfast.Journal.Writing;
using Holdfast.Outbox.Lanes;
using Holdfast.Outside.Sandbox;
using Holdfast.Rings.Cluster;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace Holdfast.Rings.Crash;

/// <summary>
/// Stops the world of one life at each point that the product's seams show, drops the silo, starts another on the same files, and
/// asks for everything again. <c>points.txt</c> is the list of points; HOLDFAST_RECORD_POINTS=1 writes it anew.
/// </summary>
public sealed class CrashRingTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>Lives that share a silo.</summary>
    private const int WaveSize = 80;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string PointsFile = Path.Combine(AppContext.BaseDirectory, "Crash", "points.txt");

    private readonly List<TempDirectory> _directories = [];

    public void Dispose() => _directories.ForEach(directory => directory.Dispose());

    [Fact]
    public async Task The_world_can_stop_at_any_point_and_nothing_is_lost_doubled_or_left_half_done()
    {
        var known = (await Record()).ToArray();
        if (Environment.GetEnvironmentVariable("HOLDFAST_RECORD_POINTS") == "1")
        {
            var source = Path.Combine(AppContext.BaseDirectory, "../../../Crash/points.txt");
            await File.WriteAllLinesAsync(source, known.Select(point => point.ToString()));
            await File.WriteAllLinesAsync(PointsFile, known.Select(point => point.ToString()));
        }

        var points = (await File.ReadAllLinesAsync(PointsFile)).Select(Point.Parse).ToArray();
        var labels = points.Select(point => point.Label).ToHashSet();
        var unknown = known.Where(point => !labels.Contains(point.Label)).ToArray();
        Assert.True(unknown.Length == 0, $"Points that points.txt does not know:\n{string.Join('\n', unknown.AsEnumerable())}");

        var reached = 0;
        foreach (var wave in points.Chunk(WaveSize)) reached += await StopAndStartAgain(wave);
        output.WriteLine($"{points.Length} points, {reached} reached, no invariant broken.");
        Assert.Equal(points.Length, reached);
    }

    /// <summary>Every script from end to end, and the points it crosses, in order.</summary>
    private async Task<IEnumerable<Point>> Record()
    {
        var lives = Scripts.All.Keys.Select((script, i) => (script, life: new Life($"record{i}", null))).ToArray();
        var world = new World();
        await using var cluster = await Start(NewDirectory(), world);
        await Task.WhenAll(lives.Select(each => Live(cluster, world, each.life, each.script, armed: true))).WaitAsync(Patience);
        foreach (var (script, life) in lives) await Check(cluster, life, script);
        return lives.SelectMany(each => each.life.Crossed.SelectMany(crossed =>
            Enumerable.Range(1, Occurrences(crossed.Key, crossed.Value)).Select(times => new Point(each.script, crossed.Key, times))));
    }

    /// <summary>How many snapshots are written depends on how long each one takes; the first is certain.</summary>
    private static int Occurrences(string label, int times) => label.EndsWith("snapshot", StringComparison.Ordinal) ? 1 : times;

    /// <summary>Returns how many of the points were reached.</summary>
    private async Task<int> StopAndStartAgain(Point[] points)
    {
        var directory = NewDirectory();
        var world = new World();
        var lives = points.Select((point, i) => (point, life: new Life($"life{i}", point))).ToArray();
        var first = await Start(directory, world);
        await Task.WhenAll(lives.Select(each => Live(first, world, each.life, each.point.Script, armed: true))).WaitAsync(Patience);

        // A point behind the last answer, such as a row that goes away, is reached a moment after the script has ended.
        await Task.WhenAny(Task.WhenAll(lives.Select(each => each.life.Stopped)), Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System));
        foreach (var (point, life) in lives.Where(each => !each.life.HasStopped)) output.WriteLine($"not reached: {point} by {life.Name}");
        var reached = lives.Count(each => each.life.HasStopped);
        await first.Kill();

        var after = new World();
        await using var second = await Start(directory, after);
        var again = lives.Select(each => (each.point, life: Again(each.life))).ToArray();
        await Task.WhenAll(again.Select(each => Live(second, after, each.life, each.point.Script, armed: false))).WaitAsync(Patience);
        foreach (var (point, life) in again) await Check(second, life, point.Script);
        return reached;
    }

    private static Life Again(Life life)
    {
        var again = new Life(life.Name, null);
        foreach (var (what, told) in life.Acknowledged) again.Acknowledged[what] = told;
        return again;
    }

    private static async Task Live(HoldfastCluster cluster, World world, Life life, string script, bool armed)
    {
        world.Add(life);
        var scripts = new Scripts(cluster, life);
        await scripts.SetScene();
        if (armed)
        {
            life.Arm();
            life.Gated = script is "cancelled while charging" or "hold lost, undone first" or "hold lost, refunded first";
            life.Sequence = script == "hold lost, refunded first" ? ("order.refund", "order.undo") : ("order.undo", "order.refund");
            life.Failing = script == "parked and retried" ? "order.complete" : null;
        }

        try
        {
            await Scripts.All[script](scripts);
        }
        catch (WorldStoppedException)
        {
            // As asked.
        }
    }

    private static async Task Check(HoldfastCluster cluster, Life life, string script)
    {
        var what = $"{life.Name} ({script}, stopped at {life.StopAt})";
        var tea = await cluster.Stock($"{life.Name}-tea");
        switch (script)
        {
            case "stock":
                Assert.True(tea == (40, 0), $"{what}: {tea}");
                await CheckLedger(cluster, $"{life.Name}-tea", 40);
                return;
            case "counter":
                Assert.Equal(35, (await cluster.Grains.GetGrain<ICounter>(life.Name).Read()).Value);
                await CheckVersions(cluster, $"counter/{life.Name}");
                return;
            case "sources and prices":
                Assert.True(tea == (19, 0), $"{what}: {tea}");
                await CheckLedger(cluster, $"{life.Name}-tea", 19);
                var prices = await cluster.Product($"{life.Name}-tea").ReadPrices();
                Assert.Equal(Scripts.Price - 1, prices!.Now.UnitPrice.Amount);
                return;
            case "counter with shards":
                var shards = Enumerable.Range(0, 4).Select(
                    shard => cluster.Grains.GetGrain<ICounterShard>(CounterShards.KeyOf($"{life.Name}-sharded", shard)).Read().AsTask());
                Assert.Equal(35, (await Task.WhenAll(shards)).Sum());
                return;
            case "lease":
                Assert.Equal(14, (await cluster.Grains.GetGrain<ICounter>($"{life.Name}-fenced").Read()).Value);
                var held = await cluster.Grains.GetGrain<ILease>(life.Name).Read();
                Assert.Equal(("b", 2L), (held.Holder, held.Number));
                await CheckVersions(cluster, $"lease/{life.Name}");
                await CheckVersions(cluster, $"counter/{life.Name}-fenced");
                return;
            case "profile":
                Assert.Null(await cluster.Grains.GetGrain<IUserProfile>(life.Name).Read());
                await CheckVersions(cluster, $"profile/{life.Name}");
                return;
        }

        var order = await cluster.Order(life.OrderId).Read();
        Assert.True(order is { Ended: true }, $"{what}: {order}");
        Assert.True(script != "order completed" || order is { ErasedAt: not null, CustomerId: "" }, $"{what}: {order}");
        var completed = order.Status == OrderStatus.Completed;
        Assert.True(completed || order.Status == OrderStatus.Cancelled, $"{what}: {order}");
        var (kept, captures) = await cluster.Money(life.OrderId);
        Assert.True(kept == (completed ? order.Total!.Value.Amount : 0) && captures <= 1, $"{what}: kept {kept} of {captures} captures, {order}");
        Assert.True(tea == (Scripts.OnHand - (completed ? 1 : 0), 0), $"{what}: tea {tea}, {order}");
        var cup = await cluster.Stock($"{life.Name}-cup");
        Assert.True(cup == (Scripts.OnHand - (completed ? 2 : 0), 0), $"{what}: cup {cup}, {order}");
        await CheckLedger(cluster, $"{life.Name}-tea", tea.OnHand);
        await CheckVersions(cluster, $"order/{life.OrderId}");
    }

    private static async Task CheckLedger(HoldfastCluster cluster, string sku, long onHand)
    {
        var page = await cluster.Product(sku).ReadMovements(0, Limits.PageSize);
        Assert.Null(page.Next);
        Assert.Equal(onHand, page.Movements.Sum(movement => movement.Delta));
        await CheckVersions(cluster, $"product/{sku}");
    }

    private static async Task CheckVersions(HoldfastCluster cluster, string stream)
    {
        var version = 0L;
        foreach (var row in await cluster.Store.ReadForward(stream, 0, 10_000, CancellationToken.None))
        {
            Assert.True(row.FirstVersion == version + 1, $"{stream} has no version {version + 1}.");
            version = row.LastVersion;
        }

        Assert.True(version > 0, $"{stream} is empty.");
    }

    private static Task<HoldfastCluster> Start(string directory, World world) => HoldfastCluster.Start(directory, silo =>
    {
        silo.Services.Configure<JournalOptions>(journal => journal.MinSnapshotTail = 2);
        silo.Services.Configure<OutboxOptions>(outbox => (outbox.MaxAttempts, outbox.FirstBackoff) = (2, TimeSpan.FromMilliseconds(20)));
        silo.Services.Configure<SandboxGatewayOptions>(gateway => gateway.TimeoutAnswer = TimeSpan.FromMilliseconds(50));
        silo.Services.Configure<OrderOptions>(orders =>
        {
            orders.ChargeSendWindow = TimeSpan.FromSeconds(1);
            orders.ChargeTravelTime = TimeSpan.FromMilliseconds(100);
            orders.GatewayTimeout = TimeSpan.FromSeconds(3);
        });
        world.Install(silo);
    });

    private string NewDirectory()
    {
        var directory = new TempDirectory();
        _directories.Add(directory);
        return directory.Path;
    }
}
