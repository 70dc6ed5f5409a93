using System.Globalization;
using System.Text.RegularExpressions;
using Holdfast.Bench.Measuring;

namespace Holdfast.Bench.Http;

/// <summary>What wrk says at its end of what it sent and what was answered.</summary>
/// <param name="Requests">Answered, whatever the answer was.</param>
/// <param name="Seconds">From its first connection to its last answer.</param>
/// <param name="P50Ms">Of the latencies, as wrk corrects them: a request that had to wait for a late answer counts as late, too.</param>
/// <param name="Refused">Answers with another status than 2xx or 3xx.</param>
/// <param name="SocketErrors">The line of them; null when there were none.</param>
/// <param name="ProcessorSeconds">What wrk itself used; it has one thread.</param>
/// <param name="AsExpected">Answers with the text that was asked for; 0 where none was.</param>
internal sealed partial record WrkReport(
    long Requests,
    double Seconds,
    double P50Ms,
    double P99Ms,
    double MaxMs,
    long Refused,
    string? SocketErrors,
    double ProcessorSeconds,
    long AsExpected)
{
    /// <summary>Answers with 2xx or 3xx.</summary>
    public long Accepted => Requests - Refused;

    public double PerSecond => Requests / Seconds;

    /// <summary>Reads what <c>wrk --latency</c> prints with the bench's own script.</summary>
    /// <exception cref="BenchException">It is something else.</exception>
    public static WrkReport Parse(string output)
    {
        var total = Total().Match(output);
        var refusals = Refusals().Match(output);
        var socketErrors = Sockets().Match(output);
        return new(
            long.Parse(Found(total, "requests", output), CultureInfo.InvariantCulture),
            Milliseconds(Found(total, "time", output)) / 1000,
            Milliseconds(Found(Median().Match(output), "time", output)),
            Milliseconds(Found(Last().Match(output), "time", output)),
            Milliseconds(Found(Latency().Match(output), "max", output)),
            refusals.Success ? long.Parse(refusals.Groups["count"].Value, CultureInfo.InvariantCulture) : 0,
            socketErrors.Success ? socketErrors.Value.Trim() : null,
            Milliseconds(Found(Processor().Match(output), "time", output)) / 1000,
            long.Parse(Found(Expected().Match(output), "count", output), CultureInfo.InvariantCulture));
    }

    /// <summary>For a measurement that counts only when everything was answered well.</summary>
    /// <param name="what">What was measured.</param>
    /// <param name="looked">Whether each answer was to have a certain text.</param>
    /// <exception cref="BenchException">Something was not.</exception>
    public void ThrowIfFailed(string what, bool looked)
    {
        var wrong = this switch
        {
            { SocketErrors: { } errors } => errors,
            { Refused: > 0 } => Text($"{Refused:N0} of {Requests:N0} answers were neither 2xx nor 3xx"),
            _ when looked && AsExpected != Requests => Text(
                $"{Requests - AsExpected:N0} of {Requests:N0} answers are not those of the work that was to be done"),
            _ => null,
        };
        if (wrong is not null) throw new BenchException($"{what}: {wrong}. The figures would mean nothing.");
    }

    /// <param name="server">Processor time that the server used meanwhile.</param>
    public Round Round(TimeSpan server) => new(Requests, Seconds, Allocated: 0, Appends: 0, Batches: 0, Messages: 0, P50Ms, P99Ms, MaxMs)
    {
        Processor = new(server.TotalSeconds, ProcessorSeconds),
    };

    /// <summary>A number and its unit, without a space between: us, ms, s, m or h.</summary>
    private static double Milliseconds(string text)
    {
        var digits = text.AsSpan().TrimEnd("abcdefghijklmnopqrstuvwxyz");
        return double.Parse(digits, CultureInfo.InvariantCulture) * text[digits.Length..] switch
        {
            "us" => 0.001,
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            var unit => throw new BenchException($"wrk measured '{text}', and '{unit}' is no unit that is known here."),
        };
    }

    private static string Found(Match match, string group, string output) =>
        match.Success ? match.Groups[group].Value : throw new BenchException($"wrk said something that is not understood here:\n{output}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^ +(?<requests>\d+) requests in (?<time>[\d.]+[a-z]+),", RegexOptions.Multiline)]
    private static partial Regex Total();

    [GeneratedRegex(@"^ +50% +(?<time>[\d.]+[a-z]+)", RegexOptions.Multiline)]
    private static partial Regex Median();

    [GeneratedRegex(@"^ +99% +(?<time>[\d.]+[a-z]+)", RegexOptions.Multiline)]
    private static partial Regex Last();

    /// <summary>Mean, standard deviation, maximum.</summary>
    [GeneratedRegex(@"^ +Latency +[\d.]+[a-z]+ +[\d.]+[a-z]+ +(?<max>[\d.]+[a-z]+)", RegexOptions.Multiline)]
    private static partial Regex Latency();

    [GeneratedRegex(@"^ +Non-2xx or 3xx responses: (?<count>\d+)", RegexOptions.Multiline)]
    private static partial Regex Refusals();

    [GeneratedRegex("^ +Socket errors: .*$", RegexOptions.Multiline)]
    private static partial Regex Sockets();

    [GeneratedRegex(@"^Processor time: (?<time>[\d.]+s)", RegexOptions.Multiline)]
    private static partial Regex Processor();

    [GeneratedRegex(@"^As expected: (?<count>\d+)", RegexOptions.Multiline)]
    private static partial Regex Expected();
}
