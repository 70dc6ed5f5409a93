using System.Globalization;
using Holdfast.Rig;
using Holdfast.Rings.Delivery;
using Holdfast.Tests;
using Holdfast.Tests.Api;
using Holdfast.Tests.Journal;
using Npgsql;
using Xunit.Abstractions;

namespace Holdfast.Rings.Faults;

/// <summary>
/// Two processes, each a silo and a front door, on a PostgreSQL of their own, under load. <c>/v1/anomalies</c> is silent while they sell
/// and while the database refuses some commits; and it speaks when something is taken away from the journal behind their backs.
/// </summary>
[Collection(FaultRing.Name)]
public sealed class WatchTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const ulong Seed = 137;
    private const int Buyers = 12;
    private const long Stock = 100_000;

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    /// <summary>A twentieth of a minute: what is said within a minute by default is said within twelve seconds.</summary>
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Load = TimeSpan.FromSeconds(12);

    private readonly TempDirectory _directory = new();
    private readonly List<HoldfastProcess> _processes = [];
    private readonly List<HttpClient> _doors = [];
    private PostgresDatabase _database = null!;

    public async Task InitializeAsync()
    {
        if (Wants.Server.WhyNot() is not null) return;
        _database = await PostgresDatabase.Create(TimeProvider.System);
        await HoldfastProcess.Migrate(_database.ConnectionString, StartLimit, TimeProvider.System);
        foreach (var name in new[] { "one", "two" })
        {
            _processes.Add(HoldfastProcess.Start(
                new(name, HoldfastProcess.FrontDoor, new($"http://127.0.0.1:{LoopbackPorts.Next()}"))
                {
                    Settings = new Dictionary<string, string>
                    {
                        ["ConnectionStrings:Holdfast"] = _database.ConnectionString,
                        ["Holdfast:SiloPort"] = Text(LoopbackPorts.Next()),
                        ["Holdfast:GatewayPort"] = Text(LoopbackPorts.Next()),
                        ["Holdfast:Watch:Span"] = $"{Span}",
                        ["Holdfast:Orders:GatewayTimeout"] = "00:00:02",
                    },
                    WorkingDirectory = _directory.Path,
                    OutputFile = Path.Combine(_directory.Path, name),
                },
                TimeProvider.System));
        }

        await Task.WhenAll(_processes.Select(process => process.WaitUntilReady(StartLimit)));
        _doors.AddRange(_processes.Select(
            process => new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = process.Url }));
    }

    public async Task DisposeAsync()
    {
        foreach (var door in _doors) door.Dispose();
        foreach (var process in _processes) await process.DisposeAsync();
        if (_database is not null) await _database.DisposeAsync();
        _directory.Dispose();
    }

    [PostgresFact(Wants.Server)]
    public async Task Nothing_is_said_of_a_shop_that_sells_nor_of_commits_that_fail_and_what_the_journal_has_lost_is()
    {
        var shop = new Shop("watched");
        var buyers = Enumerable.Range(0, Buyers)
            .Select(number => new Buyer(_doors, shop, $"buyer{number}", Seeds.Random(Seeds.Of(Seed, number))))
            .ToArray();
        foreach (var sku in shop.Skus)
        {
            await buyers[0].PutProduct(sku);
            await buyers[0].Adjust(sku, Stock);
        }

        await Buy(buyers, Load);
        await SaysNothing("a shop that sells");

        // A transaction fails as it commits, now and then; of two the answer is lost as well.
        await _database.Execute(
            """
            CREATE SEQUENCE public.hiccups;
            CREATE FUNCTION public.hiccup() RETURNS trigger LANGUAGE plpgsql AS $$
                DECLARE number bigint = nextval('public.hiccups');
                BEGIN
                    IF number IN (300, 600) THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                    IF number % 100 = 50 THEN RAISE EXCEPTION 'not this one'; END IF;
                    RETURN NULL;
                END $$;
            CREATE CONSTRAINT TRIGGER hiccup AFTER INSERT ON holdfast.journal
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.hiccup()
            """);
        await Buy(buyers, Load);
        output.WriteLine($"{await Ask("SELECT last_value FROM public.hiccups")} rows while commits failed");
        Assert.InRange(await Ask("SELECT last_value FROM public.hiccups"), 700, long.MaxValue);
        await _database.Execute("DROP TRIGGER hiccup ON holdfast.journal");
        await SaysNothing("commits that fail");

        // What was acknowledged last is taken out of the journal, until its owner's turn to look has come.
        await Eventually.True(
            async () =>
            {
                await buyers[0].Increment("taken", 1);
                await buyers[0].Increment("taken", 1);
                await _database.Execute(
                    "DELETE FROM holdfast.journal WHERE stream = 'counter/taken' AND first = "
                    + "(SELECT max(first) FROM holdfast.journal WHERE stream = 'counter/taken')");
                await buyers[0].Increment("taken", 1);
                return (await Anomalies(_doors[0])).Contains("lost");
            },
            static () => "it should be said that the journal has lost something");

        // Whichever door is asked.
        Assert.Contains("lost", await Anomalies(_doors[1]));
        Assert.Contains(
            _processes,
            static process => ReadOutput(process).Contains("Signs of races are more than usual: lost", StringComparison.Ordinal));
    }

    private static async Task Buy(Buyer[] buyers, TimeSpan time)
    {
        var started = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(buyers.Select(async buyer =>
        {
            while (TimeProvider.System.GetElapsedTime(started) < time) await buyer.DoSomething();
        }));
    }

    /// <summary>What was counted has been looked at.</summary>
    private async Task SaysNothing(string about)
    {
        await Task.Delay(Span * 3, TimeProvider.System);
        foreach (var door in _doors)
        {
            var said = await Anomalies(door);
            Assert.True(said.Count == 0, $"nothing should be said of {about}, but there is {string.Join(", ", said)}");
        }
    }

    private async Task<IReadOnlyList<string>> Anomalies(HttpClient door)
    {
        using var response = await door.GetAsync(new Uri("/v1/anomalies", UriKind.Relative));
        var answer = (await Answer.Read(response)).Is(200);
        var items = answer.Json.GetProperty("items").EnumerateArray().ToArray();
        if (items.Length > 0) output.WriteLine(answer.Body);
        return [.. items.Select(static item => item.GetProperty("sign").GetString()!)];
    }

    private async Task<long> Ask(string sql)
    {
        var settings = new NpgsqlConnectionStringBuilder(_database.ConnectionString) { Pooling = false };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    private static string ReadOutput(HoldfastProcess process)
    {
        using var log = new StreamReader(new FileStream(process.Output.File!, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return log.ReadToEnd();
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
