using System.Net;
using System.Text;
using Holdfast.Rig;

namespace Holdfast.Rings.Rig;

public sealed class ClusterProcessesTests
{
    /// <summary>For Orleans to find that a silo has died, and for a client to find another.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [PostgresFact(Wants.Server)]
    public async Task Members_share_what_they_know_and_come_back_on_their_ports()
    {
        await using var cluster = await ClusterProcesses.Start(new() { Silos = 2, FrontDoors = 2, DatabaseThroughProxies = true }, TimeProvider.System);
        var (silo, door) = (cluster.Silos[0], cluster.FrontDoors[0]);
        using var first = new HttpClient { BaseAddress = door.Url, Timeout = Patience };
        using var second = new HttpClient { BaseAddress = cluster.FrontDoors[1].Url, Timeout = Patience };
        using var body = new StringContent("""{"name":"Teapot","unitPrice":{"amount":1999,"currency":"EUR"}}""", Encoding.UTF8, "application/json");
        using (var created = await first.PutAsync("/v1/products/TEAPOT", body)) Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Contains("Teapot", await second.GetStringAsync("/v1/products/TEAPOT"));
        Assert.All(cluster.Silos, member => Assert.True(member.Database!.Connections > 0, $"{member.Name} goes past its proxy"));

        var (before, log) = (silo.Process!.Id, silo.LogFile);
        await silo.Kill();
        Assert.False(silo.IsRunning);
        await silo.Restart();
        await door.Restart();

        Assert.NotEqual(before, silo.Process.Id);
        Assert.Equal(log, silo.LogFile);
        Assert.Contains("Teapot", await first.GetStringAsync("/v1/products/TEAPOT"));

        await cluster.Stop();
        Assert.All(cluster.Members, member => Assert.False(member.IsRunning));
        Assert.NotNull(cluster.Postgres!.ProcessId);
    }

    [PostgresFact]
    public async Task A_member_that_ends_at_its_start_is_named_and_leaves_nothing_running()
    {
        await using var database = await PostgresDatabase.Create(TimeProvider.System);
        var plan = new ClusterPlan
        {
            Silos = 1,
            FrontDoors = 1,
            Postgres = database.ConnectionString,
            Settings = new Dictionary<string, string> { ["Holdfast:Dashboard"] = "perhaps" },
        };

        var refused = await Assert.ThrowsAsync<RigException>(() => ClusterProcesses.Start(plan, TimeProvider.System));

        Assert.StartsWith("silo-1 ended with exit code", refused.Message, StringComparison.Ordinal);
        Assert.Contains("perhaps", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_front_door_whose_port_is_taken_is_told_before_anything_starts()
    {
        await using var taken = new EchoServer();
        var plan = new ClusterPlan { FrontDoors = 1, FirstFrontDoorPort = taken.Port };

        var refused = await Assert.ThrowsAsync<RigException>(() => ClusterProcesses.Start(plan, TimeProvider.System));

        Assert.Contains($"Port {taken.Port} is taken", refused.Message, StringComparison.Ordinal);
    }
}
