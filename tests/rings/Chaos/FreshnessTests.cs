using Holdfast.Bench.Freshness;
using Holdfast.Rings.Delivery;
using Xunit.Abstractions;

namespace Holdfast.Rings.Chaos;

/// <summary>A sample of <c>bench freshness</c>: lists show what was acknowledged while a process is killed.</summary>
public sealed class FreshnessTests(ITestOutputHelper output)
{
    [PostgresFact(Wants.Server)]
    public async Task Lists_show_what_was_acknowledged_while_processes_are_killed()
    {
        var seed = Seeds.Drawn;
        output.WriteLine($"HOLDFAST_SEED={seed}");
        var settings = new FreshnessSettings(
            Silos: 2,
            FrontDoors: 2,
            Changes: 200,
            Writers: 6,
            Witnesses: 2,
            Every: TimeSpan.FromSeconds(2),
            AtLeast: 1,
            Patience: TimeSpan.FromMinutes(2),
            Seed: (int)(seed % int.MaxValue));

        var report = await new FreshnessRun(settings, TimeProvider.System, new(TimeProvider.System), output.WriteLine)
            .Execute(CancellationToken.None);

        output.WriteLine($"{report}");
        Assert.DoesNotContain(report.Checks, static check => !check.Ok);
        Assert.NotEmpty(report.Kills);
        Assert.Equal([settings.Changes, settings.Changes], report.Checks.Take(2).Select(static check => check.Checked));
        Assert.True(report.Checks[2].Checked > 0, "The witnesses saw nothing.");
    }
}
