using Holdfast.Bench.Replay;

namespace Holdfast.Bench.Chaos;

/// <summary>Error lines of one kind in the logs of a cluster's processes.</summary>
/// <param name="Kind">The level, the category and the event's number.</param>
/// <param name="Example">The first one's text, and whose it was.</param>
public sealed record LoggedErrors(string Kind, int Count, string Example)
{
    /// <summary>What goes before the level.</summary>
    public const string TimestampFormat = "HH:mm:ss.fff ";

    /// <summary>How what is logged begins when a reader of the feed finds that it left something out.</summary>
    public const string LeftOut = "The feed left out";

    /// <summary>The settings with which a process writes what is read here. Lines without times cannot be held against each other.</summary>
    public static readonly IReadOnlyDictionary<string, string> Logging = new Dictionary<string, string>
    {
        ["Logging:Console:FormatterName"] = "simple",
        ["Logging:Console:FormatterOptions:TimestampFormat"] = TimestampFormat,
        ["Logging:Console:FormatterOptions:UseUtcTimestamp"] = "true",
    };

    private const int MaxExample = 200;
    private const string Fatal = "crit: ";

    /// <summary>What the runtime itself writes when a process ends for it.</summary>
    private const string Unhandled = "Unhandled exception";

    private static readonly string[] Levels = ["fail: ", Fatal];

    public bool IsFatal => Kind.StartsWith(Fatal, StringComparison.Ordinal) || Kind == Unhandled;

    /// <summary>The most frequent first.</summary>
    public static async Task<IReadOnlyList<LoggedErrors>> Read(IEnumerable<string> logs, CancellationToken cancellationToken)
    {
        var lines = new List<(string Kind, string Example)>();
        foreach (var log in logs) await Read(log, lines, cancellationToken);
        return
        [
            .. lines.GroupBy(static line => line.Kind)
                .Select(static same => new LoggedErrors(same.Key, same.Count(), same.First().Example))
                .OrderByDescending(static errors => errors.Count),
        ];
    }

    /// <summary>Errors are logged by those that a kill hits; none of them may end a process, or go where nobody waits for it.</summary>
    public static CheckResult NoneFatal(IReadOnlyList<LoggedErrors> all)
    {
        var fatal = all.Where(static errors => errors.IsFatal).ToArray();
        return new(
            "no process logged a critical error or an unhandled exception",
            all.Count,
            fatal.Length,
            [.. fatal.Select(static errors => $"{errors.Kind}: {errors.Example}")]);
    }

    /// <summary>A reader of the feed that finds an append missing says so, and reads it from the journal: it must never have to.</summary>
    public static CheckResult NothingLeftOut(IReadOnlyList<LoggedErrors> all)
    {
        var holes = all.Where(static errors => errors.Example.Contains(LeftOut, StringComparison.Ordinal)).ToArray();
        return new("the feed left nothing out", all.Count, holes.Length, [.. holes.Select(static errors => errors.Example)]);
    }

    private static async Task Read(string log, List<(string Kind, string Example)> lines, CancellationToken cancellationToken)
    {
        var process = Path.GetFileNameWithoutExtension(log);
        string? kind = null;
        await foreach (var line in File.ReadLinesAsync(log, cancellationToken))
        {
            // The console's form: the time, the level and the category on a line of their own, then the text, indented.
            if (kind is not null) lines.Add((kind, $"{process}: {Short(line.Trim())}"));
            kind = line.Length > TimestampFormat.Length && line[TimestampFormat.Length..] is var head && Levels.Any(head.StartsWith) ? head : null;
            if (line.StartsWith(Unhandled, StringComparison.Ordinal)) lines.Add((Unhandled, $"{process}: {Short(line)}"));
        }
    }

    private static string Short(string text) => text.Length > MaxExample ? text[..MaxExample] + " …" : text;
}
