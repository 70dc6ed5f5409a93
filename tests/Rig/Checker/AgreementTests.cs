using System.Text.Json;
using System.Text.Json.Nodes;
using Holdfast.Checker;
using Xunit.Abstractions;

namespace Holdfast.Tests.Rig.Checker;

public sealed class AgreementTests(ITestOutputHelper output)
{
    private const int Seeds = 3_000;
    private const int Operations = 6;
    private const int MostMutations = 3;

    /// <summary>The latest moment at which a term of a lease ends, as long as such a history.</summary>
    private const long Horizon = 60;

    private static readonly CheckLimits NoGuesses = new() { Guesses = false };
    private static readonly CheckLimits SweepOnly = new(QuickConfigurations: 0) { Guesses = false };

    [Theory]
    [InlineData("counter")]
    [InlineData("stock")]
    [InlineData("register")]
    [InlineData("profile")]
    [InlineData("register", "by value")]
    [InlineData("kv")]
    [InlineData("lease")]
    public void On_tiny_histories_right_and_wrong_the_checker_agrees_with_trying_every_order(string model, string kind = "")
    {
        var wrong = 0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            var history = Tiny(random, model, kind);
            for (var mutations = random.Next(MostMutations + 1); mutations > 0; mutations--)
                Mutate(random, history, model);

            var expected = BruteForce.IsLinearizable(history, model) ? Verdict.Linearizable : Verdict.Violation;
            wrong += expected == Verdict.Violation ? 1 : 0;
            foreach (var limits in (CheckLimits[])[CheckLimits.Default, NoGuesses, SweepOnly])
            {
                var report = HistoryChecker.Check(history, model, limits);
                Assert.True(expected == report.Verdict, $"seed {seed}, {limits}: expected {expected}, was {report.Verdict}\n{Text(history)}");
                if (report.Contradiction is { } contradiction)
                    AssertContradicts(contradiction, model, $"seed {seed}, {limits}\n{Text(history)}");
            }
        }

        output.WriteLine($"seeds 0 to {Seeds - 1}: {wrong} of them not linearizable");
        Assert.InRange(wrong, Seeds / 10, Seeds * 9 / 10);
    }

    /// <summary>The shown answers alone, with every other effect possible and none certain, have no order.</summary>
    private static void AssertContradicts(Contradiction contradiction, string model, string context)
    {
        Operation[] shown =
        [
            .. contradiction.Conflicting,
            .. contradiction.Assumable.Select(operation => operation with { Outcome = OperationOutcome.Unknown, Return = null, Output = null }),
        ];
        Assert.False(BruteForce.IsLinearizable(shown, model), $"{context}\nshown:\n{Text(shown)}");
        Assert.Contains(contradiction.Stuck, contradiction.Conflicting);
    }

    private static List<Operation> Tiny(Random random, string model, string kind)
    {
        var simulation = new Simulation(random, clients: random.Next(2, 5), keys: 1, lost: random.Next(3) * 0.15);
        if (model != "stock")
            return simulation.Run(Operations, () => model == "lease" ? new SequentialLease(random, Horizon) : Create(model, kind));
        var start = random.Next(0, 5);
        List<Operation> history = [Operation.Answered("setup", "k0", -2, -1, "adjust", new { delta = start }, new { status = "adjusted" })];
        var stranger = random.Next(2) * 60;
        var tells = random.Next(3) == 0;
        history.AddRange(simulation.Run(Operations, () => new SequentialStock(stranger, tells, start)));
        return history;
    }

    private static ISequential Create(string model, string kind) => model switch
    {
        "kv" => new SequentialText(),
        "register" when kind == "by value" => new SequentialCasRegister(),
        "counter" => new SequentialCounter(),
        "register" => new SequentialRegister(),
        _ => new SequentialProfile(),
    };

    private static void Mutate(Random random, List<Operation> history, string model)
    {
        var place = random.Next(history.Count);
        var operation = history[place];
        if (operation.Outcome != OperationOutcome.Answered)
            return;
        switch (random.Next(5))
        {
            case 0:
                history[place] = operation with { Outcome = OperationOutcome.Unknown, Return = null, Output = null };
                break;
            case 1:
                var other = history.FindIndex(candidate => candidate.Name == operation.Name && candidate != operation && candidate.Output is not null);
                if (other >= 0 && (model != "stock" || operation.Name is "read"))
                    (history[place], history[other]) = (operation with { Output = history[other].Output }, history[other] with { Output = operation.Output });
                break;
            case 2:
                // An earlier return: less overlaps, so less is allowed.
                history[place] = operation with { Return = random.NextInt64(operation.Call, operation.Return!.Value + 1) };
                break;
            case 3:
                history[place] = operation with { Output = WithOneChanged(random, operation, model) };
                break;
            default:
                history[place] = operation with { Output = WithOneLeftOut(operation.Output!.Value, operation.Name) };
                break;
        }
    }

    private static JsonElement WithOneChanged(Random random, Operation operation, string model)
    {
        var changed = JsonNode.Parse(operation.Output!.Value.GetRawText())!.AsObject();
        foreach (var (name, value) in changed.ToArray())
        {
            if (value is JsonValue number && number.GetValueKind() == JsonValueKind.Number)
                changed[name] = number.GetValue<long>() + random.Next(-1, 2);
            else if (model == "stock" && value?.GetValueKind() == JsonValueKind.String)
                changed[name] = OtherStatus(value.GetValue<string>());
            else if (model == "kv")
                changed[name] = OtherText(random, value!.GetValue<string>());
            else if (operation.Name == "cas")
                changed[name] = value!.GetValue<string>() == "mismatch" ? "written" : "mismatch";
        }

        return JsonSerializer.SerializeToElement(changed);
    }

    private static string OtherText(Random random, string text) =>
        text.Length > 0 && random.Next(2) == 0 ? text.Remove(random.Next(text.Length), 1) : $"{text}{random.Next(10)}";

    private static string OtherStatus(string status) => status switch
    {
        "reserved" => "insufficient",
        "released" => "reserved",
        "insufficient" => "reserved",
        "adjusted" => "refused",
        "refused" => "adjusted",
        "done" => "not_found",
        _ => "done",
    };

    private static JsonElement WithOneLeftOut(JsonElement answer, string name)
    {
        var rest = JsonNode.Parse(answer.GetRawText())!.AsObject();
        if (name is not ("read" or "get"))
        {
            foreach (var optional in (string[])["value", "version", "onHand", "available", "number", "ends"])
                rest.Remove(optional);
        }

        return JsonSerializer.SerializeToElement(rest);
    }

    private static string Text(IEnumerable<Operation> history)
    {
        using var text = new StringWriter();
        HistoryFile.Write(text, history);
        return text.ToString();
    }
}
