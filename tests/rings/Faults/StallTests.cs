using Holdfast.Bench.Replay;
using Holdfast.Bench.Stalls;
using Holdfast.Rig;
using Holdfast.Rings.Delivery;
using Xunit.Abstractions;

namespace Holdfast.Rings.Faults;

/// <summary>
/// A sample of <c>bench stalls</c>: what is under a cluster's database stands still for longer than a commit is waited for, and the
/// commit then lands among those that have long gone on without it.
/// </summary>
[Collection(FaultRing.Name)]
public sealed class StallTests(ITestOutputHelper output)
{
    /// <summary>Seconds for which a silo waits for the database: a stall is longer.</summary>
    private const int CommandSeconds = 3;

    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(4);

    [StallFact]
    public async Task Every_order_ends_however_often_the_database_stands_still_in_the_middle_of_a_commit()
    {
        var seed = Seeds.Drawn;
        output.WriteLine($"HOLDFAST_SEED={seed}");
        var settings = new StallsSettings(
            [StallKind.Disk, StallKind.Backends, StallKind.Standby],
            Silos: 1,
            FrontDoors: 1,
            Orders: 1_200,
            Stalls: 6,
            Stall,
            CommandSeconds,
            Seed: (int)(seed % int.MaxValue),
            new("stalls", InitialStock.Plenty, Concurrency: 24, Wait: TimeSpan.FromSeconds(5), Patience: TimeSpan.FromSeconds(60), AllMovements: true) { LateIsFine = true });

        var report = await new StallsRun(settings, TimeProvider.System, new(TimeProvider.System), output.WriteLine).Execute(CancellationToken.None);

        output.WriteLine(report.ToJson());
        Assert.Empty(report.Stuck);
        Assert.DoesNotContain(report.Checks.Concat(report.Replay.Checks), check => !check.Ok);
        Assert.True(report.Ok);
    }
}

/// <summary>A fact about a database whose disk can be made to stall.</summary>
public sealed class StallFactAttribute : FactAttribute
{
    public StallFactAttribute() => Skip = Wants.Server.WhyNot() ?? StallingDisk.WhyUnavailable;
}
