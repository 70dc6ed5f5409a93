using Holdfast.Rig;
using Spectre.Console;

namespace Holdfast.Bench;

/// <summary>Where a command's results go.</summary>
internal static class Terminal
{
    /// <summary>A redirected table should not be wrapped to the width of a terminal that is not there.</summary>
    private const int FileWidth = 160;

    public static IAnsiConsole Output()
    {
        var console = AnsiConsole.Console;
        if (!console.Profile.Out.IsTerminal)
            console.Profile.Width = FileWidth;
        return console;
    }

    /// <summary>Runs a command, and says on standard error why when it does not come to its end.</summary>
    /// <param name="stopped">What to say when it was told to stop.</param>
    public static async Task<int> Run(Func<Task<int>> command, string stopped)
    {
        try
        {
            return await command();
        }
        catch (Exception e) when (e is BenchException or RigException)
        {
            await Console.Error.WriteLineAsync(e.Message);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync(stopped);
        }

        return ExitCode.NotRun;
    }

    /// <summary>The same of a command that has passed when it has come to its end.</summary>
    public static Task<int> Run(Func<Task> command, string stopped) => Run(
        async () =>
        {
            await command();
            return ExitCode.Passed;
        },
        stopped);

    /// <exception cref="BenchException">It cannot be written.</exception>
    public static async Task WriteFile(string path, string text, string option, CancellationToken cancellationToken)
    {
        try
        {
            await File.WriteAllTextAsync(path, text + "\n", cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BenchException($"Cannot write '{path}': name another file with {option}. ({e.Message})", e);
        }
    }
}
