using Holdfast.Contracts.Orders;
using Holdfast.Simulation;

namespace Holdfast.Tests.Rig.Simulation;

public sealed class OrderSimulationTests
{
    private const int Orders = 1_000;

    /// <summary>Another one each day: what fails here fails again with the seed that it names.</summary>
    private static readonly ulong Today = (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 86_400;

    [Fact]
    public void Orders_in_every_weather_end_whole_with_money_and_goods_agreeing()
    {
        var result = new SimulationRun(Today, Orders, Environment.ProcessorCount).Execute();

        Assert.True(result.Failures.Count == 0, $"bench simulate --seed {Today}: {string.Join("; ", result.Failures.Take(3))}");
        Assert.True(result.Ends[OrderStatus.Completed] > Orders / 10, "hardly any order is completed");
        Assert.True(result.Ends[OrderStatus.Cancelled] > Orders / 10, "hardly any order is cancelled");
    }

    [Fact]
    public void The_same_seed_gives_the_same_history_to_the_last_byte()
    {
        var (alone, together) = (new SimulationRun(1, 200, 1).Execute(), new SimulationRun(1, 200, 2).Execute());

        Assert.Equal(alone.Digest, together.Digest);
        Assert.NotEqual(alone.Digest, new SimulationRun(2, 200, 1).Execute().Digest);
    }

    [Fact]
    public void One_order_can_be_repeated_alone()
    {
        var (first, again) = (OrderSimulation.Run(Dice.SeedOf(7, 42)), OrderSimulation.Run(Dice.SeedOf(7, 42)));

        Assert.Equal(first.History, again.History);
        Assert.Contains("order.placed", first.History, StringComparison.Ordinal);
    }
}
