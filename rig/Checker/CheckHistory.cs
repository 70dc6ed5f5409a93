using System.Globalization;

namespace Holdfast.Checker;

/// <summary>Checks a recorded history and says in words what came of it.</summary>
public static class CheckHistory
{
    public const int Linearizable = 0;
    public const int Violation = 1;
    public const int BadInput = 2;
    public const int Undecided = 3;

    /// <summary>Lines of one list before the rest is only counted.</summary>
    private const int ListedLines = 40;

    /// <returns>0: linearizable. 1: a violation. 2: the history cannot be read. 3: undecided.</returns>
    public static int Run(string path, string modelName, TextWriter output)
    {
        try
        {
            using var reader = new StreamReader(path);
            return Run(reader, modelName, output);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            output.WriteLine($"Cannot read the history: {unreadable.Message}");
            return BadInput;
        }
    }

    /// <returns>0: linearizable. 1: a violation. 2: the history cannot be read. 3: undecided.</returns>
    public static int Run(TextReader history, string modelName, TextWriter output, CheckLimits? limits = null)
    {
        if (!HistoryChecker.ModelNames.Contains(modelName))
        {
            output.WriteLine($"There is no model \"{modelName}\"; there are {string.Join(", ", HistoryChecker.ModelNames)}.");
            return BadInput;
        }

        CheckReport report;
        try
        {
            report = HistoryChecker.Check(HistoryFile.Read(history), modelName, limits);
        }
        catch (HistoryException bad)
        {
            output.WriteLine($"Cannot read the history: {bad.Message}");
            return BadInput;
        }

        Write(report, modelName, output);
        return report.Verdict switch
        {
            Verdict.Linearizable => Linearizable,
            Verdict.Violation => Violation,
            _ => Undecided,
        };
    }

    private static void Write(CheckReport report, string modelName, TextWriter output)
    {
        output.WriteLine(Invariant(
            $"{Name(report.Verdict)}: {report.Operations:N0} operations on {report.Keys:N0} keys, model {modelName}, {report.Configurations:N0} configurations"));
        WriteKeys("Violated on", report.Violations, output);
        WriteKeys("Given up, too many configurations, on", report.Undecided, output);
        if (report.Contradiction is { } contradiction)
            Write(contradiction, output);
    }

    private static void Write(Contradiction contradiction, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"Key \"{contradiction.Key}\": these answers contradict each other (call .. return, client, operation):");
        WriteAll(contradiction.Conflicting, Line, output);
        if (contradiction.Assumable.Count > 0)
        {
            output.WriteLine();
            output.WriteLine("whatever is assumed of these, each of which may take place at any time after its call, or never:");
            WriteAll(
                contradiction.Assumable.Count <= ListedLines / 2 ? [.. contradiction.Assumable.Select(Asked)] : Summary(contradiction.Assumable),
                line => line,
                output);
        }

        output.WriteLine();
        output.WriteLine("The longest order found:");
        WriteAll(contradiction.Longest, Line, output);
        if (contradiction.Longest.Count == 0)
            output.WriteLine("  (none: not even the first step)");
        output.WriteLine("Nowhere after it fits:");
        output.WriteLine($"  {Line(contradiction.Stuck)}");
    }

    private static void WriteKeys(string what, IReadOnlyList<string> keys, TextWriter output)
    {
        if (keys.Count > 0)
            output.WriteLine($"{what} {keys.Count} keys: {string.Join(", ", keys.Take(ListedLines))}{(keys.Count > ListedLines ? ", …" : "")}");
    }

    /// <summary>The last lines matter most: that is where an order breaks off.</summary>
    private static void WriteAll<T>(IReadOnlyList<T> items, Func<T, string> line, TextWriter output)
    {
        if (items.Count > ListedLines)
            output.WriteLine($"  … {items.Count - ListedLines} before these");
        foreach (var item in items.Skip(items.Count - ListedLines))
            output.WriteLine($"  {line(item)}");
    }

    private static string[] Summary(IReadOnlyList<Operation> operations) =>
        [.. operations.GroupBy(operation => $"{operation.Name} {operation.Input.GetRawText()}")
            .OrderBy(group => group.Count())
            .Select(group => $"{group.Count()} × {group.Key}")];

    private static string Asked(Operation operation) =>
        Invariant($"{operation.Call} ..  client {operation.Client}  {operation.Name} {operation.Input.GetRawText()}");

    private static string Line(Operation operation) =>
        Invariant($"{operation.Call} .. {operation.Return}  client {operation.Client}  {operation.Name} {operation.Input.GetRawText()} → {operation.Output?.GetRawText()}");

    private static string Line(OrderedStep step) =>
        $"{(step.Assumed ? $"assumed: {Asked(step.Operation)}" : Line(step.Operation))}  ⇒ {step.State}";

    private static string Name(Verdict verdict) => verdict switch
    {
        Verdict.Linearizable => "Linearizable",
        Verdict.Violation => "Not linearizable",
        _ => "Undecided",
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
