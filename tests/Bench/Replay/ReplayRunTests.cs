using Holdfast.Bench;
using Holdfast.Bench.Replay;
using Xunit.Abstractions;

namespace Holdfast.Tests.Bench.Replay;

public sealed class ReplayRunTests(ITestOutputHelper output)
{
    private const int Seed = 20101201;

    private static readonly List<Invoice> Shop = MakeInvoices(60);

    [Theory]
    [InlineData("plenty")]
    [InlineData("half")]
    [InlineData("0")]
    public async Task A_replay_of_a_correct_server_passes_every_check(string stock)
    {
        var facts = await Replay(new FakeHoldfast(Seed, faultShare: 0), stock);

        AssertPassed(facts);
        Assert.Equal(stock == "plenty", facts.Orders.All(o => o.Final!.Completed));
        Assert.Equal(Shop.Count, facts.Orders.Count + facts.Returns.Count);
    }

    [Fact]
    public async Task Refused_broken_and_lost_answers_are_repeated_without_a_second_effect()
    {
        output.WriteLine($"seed {Seed}");
        var server = new FakeHoldfast(Seed, faultShare: 0.1);

        AssertPassed(await Replay(server, "half"));

        Assert.True(server.Faults > 10, $"{server.Faults} faults");
    }

    [Fact]
    public async Task The_same_run_again_changes_nothing_and_still_adds_up()
    {
        var server = new FakeHoldfast(Seed, faultShare: 0);
        var first = await Replay(server, "half");

        var second = await Replay(server, "half");

        AssertPassed(second);
        Assert.Equal(first.Skus.Select(s => (s.Sku, s.Before, s.Stock)), second.Skus.Select(s => (s.Sku, s.Before, s.Stock)));
        Assert.Equal(first.Charges, second.Charges);
    }

    [Fact]
    public async Task Another_run_on_the_same_server_starts_from_what_it_finds()
    {
        var server = new FakeHoldfast(Seed, faultShare: 0);
        await Replay(server, "plenty", run: "first");

        var second = await Replay(server, "half", run: "second");

        AssertPassed(second);
        Assert.NotEmpty(second.OtherOrders);
        Assert.Contains(second.Skus, s => s.Before > 0);
    }

    [Fact]
    public async Task A_runs_name_with_other_stock_is_refused_with_what_to_do()
    {
        var server = new FakeHoldfast(Seed, faultShare: 0);
        await Replay(server, "plenty");

        var refusal = await Assert.ThrowsAsync<BenchException>(() => Replay(server, "half"));

        Assert.Contains("--run", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_charges_twice_is_found()
    {
        var facts = await Replay(new FakeHoldfast(Seed, faultShare: 0) { ChargesTwice = true }, "plenty");

        Assert.Contains(Checks.Of(facts), check => !check.Ok && check.Name.Contains("one captured charge", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_stays_away_ends_the_run_after_its_patience_with_what_to_do()
    {
        var server = new FakeHoldfast(Seed, faultShare: 0) { Down = true };

        var refusal = await Assert.ThrowsAsync<BenchException>(() => Replay(server, "plenty", patience: TimeSpan.FromMilliseconds(100)));

        Assert.Contains("run the same command again", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Orders);
    }

    private static async Task<ReplayFacts> Replay(FakeHoldfast server, string stock, string run = "test", TimeSpan? patience = null)
    {
        Assert.True(InitialStock.TryParse(stock, out var initial));
        using var http = new HttpClient(server, disposeHandler: false) { BaseAddress = new Uri("http://fake/") };
        var settings = new ReplaySettings(
            run, initial, Concurrency: 8, TimeSpan.FromSeconds(1), patience ?? TimeSpan.FromSeconds(30), AllMovements: true);
        var client = new HoldfastClient(http, new FrontDoors([http.BaseAddress]), TimeProvider.System, settings.Patience, Seed);
        return await new ReplayRun(client, settings, Shop, TimeProvider.System, new ReplayProgress(TimeProvider.System)).Execute(CancellationToken.None);
    }

    private static void AssertPassed(ReplayFacts facts) =>
        Assert.DoesNotContain(Checks.Of(facts).Where(check => !check.Ok).SelectMany(check => check.Offenders.Prepend(check.Name)), _ => true);

    /// <summary>A few busy SKUs, repeats inside an invoice, SKUs with spaces, and every tenth invoice a return.</summary>
    private static List<Invoice> MakeInvoices(int count)
    {
        string[] skus = ["85123A", "85123a", "BANK CHARGES", "22423", "POST", "M"];
        var random = new Random(Seed);
        var rows = Enumerable.Range(1, count).Select(i =>
            $"{(i % 10 == 0 ? "C" : "")}{i},2010-12-01T08:26:00Z,,EIRE,{string.Join('|', Enumerable.Range(0, 1 + random.Next(8)).Select(_ => skus[random.Next(skus.Length)]))}");
        return [.. Invoices.Read(new StringReader("invoice,invoiced_at,customer,country,skus\n" + string.Join('\n', rows)))];
    }
}
