using System.CommandLine;
using Holdfast.Bench;
using Holdfast.Bench.Compare;

namespace Holdfast.Lab.Compare;

/// <summary><c>lab compare page</c>: the page made of the files of one or several runs.</summary>
internal static class PageCommand
{
    private static readonly Option<string[]> From = new("--from")
    {
        Description = "Files that lab compare wrote; their sections come in this order.",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string> Out = new("--out") { Description = "The page.", DefaultValueFactory = static _ => "docs/benchmarks.md" };

    public static Command Create()
    {
        var command = new Command("page", "Writes the page of benchmarks from the files of one or several runs.") { From, Out };
        command.SetAction(Execute);
        return command;
    }

    private static async Task<int> Execute(ParseResult options, CancellationToken cancellationToken)
    {
        try
        {
            var runs = new List<Results>();
            foreach (var path in options.GetRequiredValue(From)) runs.Add(await Results.ReadFile(path, cancellationToken));
            await Terminal.WriteFile(options.GetRequiredValue(Out), ComparisonPage.Write(runs).TrimEnd('\n'), "--out", cancellationToken);
            return ExitCode.Passed;
        }
        catch (BenchException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCode.NotRun;
        }
    }
}
