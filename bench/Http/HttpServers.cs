using Holdfast.Bench.Measuring;
using Holdfast.Bench.Reservations;
using Holdfast.Bench.Sql;
using Holdfast.Contracts;
using Holdfast.Rig;

namespace Holdfast.Bench.Http;

/// <summary>The server processes of a comparison, Holdfast's first.</summary>
internal sealed class HttpServers : IAsyncDisposable
{
    public const string Empty = "empty endpoint";

    /// <summary>For what is not measured. They are opened anew each time: a server closes those that are idle for two minutes.</summary>
    private const int MaxConnections = 64;

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    private readonly List<(string Way, HoldfastProcess Process)> _servers = [];

    public HoldfastProcess Holdfast => _servers[0].Process;

    public IEnumerable<(string Way, HoldfastProcess Process)> Others => _servers.Skip(1);

    /// <exception cref="BenchException">One of them does not start.</exception>
    public static async Task<HttpServers> Start(MeasuringRun run, int products, CancellationToken cancellationToken)
    {
        var servers = new HttpServers();
        try
        {
            var journal = await run.Stores.NewDatabase("data", cancellationToken);
            await servers.Add(ReservationWays.Holdfast, FrontDoor(run, journal), run.Clock, cancellationToken);
            await servers.Add(Empty, Host(HostedWay.Empty, database: null), run.Clock, cancellationToken);
            foreach (var (name, way) in ((string, HostedWay)[])[(ReservationWays.OneStatement, HostedWay.OneStatement), (ReservationWays.Locked, HostedWay.Locked)])
            {
                var database = await run.Stores.NewDatabase($"textbook_{(int)way}", cancellationToken);
                await using (var sql = new SqlStock(database)) await sql.Create(products, Limits.Quantity, cancellationToken);
                await servers.Add(name, Host(way, database), run.Clock, cancellationToken);
            }

            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes products of Holdfast with all the stock that there can be.</summary>
    public async Task Create(IReadOnlyList<string> skus, CancellationToken cancellationToken)
    {
        using var shop = await HttpShop.Open(Holdfast.Url, Math.Min(MaxConnections, skus.Count), cancellationToken);
        await shop.Create(skus, cancellationToken);
    }

    /// <summary>The stock of all these products of Holdfast together.</summary>
    public async Task<StockSum> Sum(IReadOnlyList<string> skus, CancellationToken cancellationToken)
    {
        using var shop = await HttpShop.Open(Holdfast.Url, Math.Min(MaxConnections, skus.Count), cancellationToken);
        return await shop.Sum(skus, cancellationToken);
    }

    /// <summary>Starts a server, and waits until it answers.</summary>
    /// <exception cref="BenchException">It does not.</exception>
    public static async Task<HoldfastProcess> Start(HoldfastStart start, TimeProvider clock, CancellationToken cancellationToken)
    {
        HoldfastProcess? process = null;
        try
        {
            process = HoldfastProcess.Start(start, clock);
            await process.WaitUntilReady(StartLimit, cancellationToken);
            return process;
        }
        catch (Exception e)
        {
            if (process is not null) await process.DisposeAsync();
            if (e is RigException) throw new BenchException(e.Message, e);
            throw;
        }
    }

    public static Uri FreeUrl() => new($"http://127.0.0.1:{LoopbackPorts.Next()}");

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, process) in _servers) await process.DisposeAsync();
    }

    private static HoldfastStart FrontDoor(MeasuringRun run, string journal) => new("front-door", HoldfastProcess.FrontDoor, FreeUrl())
    {
        Settings = new Dictionary<string, string>
        {
            ["ConnectionStrings:Holdfast"] = journal,
            ["Holdfast:DataDirectory"] = run.Work.For("front-door"),
        },
    };

    private static HoldfastStart Host(HostedWay way, string? database)
    {
        var settings = new Dictionary<string, string> { [HttpHostCommand.Way.Name[2..]] = way.ToString() };
        if (database is not null) settings[HttpHostCommand.Database.Name[2..]] = database;
        return new($"{HttpHostCommand.Name}-{way}", typeof(HttpHostCommand).Assembly.Location, FreeUrl())
        {
            Command = HttpHostCommand.Name,
            Settings = settings,
        };
    }

    private async Task Add(string way, HoldfastStart start, TimeProvider clock, CancellationToken cancellationToken) =>
        _servers.Add((way, await Start(start, clock, cancellationToken)));
}
