using System.Globalization;
using System.Net.Http.Headers;
using Holdfast.Rig;
using Holdfast.Tests;
using Holdfast.Tests.Api;
using Holdfast.Tests.Journal;
using Npgsql;
using Xunit.Abstractions;

namespace Holdfast.Rings.Faults;

/// <summary>
/// Two clusters of one silo that share a database and know nothing of each other: whatever has an owner has two. Nothing is left
/// to keep them apart but the version check of each append.
/// </summary>
[Collection(FaultRing.Name)]
public sealed class TwoClustersTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Pairs = 200;
    private const int PairsAtATime = 20;
    private const int Writers = 4;
    private const int IncrementsOfEach = 40;
    private const int Watched = 8;
    private const int Orders = 120;
    private const int OrdersAtATime = 12;
    private const long Stocked = 1_000;
    private const long Price = 300;
    private const long UnitsOfEach = 3;

    private static readonly string[] Tokens = ["tok_ok", "tok_flaky", "tok_ok", "tok_declined"];

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly TempDirectory _directory = new();
    private readonly List<HoldfastProcess> _processes = [];
    private readonly List<HttpClient> _doors = [];
    private PostgresDatabase _database = null!;

    public async Task InitializeAsync()
    {
        if (Wants.Server.WhyNot() is not null) return;
        _database = await PostgresDatabase.Create(TimeProvider.System);
        await HoldfastProcess.Migrate(_database.ConnectionString, StartLimit, TimeProvider.System);
        foreach (var cluster in new[] { "one", "two" })
        {
            _processes.Add(HoldfastProcess.Start(
                new(cluster, HoldfastProcess.FrontDoor, new($"http://127.0.0.1:{LoopbackPorts.Next()}"))
                {
                    Settings = new Dictionary<string, string>
                    {
                        ["ConnectionStrings:Holdfast"] = _database.ConnectionString,
                        ["Holdfast:ClusterId"] = cluster,
                        ["Holdfast:SiloPort"] = Text(LoopbackPorts.Next()),
                        ["Holdfast:GatewayPort"] = Text(LoopbackPorts.Next()),

                        ["Holdfast:Watch:Span"] = "00:00:01",

                        // So often that most messages are run by both.
                        ["Holdfast:Outbox:SweepPeriod"] = "00:00:00.050",
                        ["Holdfast:Outbox:SecondReadAfter"] = "00:00:00.020",

                        // A cancel while charging ends when no charge can be on its way any more: after these together.
                        ["Holdfast:Orders:GatewayTimeout"] = "00:00:02",
                        ["Holdfast:Orders:ChargeSendWindow"] = "00:00:01",
                        ["Holdfast:Orders:ChargeTravelTime"] = "00:00:01",
                    },
                    WorkingDirectory = _directory.Path,
                    OutputFile = Path.Combine(_directory.Path, cluster),
                },
                TimeProvider.System));
        }

        await Task.WhenAll(_processes.Select(process => process.WaitUntilReady(StartLimit)));
        _doors.AddRange(_processes.Select(process => new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = process.Url }));
    }

    public async Task DisposeAsync()
    {
        foreach (var door in _doors) door.Dispose();
        foreach (var process in _processes) await process.DisposeAsync();
        if (_database is not null) await _database.DisposeAsync();
        _directory.Dispose();
    }

    [PostgresFact(Wants.Server)]
    public async Task Of_two_first_writes_at_once_one_wins_and_the_other_hears_of_it()
    {
        for (var first = 0; first < Pairs; first += PairsAtATime)
        {
            await Task.WhenAll(Enumerable.Range(first, PairsAtATime).Select(async pair =>
            {
                var answers = await Task.WhenAll(_doors.Select(door => Increment(door, $"pair-{pair}", "the same key")));
                Assert.All(answers, answer => Assert.Equal(1, answer.Number("value")));
                Assert.Single(answers, answer => !answer.Replayed);
            }));
        }

        Assert.Equal(Pairs, await Ask("SELECT count(*) FROM journal WHERE stream LIKE 'counter/pair-%' AND first = 1 AND last = 1"));
        Assert.Equal(Pairs, await Ask("SELECT count(*) FROM journal WHERE stream LIKE 'counter/pair-%'"));
        output.WriteLine($"{Conflicts("counter/pair-")} conflicts in {Pairs} pairs");
        Assert.InRange(Conflicts("counter/pair-"), 1, Pairs);
    }

    [PostgresFact(Wants.Server)]
    public async Task Two_owners_of_one_counter_lose_and_double_no_increment()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, _doors.Count * Writers).Select(async writer =>
        {
            var values = new List<long>();
            for (var i = 0; i < IncrementsOfEach; i++)
            {
                var (own, other) = (_doors[writer % _doors.Count], _doors[(writer + 1) % _doors.Count]);
                var value = (await Increment(own, "shared", $"{writer}-{i}")).Number("value");
                values.Add(value);
                Assert.InRange(await Read(other), value, long.MaxValue);
            }

            return values;
        }));

        var all = _doors.Count * Writers * IncrementsOfEach;
        output.WriteLine($"{Conflicts("counter/shared")} conflicts in {all} increments");
        Assert.Equal(Enumerable.Range(1, all).Select(value => (long)value), answers.SelectMany(values => values).Order());
        foreach (var door in _doors) Assert.Equal(all, await Read(door));
        Assert.Equal(all, await Ask("SELECT max(last) FROM journal WHERE stream = 'counter/shared'"));
        Assert.Equal(all, await Ask("SELECT sum(last - first + 1) FROM journal WHERE stream = 'counter/shared'"));
        Assert.InRange(Conflicts("counter/shared"), 1, int.MaxValue);
    }

    [PostgresFact(Wants.Server)]
    public async Task It_is_said_at_both_doors_that_there_are_two_owners_and_not_that_anything_was_lost()
    {
        // Each comes back to a counter that the other has changed meanwhile, for as long as it takes.
        var rounds = 0;
        await Eventually.True(
            async () =>
            {
                await Task.WhenAll(_doors.SelectMany((door, number) =>
                    Enumerable.Range(0, Watched).Select(counter => Increment(door, $"watched-{counter}", $"{number}-{rounds}"))));
                rounds++;
                var said = await Task.WhenAll(_doors.Select(Anomalies));
                Assert.Empty(said.SelectMany(static signs => signs).Intersect(["overwritten", "lost", "hole"]));
                return said.All(static signs => signs.Contains("conflict"));
            },
            static () => "both clusters should have said that they meet another writer");

        Assert.Equal(2 * Watched * rounds, await Ask("SELECT sum(last - first + 1) FROM journal WHERE stream LIKE 'counter/watched-%'"));
    }

    private static async Task<string[]> Anomalies(HttpClient door)
    {
        var answer = (await Send(door, HttpMethod.Get, "/v1/anomalies")).Is(200);
        return [.. answer.Json.GetProperty("items").EnumerateArray().Select(static item => item.GetProperty("sign").GetString()!)];
    }

    [PostgresFact(Wants.Server)]
    public async Task Two_owners_of_an_order_leave_none_standing_and_keep_nobodys_money_for_nothing()
    {
        (await Send(_doors[0], HttpMethod.Put, "/v1/products/goods", $$$"""{"name":"goods","unitPrice":{"amount":{{{Price}}},"currency":"EUR"}}""")).Is(201);
        (await Send(_doors[0], HttpMethod.Post, "/v1/products/goods/adjustments", $$"""{"delta":{{Stocked}},"reason":"received"}""")).Is(201);
        var random = new Random(1);
        var pauses = Enumerable.Range(0, Orders).Select(_ => random.Next(60)).ToArray();
        var completed = 0;
        await Parallel.ForAsync(0, Orders, new ParallelOptions { MaxDegreeOfParallelism = OrdersAtATime }, async (order, _) =>
        {
            if (await Play(order, pauses[order]) == "completed") Interlocked.Increment(ref completed);
        });

        // But for the looks at charges that the gateway knew nothing of, which are due for as long as it would know their keys.
        await Eventually.True(
            async () => await Ask("SELECT count(*) FROM outbox WHERE type <> 'order.late_charge'") == 0, () => "the outbox should be empty");
        Assert.Equal(0, await Ask("SELECT count(*) FROM dead_letters"));
        Assert.Equal(0, await Ask("SELECT count(*) FROM journal WHERE events LIKE '%order.resumed%'"));
        Assert.Equal(Orders, await Ask("SELECT count(*) FROM journal WHERE stream LIKE 'order/%' AND events ~ 'order.(completed|cancelled)\"'"));
        output.WriteLine($"{completed} of {Orders} completed; {Conflicts("order/")} conflicts of orders, {Conflicts("product/")} of the product");
        Assert.InRange(Conflicts("order/"), 1, int.MaxValue);
        foreach (var door in _doors)
        {
            var stock = await Send(door, HttpMethod.Get, "/v1/products/goods/stock", fresh: true);
            Assert.Equal((Stocked - (completed * UnitsOfEach), 0L), (stock.Number("onHand"), stock.Number("reserved")));
        }
    }

    /// <summary>One owner is given the order; the other is asked about it meanwhile, and to cancel every third.</summary>
    private async Task<string> Play(int number, int milliseconds)
    {
        var (own, other) = (_doors[number % _doors.Count], _doors[(number + 1) % _doors.Count]);
        var token = Tokens[number % Tokens.Length];
        var placed = await Send(own, HttpMethod.Post, "/v1/orders", HttpHost.OrderBody(token, ("goods", UnitsOfEach)));
        var path = $"/v1/orders/{placed.Is(202).Text("id")}";
        await Send(other, HttpMethod.Get, path);
        await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System);
        if (number % 3 == 0) await Send(other, HttpMethod.Post, $"{path}/cancel", """{"reason":"customer"}""");
        else await Send(other, HttpMethod.Get, path);
        var order = placed;
        await Eventually.True(
            async () => (order = await Send(other, HttpMethod.Get, path, fresh: true)).Text("status") is "completed" or "cancelled",
            () => $"the order should have ended but is {order.Body}");
        var due = order.Text("status") == "completed" ? UnitsOfEach * Price : 0;
        await Eventually.True(async () => await Kept(own, path) == due, () => $"the gateway should keep {due} of {order.Body}");
        return order.Text("status")!;
    }

    private static async Task<long> Kept(HttpClient door, string path)
    {
        var charges = await Send(door, HttpMethod.Get, $"/v1/sandbox/charges?orderId={path.Split('/')[^1]}");
        return charges.Is(200).Json.GetProperty("items").EnumerateArray()
            .Where(charge => charge.GetProperty("status").GetString() == "captured")
            .Sum(charge => charge.GetProperty("amount").GetProperty("amount").GetInt64() - charge.GetProperty("refunded").GetInt64());
    }

    /// <summary>Repeated under its key until there is an answer.</summary>
    private static async Task<Answer> Increment(HttpClient door, string counter, string key) =>
        (await Send(door, HttpMethod.Post, $"/v1/counters/{counter}/increments", """{"delta":1}""", key)).Is(200);

    private static async Task<Answer> Send(HttpClient door, HttpMethod method, string path, string? body = null, string? key = null, bool fresh = false)
    {
        var started = TimeProvider.System.GetTimestamp();
        key ??= $"{Guid.NewGuid()}";
        while (true)
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is not null) request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
            if (method == HttpMethod.Post) request.Headers.Add("Idempotency-Key", key);
            request.Headers.CacheControl = new() { NoCache = fresh };
            using var response = await door.SendAsync(request);
            var answer = await Answer.Read(response);
            if (answer.Status != 503) return answer;
            Assert.True(TimeProvider.System.GetElapsedTime(started) < FaultCluster.Patience, $"{method} {path} {key} should have been answered, but: {answer.Body}");
        }
    }

    private static async Task<long> Read(HttpClient door)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/counters/shared");
            request.Headers.CacheControl = new() { NoCache = true };
            using var response = await door.SendAsync(request);
            var answer = await Answer.Read(response);
            if (answer.Status != 503) return answer.Is(200).Number("value");
            Assert.True(TimeProvider.System.GetElapsedTime(started) < FaultCluster.Patience, $"the counter should have been read, but: {answer.Body}");
        }
    }

    private async Task<long> Ask(string sql)
    {
        var settings = new NpgsqlConnectionStringBuilder(_database.ConnectionString) { SearchPath = "holdfast", Pooling = false };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    /// <summary>How often an owner found that the other had been faster.</summary>
    private int Conflicts(string stream) => _processes.Sum(process =>
    {
        using var log = new StreamReader(new FileStream(process.Output.File!, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return log.ReadToEnd().Split('\n').Count(line =>
            line.Contains($"The activation of {stream}", StringComparison.Ordinal) && line.Contains("ends: Conflict", StringComparison.Ordinal));
    });

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
