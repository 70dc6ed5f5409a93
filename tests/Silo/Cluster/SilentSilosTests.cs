using System.Net;
using Holdfast.Journal.Postgres;
using Holdfast.Silo.Cluster;

namespace Holdfast.Tests.Silo.Cluster;

/// <summary>Who has fallen silent, as beat after beat of one silo finds the others.</summary>
public sealed class SilentSilosTests
{
    private static readonly SiloAddress Other = SiloAddress.New(IPAddress.Loopback, 9, 9);
    private static readonly TimeSpan JustLonger = TimeSpan.FromMilliseconds(1);

    private readonly SilentSilos _silos = new(Self.Address);
    private TimeSpan _now = TimeSpan.FromDays(1);
    private long _beat = 7;
    private long _heardBeat;
    private TimeSpan _heardAt;

    [Fact]
    public void A_silo_whose_beats_go_on_is_neither_suspected_nor_silent()
    {
        for (var beats = 0; beats < 30; beats++)
        {
            _beat++;
            AssertNothing(Listen(Budgets.BeatPeriod));
        }
    }

    [Fact]
    public void A_silo_is_suspected_when_it_is_late_and_silent_when_it_is_very_late()
    {
        Listen();
        AssertNothing(PassTo(Budgets.Suspicion));
        Assert.Equal([Other], Listen(JustLonger).Suspects);

        var silences = PassTo(Budgets.Silence);
        Assert.Equal([Other], silences.Suspects);
        Assert.Empty(silences.Silent);
        silences = Listen(JustLonger);
        Assert.Empty(silences.Suspects);
        Assert.Equal([Other], silences.Silent);
    }

    [Fact]
    public void A_silo_that_is_silent_is_declared_dead_again_after_a_while_until_it_is()
    {
        Listen();
        PassTo(Budgets.Silence);
        Assert.Equal([Other], Listen(JustLonger).Silent);
        Assert.Empty(Listen(Budgets.DeclareAgain).Silent);
        Assert.Equal([Other], Listen(JustLonger).Silent);
        Assert.Empty(Listen(JustLonger, SiloStatus.Dead).Silent);
        AssertNothing(PassTo(Budgets.Silence, SiloStatus.Dead));
    }

    [Fact]
    public void A_silo_that_is_heard_again_is_no_suspect_any_more()
    {
        Listen();
        PassTo(Budgets.Suspicion + JustLonger);
        _beat++;
        AssertNothing(Listen(Budgets.BeatPeriod));
        AssertNothing(PassTo(Budgets.Suspicion));
    }

    [Fact]
    public void A_silo_that_could_not_listen_holds_nobody_for_silent_meanwhile()
    {
        Listen();
        AssertNothing(Listen(Budgets.Silence + Budgets.Suspicion));
        _heardAt = _now;
        AssertNothing(PassTo(Budgets.Suspicion));
        Assert.Equal([Other], Listen(JustLonger).Suspects);
    }

    [Fact]
    public void A_silo_that_dies_after_it_was_late_has_died_silent_and_one_that_was_heard_until_the_end_has_not()
    {
        Listen();
        PassTo(Budgets.Suspicion + JustLonger);
        Assert.Equal([Other], Listen(JustLonger, SiloStatus.Dead).DiedSilent);
        Assert.Empty(Listen(JustLonger, SiloStatus.Dead).DiedSilent);

        var orderly = new SilentSilos(Self.Address);
        orderly.Listen(_now, [Member(SiloStatus.Active)]);
        Assert.Empty(orderly.Listen(_now + Budgets.Suspicion, [Member(SiloStatus.Dead)]).DiedSilent);
    }

    [Theory]
    [InlineData(SiloStatus.Joining)]
    [InlineData(SiloStatus.ShuttingDown)]
    [InlineData(SiloStatus.Dead)]
    public void Only_active_silos_are_missed(SiloStatus status)
    {
        Listen(status: status);
        AssertNothing(PassTo(2 * Budgets.Silence, status));
    }

    [Fact]
    public void A_silo_does_not_miss_itself()
    {
        for (var passed = TimeSpan.Zero; passed < 2 * Budgets.Silence; passed += Budgets.BeatPeriod)
        {
            AssertNothing(_silos.Listen(_now + passed, [new(Self.Address, SiloStatus.Active, 7, "")]));
        }
    }

    private static void AssertNothing(Silences silences) =>
        Assert.Empty(silences.Suspects.Concat(silences.Silent).Concat(silences.DiedSilent));

    /// <summary>Our next beat, so long after the one before.</summary>
    private Silences Listen(TimeSpan after = default, SiloStatus status = SiloStatus.Active)
    {
        _now += after;
        if (_beat != _heardBeat) (_heardBeat, _heardAt) = (_beat, _now);
        return _silos.Listen(_now, [Member(status)]);
    }

    /// <summary>Our beats, none far from the next, until so long after the other's last.</summary>
    private Silences PassTo(TimeSpan silence, SiloStatus status = SiloStatus.Active)
    {
        var since = _heardAt;
        Silences silences;
        do
        {
            var step = since + silence - _now;
            silences = Listen(step < Budgets.BeatPeriod ? step : Budgets.BeatPeriod, status);
        }
        while (_now < since + silence);

        return silences;
    }

    private MemberBeat Member(SiloStatus status) => new(Other, status, _beat, "");
}
