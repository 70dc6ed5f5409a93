using Holdfast.Bench.Compare;
using Holdfast.Bench.Measuring;
using Holdfast.Bench.Reservations;
using Holdfast.Bench.Sql;
using Holdfast.Contracts;

namespace Holdfast.Bench.Http;

/// <summary>The same reservations over HTTP, each way as a server process of its own; and whole orders.</summary>
internal sealed class HttpSection
{
    public const string Id = "http";

    private const string Hot = "Reservations of one product, over HTTP";

    /// <summary>SKUs of a run: drawn beforehand, and asked for again from the first when a run has more requests.</summary>
    private const int Draws = 200_000;

    /// <summary>For the end of an order; one that takes longer fails the measurement.</summary>
    private const int WaitSeconds = 20;

    private static readonly string[] Unfair =
    [
        "Against Holdfast: the other endpoints have no problem details, no dashboard that counts calls and no idempotency key; Holdfast "
        + "derives an id from the key (SHA-256), and keeps a receipt.",
        "No way exports telemetry: Holdfast collects none unless it is told where to send it.",
        "In Holdfast's favour: its silo is in the front door's process. With silos of their own, a request makes one more way over the network.",
        "In Holdfast's favour: each SQL request commits alone, as request handlers do.",
        "For all alike: the load comes from the same cores, from one thread of wrk, without TLS; PostgreSQL runs there, too, and its processor "
        + "time is nobody's in the table.",
        "The empty endpoint reads the same JSON and answers the same, and does nothing: it is the ceiling of ASP.NET Core on this machine.",
    ];

    private readonly HttpServers _servers;
    private readonly HttpContest _contest;
    private readonly Plan _plan;
    private readonly List<string> _wrong = [];
    private readonly Random _random;

    private HttpSection(HttpServers servers, HttpContest contest, Plan plan)
    {
        _servers = servers;
        _contest = contest;
        _plan = plan;
        _random = new(plan.Seed);
    }

    public static async Task<Section> Measure(
        MeasuringRun run, Plan plan, IReadOnlyList<Popularity> popularities, CancellationToken cancellationToken)
    {
        var wrk = new Wrk(run.Work, run.Clock);
        string[] skus = [.. Enumerable.Range(0, popularities.Max(static popularity => popularity.Products)).Select(Products.Sku)];
        await using var servers = await HttpServers.Start(run, skus.Length, cancellationToken);
        var section = new HttpSection(servers, new(plan, wrk, run.Progress, cancellationToken), plan);
        var comparisons = new List<Comparison> { await section.CompareHot() };
        run.Progress.Say($"{skus.Length} products are made over HTTP");
        await servers.Create(skus, cancellationToken);
        var reservations = new HttpAudit(servers, skus, static stock => stock.Reserved);
        foreach (var popularity in popularities) comparisons.Add(await section.Compare(popularity, skus, reservations));
        await section.Check(reservations, "reservations of many products", cancellationToken);
        comparisons.Add(await section.MeasureOrders(popularities[0], skus, cancellationToken));
        return new(
            Id,
            "Reservations and orders, over HTTP",
            "One operation is a POST that reserves one unit of a product for one buyer, with an idempotency key; when it is answered, the "
            + "reservation is on disk (fsync). Each way is a process with the same server settings. The load is made by wrk, with one thread "
            + "and a connection for each caller; how much of a core it used is in the last column, and the processor time of the server "
            + "in the one before. An order is a POST with `Prefer: wait` that is answered when the order has completed: reserved, charged to "
            + "the sandbox gateway, sold. In the end the stock of all products is read: it has to agree with what was answered.",
            Unfair,
            comparisons,
            [])
        {
            Targets =
            [
                new("one product over HTTP, Holdfast against the empty endpoint", Hot, ReservationWays.Holdfast, HttpServers.Empty, 0.7),
                new("one product over HTTP, Holdfast against one atomic statement", Hot, ReservationWays.Holdfast, ReservationWays.OneStatement, 18),
            ],
            Wrong = section._wrong.Count == 0 ? null : string.Join("; ", section._wrong),
        };
    }

    /// <summary>Each round has a product of its own: none starts with what an earlier one left open.</summary>
    private Task<Comparison> CompareHot()
    {
        var (round, audit) = (0, (HttpAudit?)null);
        var holdfast = new HttpWay(ReservationWays.Holdfast, _servers.Holdfast, async cancellationToken =>
        {
            string[] sku = [$"{SqlStock.HotSku}-{++round}"];
            await _servers.Create(sku, cancellationToken);
            audit = new(_servers, sku, static stock => stock.Reserved);
            return new(HttpRequests.Reservation(_servers.Holdfast.Url), sku);
        })
        {
            Ended = async (report, cancellationToken) =>
            {
                audit!.Add(report, _plan.Clients);
                await Check(audit, "reservations of one product", cancellationToken);
            },
        };
        return _contest.Run(Hot, [holdfast, .. Others(static () => [SqlStock.HotSku])]);
    }

    private Task<Comparison> Compare(Popularity popularity, string[] skus, HttpAudit audit)
    {
        var request = HttpRequests.Reservation(_servers.Holdfast.Url);
        var holdfast = new HttpWay(ReservationWays.Holdfast, _servers.Holdfast, _ => Task.FromResult(new HttpLoad(request, Draw(popularity, skus))))
        {
            Ended = (report, _) => Add(audit, report),
        };
        return _contest.Run($"Reservations of {popularity.Name}, over HTTP", [holdfast, .. Others(() => Draw(popularity, skus))]);
    }

    private async Task<Comparison> MeasureOrders(Popularity popularity, string[] skus, CancellationToken cancellationToken)
    {
        var sold = new HttpAudit(_servers, skus, stock => (skus.Length * Limits.Quantity) - stock.OnHand);
        var request = HttpRequests.Order(_servers.Holdfast.Url, WaitSeconds);
        var holdfast = new HttpWay(ReservationWays.Holdfast, _servers.Holdfast, _ => Task.FromResult(
            new HttpLoad(request, Draw(popularity, skus)) { Expected = HttpRequests.Completed }))
        {
            Ended = (report, _) => Add(sold, report),
        };
        var comparison = await _contest.Run($"Orders of 1 line, of {popularity.Name}, over HTTP", holdfast);
        await Check(sold, "orders", cancellationToken);
        return comparison;
    }

    private IEnumerable<HttpWay> Others(Func<IReadOnlyList<string>> skus) => _servers.Others.Select(other =>
        new HttpWay(other.Way, other.Process, _ => Task.FromResult(new HttpLoad(HttpRequests.Reservation(other.Process.Url), skus()))));

    private string[] Draw(Popularity popularity, string[] skus) =>
        [.. Enumerable.Range(0, Draws).Select(_ => skus[popularity.Draw(_random)])];

    private Task Add(HttpAudit audit, WrkReport report)
    {
        audit.Add(report, _plan.Clients);
        return Task.CompletedTask;
    }

    private async Task Check(HttpAudit audit, string what, CancellationToken cancellationToken)
    {
        if (await audit.Check(what, cancellationToken) is { } wrong) _wrong.Add(wrong);
    }
}
