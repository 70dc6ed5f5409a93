using System.Net;
using Holdfast.Journal;
using Holdfast.Journal.Postgres;
using Holdfast.Silo.Cluster;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Tests.Silo.Cluster;

/// <summary>Whose database sessions are to be ended, as beat after beat finds the dead.</summary>
public sealed class DeadSessionsTests : IAsyncDisposable
{
    private static readonly SiloAddress Other = SiloAddress.New(IPAddress.Loopback, 9, 9);
    private static readonly TimeSpan Death = TimeSpan.FromDays(1);
    private static readonly TimeSpan JustBefore = TimeSpan.FromMilliseconds(-1);

    private readonly PostgresDatabase _database = new("Host=localhost");
    private readonly DeadSessions _sessions;

    public DeadSessionsTests() => _sessions = new(
        new Self(), new(_database, new ClusterClock(TimeProvider.System), "cluster", Self.Address), NullLogger<DeadSessions>.Instance);

    [Fact]
    public void A_silo_that_was_heard_until_the_end_may_write_what_is_left()
    {
        Assert.Empty(Due(Death));
        Assert.Empty(Due(Death + Budgets.LastWrites + JustBefore));
        Assert.Equal(["theirs"], Due(Death + Budgets.LastWrites));
    }

    [Fact]
    public void A_silo_that_died_silent_loses_its_sessions_at_once() => Assert.Equal(["theirs"], Due(Death, died: [Other]));

    [Fact]
    public void Sessions_are_ended_again_after_a_while()
    {
        Due(Death, died: [Other]);
        Assert.Empty(Due(Death + Budgets.LastWrites + JustBefore));
        Assert.Equal(["theirs"], Due(Death + Budgets.LastWrites));
    }

    [Theory]
    [InlineData(SiloStatus.Active, "theirs")]
    [InlineData(SiloStatus.ShuttingDown, "theirs")]
    [InlineData(SiloStatus.Dead, "")]
    public void The_living_and_those_without_sessions_are_left_alone(SiloStatus status, string sessions)
    {
        Assert.Empty(_sessions.Due(Death, [new(Other, status, 7, sessions)], []));
        Assert.Empty(_sessions.Due(Death + Budgets.LastWrites, [new(Other, status, 7, sessions)], []));
    }

    [Fact]
    public void A_silo_does_not_end_its_own_sessions()
    {
        MemberBeat[] self = [new(Self.Address, SiloStatus.Dead, 7, "ours")];
        Assert.Empty(_sessions.Due(Death, self, []));
        Assert.Empty(_sessions.Due(Death + Budgets.LastWrites, self, []));
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private IReadOnlyList<string> Due(TimeSpan now, SiloAddress[]? died = null) =>
        _sessions.Due(now, [new(Other, SiloStatus.Dead, 7, "theirs")], died ?? []);
}
