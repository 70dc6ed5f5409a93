using System.CommandLine;

namespace Holdfast.Bench;

/// <summary>How a program of commands is run.</summary>
internal static class CommandLine
{
    /// <summary>What a cluster needs to stop all of its processes in order, and a silo to remove its files, after Ctrl-C.</summary>
    private static readonly InvocationConfiguration Ending = new() { ProcessTerminationTimeout = TimeSpan.FromSeconds(90) };

    /// <returns>The program's exit code.</returns>
    public static async Task<int> Run(RootCommand program, string[] args)
    {
        var commandLine = program.Parse(args);
        if (commandLine.Errors.Count == 0) return await commandLine.InvokeAsync(Ending);
        var errors = commandLine.Errors.Select(static error => error.Message).Append("(--help shows the options.)");
        await Console.Error.WriteLineAsync(string.Join(' ', errors));
        return ExitCode.NotRun;
    }
}
