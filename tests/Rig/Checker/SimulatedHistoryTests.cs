using Holdfast.Checker;
using Xunit.Abstractions;

namespace Holdfast.Tests.Rig.Checker;

public sealed class SimulatedHistoryTests(ITestOutputHelper output)
{
    // Configurations for each operation, when the checker hardly ever has to go back.
    private const long FewConfigurations = 3;

    // The same, when it has to try a little around each operation.
    private const long SomeConfigurations = 40;

    public static TheoryData<string, double> ModelsAndLostShares => new()
    {
        { "counter", 0 }, { "counter", 0.05 },
        { "stock", 0 }, { "stock", 0.05 },
        { "register", 0 }, { "register", 0.05 },
        { "profile", 0 }, { "profile", 0.05 },
        { "kv", 0 }, { "kv", 0.05 },
    };

    [Theory]
    [MemberData(nameof(ModelsAndLostShares))]
    public void What_a_sequential_object_did_is_always_accepted(string model, double lost)
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            output.WriteLine($"seed {seed}");
            var history = new Simulation(new Random(seed), clients: 2 + (seed % 7), keys: 3, lost).Run(300, () => Create(model));
            Assert.Equal(Verdict.Linearizable, HistoryChecker.Check(history, model).Verdict);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.05)]
    public void What_a_register_with_comparison_by_value_did_is_always_accepted(double lost)
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            output.WriteLine($"seed {seed}");
            var simulation = new Simulation(new Random(seed), clients: 2 + (seed % 7), keys: 3, lost);
            var history = simulation.Run(300, () => new SequentialCasRegister());
            Assert.Equal(Verdict.Linearizable, HistoryChecker.Check(history, "register").Verdict);
        }
    }

    [Theory]
    [InlineData("counter")]
    [InlineData("stock")]
    [InlineData("register")]
    [InlineData("profile")]
    [InlineData("kv")]
    public void A_hundred_thousand_operations_of_64_clients_on_1000_keys_need_few_configurations(string model)
    {
        const int operations = 100_000;
        var history = new Simulation(new Random(7), clients: 64, keys: 1_000, lost: 0.001).Run(operations, () => Create(model));
        var report = HistoryChecker.Check(history, model);
        output.WriteLine($"seed 7: {report.Configurations} configurations");
        Assert.Equal(Verdict.Linearizable, report.Verdict);
        Assert.InRange(report.Configurations, 1, FewConfigurations * operations);
    }

    [Theory]
    [InlineData("counter", 64)]
    [InlineData("stock", 1)]
    [InlineData("stock", 4)]
    public void One_hot_key_with_64_clients_needs_few_configurations_when_it_takes_operations_nearly_as_they_come(string model, int disorder)
    {
        const int operations = 20_000;
        var history = new Simulation(new Random(7), clients: 64, keys: 1, disorder: disorder).Run(operations, () => Create(model, falls: false));
        var report = HistoryChecker.Check(history, model);
        output.WriteLine($"seed 7: {report.Configurations} configurations");
        Assert.Equal(Verdict.Linearizable, report.Verdict);
        Assert.InRange(report.Configurations, 1, SomeConfigurations * operations);
    }

    [Fact]
    public void A_lost_increment_in_the_middle_of_a_hot_key_is_shown_with_two_answers()
    {
        var history = new Simulation(new Random(7), clients: 64, keys: 1).Run(2_000, () => new SequentialCounter(falls: false, step: 1));
        var stale = history.FindIndex(1_000, operation => operation.Name == "increment");
        var value = history[stale].Output!.Value.GetProperty("value").GetInt64();
        history[stale] = Operation.Answered("late", "k0", history[stale].Call, history[stale].Return!.Value, "increment", new { delta = 1 }, new { value = value - 1 });

        var report = HistoryChecker.Check(history, "counter");
        Assert.Equal(Verdict.Violation, report.Verdict);
        Assert.Equal(2, report.Contradiction!.Conflicting.Count);
        Assert.All(report.Contradiction.Conflicting, operation => Assert.Equal(value - 1, operation.Output!.Value.GetProperty("value").GetInt64()));
    }

    private static ISequential Create(string model, bool falls = true) => model switch
    {
        "counter" => new SequentialCounter(falls),
        "stock" => new SequentialStock(),
        "register" => new SequentialRegister(),
        "kv" => new SequentialText(),
        _ => new SequentialProfile(),
    };
}
