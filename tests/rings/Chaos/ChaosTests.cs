using System.Globalization;
using Holdfast.Bench.Chaos;
using Holdfast.Bench.Replay;
using Holdfast.Rings.Delivery;
using Xunit.Abstractions;

namespace Holdfast.Rings.Chaos;

/// <summary>
/// A sample of <c>bench chaos</c>: processes of a real cluster are killed in the middle of a small shop's day, one of each kind,
/// and everything that a client was told holds.
/// </summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const int InvoiceCount = 240;

    [PostgresFact(Wants.Server)]
    public async Task A_cluster_whose_processes_are_killed_keeps_everything_it_answered()
    {
        var seed = Seeds.Drawn;
        output.WriteLine($"HOLDFAST_SEED={seed}");
        var settings = new ChaosSettings(
            Silos: 3,
            FrontDoors: 2,
            Every: TimeSpan.FromSeconds(2),
            AtLeast: 3,
            Seed: (int)(seed % int.MaxValue),
            Disturb: true,
            new("chaos", InitialStock.Plenty, Concurrency: 4, Wait: TimeSpan.FromSeconds(10), Patience: TimeSpan.FromMinutes(2), AllMovements: true) { LateIsFine = true });

        var report = await new ChaosRun(settings, MakeInvoices(), TimeProvider.System, new(TimeProvider.System), output.WriteLine).Execute(CancellationToken.None);

        output.WriteLine(report.ToJson());
        Assert.DoesNotContain(report.Checks.Concat(report.Replay.Checks), check => !check.Ok);
        Assert.True(report.Ok);
        Assert.Equal([Part.Silo, Part.FrontDoor, Part.Postgres], report.Kills.Take(3).Select(kill => kill.Part).Order());
        Assert.True(report.PausedCommits + report.SlowTransactions > 0, "No commit was late.");
        Assert.True(report.Probes.Increments > report.Probes.Counters, "The probes did nothing.");
    }

    /// <summary>Few products, so that orders meet, and now and then a return.</summary>
    private static IReadOnlyList<Invoice> MakeInvoices()
    {
        var random = new Random(1);
        var rows = Enumerable.Range(1, InvoiceCount).Select(number => string.Create(
            CultureInfo.InvariantCulture,
            $"{(number % 12 == 0 ? "C" : "")}{number},2010-12-01T08:26:00Z,{random.Next(40)},EIRE,{string.Join('|', Enumerable.Range(0, 1 + random.Next(4)).Select(_ => random.Next(20)))}"));
        return Invoices.Read(new StringReader("invoice,invoiced_at,customer,country,skus\n" + string.Join('\n', rows)));
    }
}
