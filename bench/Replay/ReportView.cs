using System.Globalization;
using Spectre.Console;

namespace Holdfast.Bench.Replay;

/// <summary>The report for the person at the terminal.</summary>
public static class ReportView
{
    public static void Show(ReplayReport report, IAnsiConsole console)
    {
        console.WriteLine();
        console.Write(Numbers(report));
        console.Write(Checks(report.Checks));
        // More replays than retries: the first tries were an earlier run's.
        if (report.ReplayedAnswers > report.HttpRetries)
            console.MarkupLine($"[yellow]{Count(report.ReplayedAnswers)} answers had been given before, in an earlier run of this name: the rates above are no measurement.[/]");
        console.MarkupLine(report.Ok ? "[green]Every check held.[/]" : "[red]A check FAILED.[/]");
    }

    public static Table Checks(IReadOnlyList<CheckResult> checks)
    {
        var table = new Table().AddColumns("check", "looked at", "result");
        foreach (var check in checks)
        {
            table.AddRow(check.Name.EscapeMarkup(), Count(check.Checked), Result(check));
            foreach (var offender in check.Offenders)
                table.AddRow($"  [red]{offender.EscapeMarkup()}[/]", "", "");
        }

        return table;
    }

    private static Table Numbers(ReplayReport report)
    {
        var table = new Table().Title($"replay '{report.Run.EscapeMarkup()}' against {report.Server.EscapeMarkup()}").AddColumns("what", "value");
        Row("orders", Count(report.Orders));
        Row("completed", Count(report.Completed));
        foreach (var (reason, count) in report.Cancelled.OrderByDescending(c => c.Value))
            Row($"cancelled: {reason}", Count(count));
        Row("needs attention", Count(report.NeedsAttention));
        Row("refused", Count(report.Refused));
        Row("unfinished", Count(report.Unfinished));
        Row("returns", Count(report.Returns));
        Row("products", $"{Count(report.Products)}, initial stock {report.Stock}");
        Row("time", $"{Rate(report.Seconds)} s, {report.Concurrency} at a time");
        Row("orders/s", Rate(report.OrdersPerSecond));
        Row("lines/s", $"{Rate(report.LinesPerSecond)} ({Count(report.OrderLines)} lines)");
        Row("latency p50 / p90 / p99 / max", $"{Rate(report.LatencyMs.P50)} / {Rate(report.LatencyMs.P90)} / {Rate(report.LatencyMs.P99)} / {Rate(report.LatencyMs.Max)} ms");
        Row("HTTP retries", Count(report.HttpRetries));
        Row("answers replayed", Count(report.ReplayedAnswers));
        Row("HTTP answers", string.Join(", ", report.Answers.Select(a => $"{a.Key}: {Count(a.Value)}").Append($"none: {Count(report.LostAnswers)}")));
        return table;

        void Row(string what, string value) => table.AddRow(what.EscapeMarkup(), value.EscapeMarkup());
    }

    private static string Result(CheckResult check) => check switch
    {
        { Ok: false } => $"[red]FAILED[/] ({Count(check.Failed)})",
        // Green would claim that something was looked at.
        { Checked: 0 } => "[grey]nothing to check[/]",
        _ => "[green]ok[/]",
    };

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Rate(double rate) => rate.ToString("N1", CultureInfo.InvariantCulture);
}
