using System.Text.RegularExpressions;

namespace Holdfast.Tests.Tidy;

/// <summary>
/// Log lines are written in one way: at the end of the class that logs them, as <c>private partial void LogX(…)</c> under
/// <c>[LoggerMessage(Level = …, Message = …)]</c>, over the class's own logger.
/// </summary>
public sealed partial class LogTests
{
    /// <summary>Written otherwise, before there was a rule. The list only shrinks.</summary>
    private static readonly string[] Otherwise =
    [
        "GrainCalls.Log.cs", "GrainStorageSnapshots.cs", "MessageRunner.Log.cs", "OwnerLog.cs", "ProblemExceptionHandler.Log.cs",
        "SandboxLedger.Log.cs", "SqliteJournalStore.Log.cs",
    ];

    [Fact]
    public void Log_lines_are_written_in_one_way()
    {
        Assert.Empty(WrittenOtherwise().Except(Otherwise));
    }

    [Fact]
    public void The_list_of_those_that_are_written_otherwise_only_shrinks()
    {
        Assert.Empty(Otherwise.Except(WrittenOtherwise()));
    }

    [Theory]
    [InlineData("[LoggerMessage(Level = LogLevel.Error, Message = \"A {B}\")]\n    private partial void LogA(string b);", true)]
    [InlineData("[LoggerMessage(\n    Level = LogLevel.Error,\n    Message = \"A {B}\")]\n    private partial void LogA(string b);", true)]
    [InlineData("[LoggerMessage(1, LogLevel.Error, \"A {B}\")]\n    private partial void LogA(string b);", false)]
    [InlineData("[LoggerMessage(Level = LogLevel.Error, Message = \"A\")]\n    private static partial void LogA(ILogger logger);", false)]
    [InlineData("[LoggerMessage(Level = LogLevel.Error, Message = \"A {B}\")]\n    public partial void A(string b);", false)]
    [InlineData("logger.LogWarning(\"It rains\");", false)]
    [InlineData("logger.Log(LogLevel.Warning, \"It rains\");", false)]
    public void A_log_line_that_is_written_otherwise_is_found(string code, bool right) => Assert.Equal(right, IsRight("a.cs", code));

    private static IEnumerable<string> WrittenOtherwise() =>
        from path in Repository.Files("src", ".cs")
        where !IsRight(path, Repository.Read(path))
        select Path.GetFileName(path);

    private static bool IsRight(string path, string source)
    {
        var lines = Lines().Count(source);
        var apart = lines > 0 && path.EndsWith(".Log.cs", StringComparison.Ordinal);
        return Right().Count(source) == lines && !apart && !Direct().IsMatch(Repository.Code(source));
    }

    [GeneratedRegex(@"\[LoggerMessage\(")]
    private static partial Regex Lines();

    [GeneratedRegex("""\[LoggerMessage\(\s*Level = LogLevel\.\w+,\s*Message = "(?:[^"\\]|\\.)*"(?:\s*\+ "(?:[^"\\]|\\.)*")*\)\]\s*private partial void Log\w+\(""")]
    private static partial Regex Right();

    [GeneratedRegex(@"\.Log(Trace|Debug|Information|Warning|Error|Critical)?\(")]
    private static partial Regex Direct();
}
