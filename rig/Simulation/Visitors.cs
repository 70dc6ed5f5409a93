using Holdfast.Contracts;
using Holdfast.Contracts.Counters;

namespace Holdfast.Simulation;

/// <summary>Visits that are counted, each once.</summary>
internal sealed class Visitors(World world, Caller caller)
{
    private const string Name = "visits";

    private Int128 _leastCounted;
    private Int128 _mostCounted;

    /// <summary>Increments that are repeated until they are answered, some of them twice at once.</summary>
    public async Task Come()
    {
        for (var increments = world.Dice.Below(5); increments > 0; increments--)
        {
            // Now and then so much that the counter would leave its range.
            var delta = world.Dice.Chance(0.05) ? Limits.WholeNumber / 2 : 1 + world.Dice.Below(9);
            var operation = new Operation(world.Dice.Id(), 1);
            var asked = Enumerable.Range(0, world.Dice.Chance(0.3) ? 2 : 1)
                .Select(_ => caller.UntilAnswered(same => world.Cluster.Counter(Name).Increment(new(same, delta)), operation));
            _mostCounted += delta;
            var answers = await Task.WhenAll(asked);
            if (Array.Exists(answers, static answer => answer?.Status == IncrementStatus.Incremented)) _leastCounted += delta;
            world.Checks.That(
                answers.Where(static answer => answer?.Status == IncrementStatus.Incremented).Select(static answer => answer?.Value).Where(static value => value is not null).Distinct().Count() <= 1,
                "an increment that was asked for twice was answered with two values");
        }
    }

    public void AreCounted() => world.Checks.CounterIs(Name, _leastCounted, _mostCounted);
}
