using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Holdfast.Checker;
using Holdfast.Rings.Delivery;
using Holdfast.Tests.Journal;
using Xunit.Abstractions;

namespace Holdfast.Rings.Linearizability;

/// <summary>
/// Histories of the real grains on the real store, recorded by their clients while batches are lost, activations are stale or end,
/// and the silo dies: an order must exist that explains every answer.
/// </summary>
public sealed class LiveHistoryTests(ITestOutputHelper output) : IDisposable
{
    private const int Histories = 200;

    /// <summary>Of leases, when nobody asks for more.</summary>
    private const int LeaseHistories = 60;

    /// <summary>Histories that are recorded at the same time.</summary>
    private const int AtATime = 10;

    /// <summary>Histories recorded between two deaths of the silo.</summary>
    private const int RestartEvery = 40;

    /// <summary>Making a contradiction small can take a minute, and nobody reads this one.</summary>
    private static readonly CheckLimits OnlyVerdict = new(ShrinkConfigurations: 0);

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private sealed record Recorded(string Name, string Model, HistoryRecorder Recorder);

    [Fact]
    public Task Two_hundred_live_histories_under_faults_are_linearizable() => RecordAndCheck(
        Histories, static number => (number % 5) switch { 0 => "profile", 1 or 2 => "counter", _ => "stock" });

    /// <summary>Terms end by themselves all the time here, beside all that else goes wrong. As many as the variable says.</summary>
    [Fact]
    public Task Live_histories_of_leases_under_faults_are_linearizable() => RecordAndCheck(
        int.TryParse(Environment.GetEnvironmentVariable("HOLDFAST_LEASE_HISTORIES"), out var many) ? many : LeaseHistories,
        static _ => "lease");

    private async Task RecordAndCheck(int many, Func<int, string> modelOf)
    {
        var seed = Seeds.Drawn;
        output.WriteLine($"HOLDFAST_SEED={seed}");
        var (histories, silo) = await RecordAll(seed, many, modelOf);
        output.WriteLine(
            $"{histories.Sum(history => history.Recorder.Operations.Count)} operations, {histories.Sum(history => history.Recorder.Retried)} retried, "
            + $"{Count(histories, OperationOutcome.Unknown)} unknown, {Count(histories, OperationOutcome.Failed)} failed, "
            + $"store faults {silo.Faults}, intrusions {silo.Intrusions}");
        foreach (var history in histories) AssertLinearizable(history, seed);

        // Calm histories would prove little.
        Assert.Equal(many, histories.Count);
        Assert.InRange(silo.Faults, many / 20, int.MaxValue);
        Assert.InRange(silo.Intrusions, many / 10, int.MaxValue);
        Assert.InRange(histories.Sum(history => history.Recorder.Retried), many, int.MaxValue);
        Assert.InRange(Count(histories, OperationOutcome.Unknown), many / 10, int.MaxValue);
    }

    [Theory]
    [InlineData("counter")]
    [InlineData("stock")]
    [InlineData("profile")]
    [InlineData("lease")]
    public async Task A_live_history_with_one_altered_answer_is_rejected(string model)
    {
        await using var silo = await RestartableSilo.Start(_directory.Path, Seeds.Drawn, new(Fault: 0, Intrusion: 0));
        var recorder = new HistoryRecorder();
        await Clients(model, "altered", silo, recorder, seed: 7).Run();
        var history = recorder.Operations.ToArray();
        Assert.Equal(Verdict.Linearizable, HistoryChecker.Check(history, model).Verdict);
        Assert.Equal(Verdict.Violation, HistoryChecker.Check(Alter(history, model), model, OnlyVerdict).Verdict);
    }

    private async Task<(IReadOnlyList<Recorded> Histories, RestartableSilo Silo)> RecordAll(
        ulong seed, int many, Func<int, string> modelOf)
    {
        await using var silo = await RestartableSilo.Start(_directory.Path, seed, new(Fault: 0.04, Intrusion: 0.01));
        var histories = new ConcurrentQueue<Recorded>();
        var begun = 0;
        await Task.WhenAll(Enumerable.Range(0, AtATime).Select(_ => Task.Run(RecordSome)));
        return ([.. histories], silo);

        async Task RecordSome()
        {
            while (Interlocked.Increment(ref begun) is var number && number <= many)
            {
                var model = modelOf(number);
                var recorder = new HistoryRecorder();
                var name = string.Create(CultureInfo.InvariantCulture, $"h{number}");
                var recording = Clients(model, name, silo, recorder, Seeds.Of(seed, number)).Run();
                if (number % RestartEvery == 0) await silo.Restart();
                await recording;
                histories.Enqueue(new(name, model, recorder));
            }
        }
    }

    private static LiveClients Clients(string model, string name, RestartableSilo silo, HistoryRecorder recorder, ulong seed) => model switch
    {
        "counter" => new CounterClients(name, silo, recorder, seed),
        "stock" => new StockClients(name, silo, recorder, seed),
        "lease" => new LeaseClients(name, silo, recorder, seed),
        _ => new ProfileClients(name, silo, recorder, seed),
    };

    private static int Count(IEnumerable<Recorded> histories, OperationOutcome outcome) =>
        histories.Sum(history => history.Recorder.Operations.Count(operation => operation.Outcome == outcome));

    private static void AssertLinearizable(Recorded history, ulong seed)
    {
        var report = HistoryChecker.Check(history.Recorder.Operations, history.Model);
        if (report.Verdict == Verdict.Linearizable) return;
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "histories")).FullName, $"{seed}-{history.Name}.jsonl");
        using (var file = new StreamWriter(path)) HistoryFile.Write(file, history.Recorder.Operations);
        using var explanation = new StringWriter();
        CheckHistory.Run(path, history.Model, explanation);
        Assert.Fail($"seed {seed}: {path}\n{explanation}");
    }

    /// <summary>The first answer that tells a number tells another one; where two increments are told the same, one is lost.</summary>
    private static Operation[] Alter(Operation[] history, string model)
    {
        var (name, member) = model switch
        {
            "counter" => ("increment", "value"),
            "stock" => ("read", "onHand"),
            "lease" => ("acquire", "number"),
            _ => ("read", "value"),
        };
        var told = history.Where(operation => operation.Name == name && HasValue(operation, member)).ToArray();
        var altered = told[told.Length / 2];
        var other = told.First(operation => operation.Key == altered.Key && !Same(operation, altered, member));
        var answer = model is "counter" or "lease" ? other.Output!.Value.GetProperty(member) : Impossible(model);
        var members = altered.Output!.Value.EnumerateObject().ToDictionary(each => each.Name, each => each.Name == member ? answer : each.Value);
        return [.. history.Select(operation => ReferenceEquals(operation, altered) ? operation with { Output = JsonSerializer.SerializeToElement(members) } : operation)];
    }

    private static JsonElement Impossible(string model) =>
        model == "stock" ? JsonSerializer.SerializeToElement(999_999) : JsonSerializer.SerializeToElement(new { name = "never written" });

    private static bool HasValue(Operation operation, string member) =>
        operation.Output is { } answer && answer.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null;

    private static bool Same(Operation one, Operation other, string member) =>
        JsonElement.DeepEquals(one.Output!.Value.GetProperty(member), other.Output!.Value.GetProperty(member));
}
