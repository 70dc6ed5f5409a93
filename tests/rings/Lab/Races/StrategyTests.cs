using Holdfast.Lab.Races;
using Holdfast.Lab.Races.Counter;
using Holdfast.Lab.Races.Events;
using Holdfast.Lab.Races.LastItems;
using Holdfast.Lab.Races.Profile;
using Holdfast.Lab.Races.Strategies;
using Xunit.Abstractions;

namespace Holdfast.Rings.Lab.Races;

/// <summary>The strategies that are here to lose do lose, and no other loses anything.</summary>
public sealed class StrategyTests(LabFixture fixture, ITestOutputHelper output) : IClassFixture<LabFixture>
{
    private const int Clients = 24;

    /// <summary>One race may go well by luck; so many do not.</summary>
    private const int MaxRaces = 25;

    private const int Seed = 1;

    private static readonly TimeSpan RaceTime = TimeSpan.FromMilliseconds(120);
    private static readonly RacePlan Plan = new([Clients], RaceTime, RaceTime, Seed);

    private static readonly (string Scenario, Type Contestant)[] Scenarios =
        [("items", typeof(ILastItems)), ("profile", typeof(IProfiles)), ("counter", typeof(ICounters)), ("events", typeof(IEventConsumer))];

    /// <summary>Lose whenever clients meet; the lock only when its holder stalls.</summary>
    private static readonly Type[] Careless = [typeof(NaiveReadModifyWrite), typeof(CheckThenApply)];

    public static TheoryData<string, string> CarelessRaces => Races(static strategy => Careless.Contains(strategy));

    public static TheoryData<string, string> StalledRaces => Races(static strategy => strategy == typeof(RedisLock));

    public static TheoryData<string, string> SafeRaces => Races(static strategy => !Careless.Contains(strategy) && strategy != typeof(RedisLock));

    [LabTheory]
    [MemberData(nameof(CarelessRaces))]
    public async Task A_careless_strategy_loses_what_it_acknowledged(string scenario, string strategy)
    {
        var race = NewRace(scenario);
        for (var number = 1; number <= MaxRaces; number++)
        {
            var point = await race.RunFor(Strategy(strategy), Clients, RaceTime);
            if (point.Loss.Kinds.All(static damage => damage.What == EventsScenario.OutOfOrder)) continue;
            output.WriteLine($"Race {number}: {string.Join(", ", Figures.Lines(point.Loss))} of {point.Done}.");
            return;
        }

        Assert.Fail($"{strategy} lost nothing in {MaxRaces} races of {Clients} clients for '{scenario}'.");
    }

    [LabTheory]
    [MemberData(nameof(StalledRaces))]
    public async Task A_lock_that_expires_under_a_stalled_holder_loses_what_was_acknowledged(string scenario, string strategy)
    {
        var stalled = await NewRace(scenario).RunStalled(Strategy(strategy));

        Assert.NotNull(stalled);
        output.WriteLine($"{string.Join(", ", Figures.Lines(stalled.Loss))} of {stalled.Done}.");
        Assert.True(stalled.Loss.Operations > 0, $"{strategy} lost nothing for '{scenario}', although its holder stalled.");
    }

    [LabTheory]
    [MemberData(nameof(SafeRaces))]
    public async Task The_others_lose_nothing_even_if_a_client_stalls(string scenario, string strategy)
    {
        var race = NewRace(scenario);

        // A disk that others keep busy can take longer for one commit than a race lasts.
        var point = await race.RunFor(Strategy(strategy), Clients, RaceTime);
        for (var number = 2; point.Done == 0 && number <= MaxRaces; number++)
            point = await race.RunFor(Strategy(strategy), Clients, RaceTime);
        var stalled = await race.RunStalled(Strategy(strategy));

        Assert.True(point.Done > 0, "Nothing was done.");
        Assert.Equal([], Figures.Lines(point.Loss));
        Assert.Equal([], Figures.Lines(stalled?.Loss ?? Loss.None));
    }

    [LabFact]
    public void Strategies_that_are_said_to_lose_are_those_that_these_tests_see_losing()
    {
        var losing = fixture.Strategies.Where(static strategy => strategy.About.Loses).Select(static strategy => strategy.GetType().Name);

        Assert.Equal(Careless.Append(typeof(RedisLock)).Select(static type => type.Name).Order(), losing.Order());
    }

    private static TheoryData<string, string> Races(Func<Type, bool> choose)
    {
        var races = new TheoryData<string, string>();
        foreach (var (scenario, contestant) in Scenarios)
        {
            var strategies = typeof(IStrategy).Assembly.GetTypes().Where(type => type.IsClass && contestant.IsAssignableFrom(type) && choose(type));
            foreach (var strategy in strategies.OrderBy(static type => type.Name)) races.Add(scenario, strategy.Name);
        }

        return races;
    }

    private Race NewRace(string scenario) =>
        new(RacesCommand.Scenarios(Seed).Single(other => other.Text.Id == scenario), Plan, fixture.Lab.Stall, CancellationToken.None);

    private IStrategy Strategy(string name) => fixture.Strategies.Single(strategy => strategy.GetType().Name == name);
}
