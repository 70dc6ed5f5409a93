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
