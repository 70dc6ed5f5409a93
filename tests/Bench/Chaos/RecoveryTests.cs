using Holdfast.Bench.Chaos;
using Holdfast.Bench.Replay;

namespace Holdfast.Tests.Bench.Chaos;

public sealed class RecoveryTests
{
    private static readonly Kill[] Kills =
    [
        new(Part.Silo, "silo-1", Seconds(10), Seconds(1), Seconds(3)),
        new(Part.FrontDoor, "front-door-1", Seconds(20), Seconds(1), Seconds(2)),
        new(Part.Silo, "silo-2", Seconds(30), Seconds(1), Seconds(5)),
    ];

    [Fact]
    public void A_key_answers_again_with_its_first_answer_and_is_back_when_it_has_answered_promptly_for_a_second()
    {
        var silo = Silo(
            new("a", Seconds(9.9), Seconds(10.1), Seconds(12)),
            new("b", Seconds(10.1), Seconds(10.3), Seconds(11)),
            new("b", Seconds(11.5), Seconds(11.7), Seconds(14)));

        Assert.Equal((2, 2, 0), (silo.Kills, silo.Keys, silo.Later));
        Assert.Equal(new Latencies(1_000, 2_000, 2_000, 2_000), silo.AgainMs);
        Assert.Equal(new Latencies(2_000, 4_000, 4_000, 4_000), silo.AwayMs);
        Assert.Equal(new Latencies(3_000, 5_000, 5_000, 5_000), silo.DownMs);
    }

    [Fact]
    public void Trouble_of_a_key_that_was_back_or_never_away_counts_for_itself()
    {
        var silo = Silo(
            new("a", Seconds(10), Seconds(10.1), Seconds(11)),
            new("a", Seconds(15), Seconds(15.3), Seconds(16)),
            new("b", Seconds(14), Seconds(14.3), Seconds(16)));

        Assert.Equal((1, 1_000, 2), (silo.Keys, silo.AwayMs.Max, silo.Later));
        Assert.Equal(new Latencies(1_000, 2_000, 2_000, 2_000), silo.LaterMs);
    }

    [Fact]
    public void A_key_whose_front_door_was_killed_is_back_when_the_other_one_has_answered()
    {
        // Every other request goes on to begin at the dead one.
        var door = Recovery.Of(Kills, Enumerable.Range(0, 20).Select(i => new Trouble("a", Seconds(20 + (i / 4.0)), Seconds(20.01 + (i / 4.0)), Seconds(20.06 + (i / 4.0)))))
            .Single(recovery => recovery.Part == Part.FrontDoor);

        Assert.Equal((1, 60, 0), (door.Keys, door.AwayMs.Max, door.Later));
    }

    [Fact]
    public void One_key_that_two_kills_hit_counts_for_each()
    {
        Assert.Equal(2, Silo(new("a", Seconds(10), Seconds(10.1), Seconds(11)), new("a", Seconds(30), Seconds(30.1), Seconds(31))).Keys);
    }

    [Fact]
    public void Trouble_belongs_to_the_last_kill_before_it_was_noticed()
    {
        var recoveries = Recovery.Of(Kills, [new("a", Seconds(19.9), Seconds(20.1), Seconds(20.2)), new("before any", Seconds(1), Seconds(2), Seconds(12))]);

        Assert.Equal([(Part.Silo, 0), (Part.FrontDoor, 1)], recoveries.Select(recovery => (recovery.Part, recovery.Keys)));
    }

    private static Recovery Silo(params Trouble[] troubles) =>
        Recovery.Of(Kills, troubles).Single(recovery => recovery.Part == Part.Silo);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
