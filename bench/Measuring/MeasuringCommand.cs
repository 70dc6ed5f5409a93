using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.Bench.Measuring;

/// <summary>What one run of a measuring command needs.</summary>
/// <param name="Options">The command line.</param>
/// <param name="Work">Where its databases go.</param>
/// <param name="Stores">What its silos keep their journals in.</param>
internal sealed record MeasuringRun(ParseResult Options, WorkDirectory Work, BenchStores Stores, Progress Progress, TimeProvider Clock);

/// <summary>What one run of a measuring command found; the form of <c>--json</c>.</summary>
internal sealed record Measurement(string Command, Machine Machine, IReadOnlyList<Comparison> Comparisons);

/// <summary>The part that all measuring commands share: where the databases go, the header, the tables, the file.</summary>
internal static class MeasuringCommand
{
    private static readonly Option<string?> Json = new("--json") { Description = "Write every round's figures to this file, as JSON." };

    public static Command Create(
        string name,
        string description,
        TimeProvider clock,
        Func<MeasuringRun, CancellationToken, Task<IReadOnlyList<Comparison>>> measure,
        params ReadOnlySpan<Option> options)
    {
        var command = new Command(name, description) { BenchStores.Option, Json, WorkDirectory.Option };
        foreach (var option in options) command.Add(option);
        command.SetAction((parsed, cancellationToken) => Execute(name, parsed, clock, measure, cancellationToken));
        return command;
    }

    private static Task<int> Execute(
        string name,
        ParseResult options,
        TimeProvider clock,
        Func<MeasuringRun, CancellationToken, Task<IReadOnlyList<Comparison>>> measure,
        CancellationToken cancellationToken) => Terminal.Run(
        async () =>
        {
            using var work = new WorkDirectory(options.GetRequiredValue(WorkDirectory.Option));
            await using var stores = new BenchStores(options.GetValue(BenchStores.Option), work, clock);
            var machine = Machine.Read(work.Path, await stores.Version(cancellationToken), clock);
            var comparisons = await measure(new(options, work, stores, new(), clock), cancellationToken);
            var measurement = new Measurement(name, machine, comparisons);
            MeasurementView.Show(measurement, Terminal.Output());
            if (options.GetValue(Json) is { } path)
            {
                var json = JsonSerializer.Serialize(measurement, MeasurementJson.Default.Measurement);
                await Terminal.WriteFile(path, json, "--json", cancellationToken);
            }

            return ExitCode.Passed;
        },
        "Stopped; the rounds so far are not counted.");
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(Measurement))]
internal sealed partial class MeasurementJson : JsonSerializerContext;
