using System.Globalization;
using Holdfast.Bench.Replay;
using Spectre.Console;

namespace Holdfast.Bench.Chaos;

/// <summary>The report for the person at the terminal.</summary>
internal static class ChaosView
{
    private const int ErrorsShown = 10;

    public static void Show(ChaosReport report, IAnsiConsole console)
    {
        ReportView.Show(report.Replay, console);
        console.WriteLine();
        console.Write(Recoveries(report));
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Probes.Counters} probed counters, {report.Probes.Increments:N0} increments; p50 / p99 / max {Milliseconds(report.Probes.LatencyMs)} ms; HTTP answers {Answers(report.Probes)}"));
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.PausedCommits:N0} commits were paused, {report.SlowTransactions:N0} transactions held open."));
        console.Write(ReportView.Checks(report.Checks));
        if (report.Errors.Count > 0) console.Write(Errors(report.Errors));
        console.MarkupLine(report.Ok ? "[green]Every check of the chaos held, too.[/]" : "[red]A check FAILED.[/]");
        if (report.Logs is { } logs) console.WriteLine($"The logs are in {logs}.");
    }

    private static Table Recoveries(ChaosReport report)
    {
        var table = new Table()
            .Title($"{report.Kills.Count} kills, seed {report.Seed}: how long keys were away")
            .AddColumns("killed", "times", "keys away", "first answer, p50 / p99 / max ms", "prompt again, p50 / p99 / max ms", "late answers after", "p50 / p99 / max ms", "process down, p50 / max ms");
        foreach (var recovery in report.Recoveries)
        {
            table.AddRow(
                recovery.Part.ToString(),
                Count(recovery.Kills),
                Count(recovery.Keys),
                Milliseconds(recovery.AgainMs),
                Milliseconds(recovery.AwayMs),
                Count(recovery.Later),
                Milliseconds(recovery.LaterMs),
                string.Create(CultureInfo.InvariantCulture, $"{recovery.DownMs.P50:N0} / {recovery.DownMs.Max:N0}"));
        }

        return table;
    }

    private static Table Errors(IReadOnlyList<LoggedErrors> errors)
    {
        var table = new Table().AddColumns("error in the logs", "times", "for example");
        foreach (var error in errors.Take(ErrorsShown)) table.AddRow(error.Kind.EscapeMarkup(), Count(error.Count), error.Example.EscapeMarkup());
        return table;
    }

    private static string Answers(ProbeReport probes) =>
        string.Join(", ", probes.Answers.Select(static answer => $"{answer.Key}: {Count(answer.Value)}").Append($"none: {Count(probes.LostAnswers)}"));

    private static string Milliseconds(Latencies latencies) =>
        string.Create(CultureInfo.InvariantCulture, $"{latencies.P50:N0} / {latencies.P99:N0} / {latencies.Max:N0}");

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
