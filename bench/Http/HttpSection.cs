using Holdfast.Bench.Compare;
using Holdfast.Bench.Measuring;
using Holdfast.Bench.Reservations;
using Holdfast.Bench.Sql;
using Holdfast.Contracts;
using Holdfast.Rig;

namespace Holdfast.Bench.Http;

/// <summary>The same reservations over HTTP, each way as a server process of its own.</summary>
internal static class HttpSection
{
    public const string Id = "http";

    private const string Empty = "empty endpoint";
    private const string Hot = "Reservations of one product, over HTTP";

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    private static readonly string[] Unfair =
    [
        "Against Holdfast: the other endpoints have no problem details, no dashboard that counts calls and no idempotency key; Holdfast "
        + "derives an id from the key (SHA-256), and keeps a receipt.",
        "No way exports telemetry: Holdfast collects none unless it is told where to send it.",
        "In Holdfast's favour: its silo is in the front door's process. With silos of their own, a request makes one more way over the network.",
        "In Holdfast's favour: each SQL request commits alone, as request handlers do.",
        "For all alike: the load comes from the same two cores, from one thread with sockets and nothing else, without TLS.",
        "The empty endpoint reads the same JSON and answers the same, and does nothing: it is the ceiling of ASP.NET Core on this machine.",
    ];

    public static async Task<Section> Measure(
        MeasuringRun run, Plan plan, IReadOnlyList<Popularity> popularities, CancellationToken cancellationToken)
    {
        var products = popularities.Max(static popularity => popularity.Products);
        await using var ends = await Ends.Start(run, plan.Clients, products, cancellationToken);
        var contest = new Contest(plan, run.Progress, cancellationToken);
        var comparisons = new List<Comparison> { await contest.Run(Hot, [HotHoldfast(ends.Holdfast), .. ends.Others(static _ => SqlStock.HotSku)]) };
        run.Progress.Say($"{products} products are made over HTTP");
        await ends.Holdfast.Create([.. Enumerable.Range(0, products).Select(Products.Sku)], cancellationToken);
        foreach (var popularity in popularities) comparisons.Add(await Compare(contest, ends, popularity));
        return new(
            Id,
            "Reservations, over HTTP",
            "One operation is a POST that reserves one unit of a product for one buyer, with an idempotency key; when it is answered, the "
            + "reservation is on disk (fsync). Each way is a process with the same server settings, and each caller has a connection.",
            Unfair,
            comparisons,
            [])
        {
            Targets =
            [
                new("one product over HTTP, Holdfast against the empty endpoint", Hot, ReservationWays.Holdfast, Empty, 0.7),
                new("one product over HTTP, Holdfast against one atomic statement", Hot, ReservationWays.Holdfast, ReservationWays.OneStatement, 18),
            ],
        };
    }

    private static Task<Comparison> Compare(Contest contest, Ends ends, Popularity popularity)
    {
        return contest.Run(
            $"Reservations of {popularity.Name}, over HTTP", [Reserving(ReservationWays.Holdfast, ends.Holdfast, Sku), .. ends.Others(Sku)]);

        string Sku(Client client) => Products.Sku(client.Pick(popularity));
    }

    /// <summary>Each round has a product of its own: none starts with what an earlier one left open.</summary>
    private static Way HotHoldfast(HttpShop shop)
    {
        var (round, sku) = (0, "");
        return new(ReservationWays.Holdfast, client => shop.Reserve(client, sku))
        {
            Prepare = cancellationToken => shop.Create([sku = $"{SqlStock.HotSku}-{++round}"], cancellationToken),
        };
    }

    private static Way Reserving(string name, HttpShop shop, Func<Client, string> sku) => new(name, client => shop.Reserve(client, sku(client)));

    /// <summary>The server processes, and the connections to them.</summary>
    private sealed class Ends : IAsyncDisposable
    {
        private readonly List<HoldfastProcess> _processes = [];
        private readonly List<(string Way, HttpShop Shop)> _shops = [];

        public HttpShop Holdfast => _shops[0].Shop;

        public static async Task<Ends> Start(MeasuringRun run, int callers, int products, CancellationToken cancellationToken)
        {
            var ends = new Ends();
            try
            {
                var journal = await run.Stores.NewDatabase("data", cancellationToken);
                await ends.Add(ReservationWays.Holdfast, run, callers, FrontDoor(run, journal), cancellationToken);
                await ends.Add(Empty, run, callers, Host(HostedWay.Empty, database: null), cancellationToken);
                foreach (var (name, way) in ((string, HostedWay)[])[(ReservationWays.OneStatement, HostedWay.OneStatement), (ReservationWays.Locked, HostedWay.Locked)])
                {
                    var database = await run.Stores.NewDatabase($"textbook_{(int)way}", cancellationToken);
                    await using (var sql = new SqlStock(database)) await sql.Create(products, Limits.Quantity, cancellationToken);
                    await ends.Add(name, run, callers, Host(way, database), cancellationToken);
                }

                return ends;
            }
            catch
            {
                await ends.DisposeAsync();
                throw;
            }
        }

        public IEnumerable<Way> Others(Func<Client, string> sku) => _shops.Skip(1).Select(other => Reserving(other.Way, other.Shop, sku));

        public async ValueTask DisposeAsync()
        {
            foreach (var (_, shop) in _shops) shop.Dispose();
            foreach (var process in _processes) await process.DisposeAsync();
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

        private static Uri FreeUrl() => new($"http://127.0.0.1:{LoopbackPorts.Next()}");

        private async Task Add(string way, MeasuringRun run, int callers, HoldfastStart start, CancellationToken cancellationToken)
        {
            try
            {
                var process = HoldfastProcess.Start(start, run.Clock);
                _processes.Add(process);
                await process.WaitUntilReady(StartLimit, cancellationToken);
                _shops.Add((way, await HttpShop.Open(process.Url, callers, cancellationToken)));
            }
            catch (RigException e)
            {
                throw new BenchException(e.Message, e);
            }
        }
    }
}
