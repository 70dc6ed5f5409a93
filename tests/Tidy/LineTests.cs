using System.Globalization;

namespace Holdfast.Tests.Tidy;

/// <summary>
/// A line ends where the eye finds the next one. Files with longer lines stand in a list with how many they have, and the list only
/// shrinks. HOLDFAST_RECORD_LINES=1 writes it anew: read what that changes.
/// </summary>
public sealed class LineTests
{
    private const int MaxLength = 140;

    private const string List = "tests/Tidy/long-lines.txt";

    [Fact]
    public void No_file_has_more_long_lines_than_it_had_and_the_list_only_shrinks()
    {
        var now = Repository.Sources()
            .Select(static path => (Path: path, Count: Long(Repository.Read(path))))
            .Where(static file => file.Count > 0)
            .Select(static file => string.Create(CultureInfo.InvariantCulture, $"{file.Path} {file.Count}"))
            .ToArray();
        if (Environment.GetEnvironmentVariable("HOLDFAST_RECORD_LINES") is not null)
            File.WriteAllLines(Path.Combine(Repository.Root, List), now);

        var listed = Repository.Read(List).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Empty(now.Except(listed).Select(static file => $"{file}: not so in {List}; break the lines, or give it less"));
        Assert.Empty(listed.Except(now).Select(static file => $"{file}: no longer so, take it off {List}"));
    }

    [Fact]
    public void A_long_line_is_found()
    {
        Assert.Equal(1, Long($"{new string('x', MaxLength)}\n{new string('x', MaxLength + 1)}\n"));
    }

    private static int Long(string text) => text.Split('\n').Count(static line => line.Length > MaxLength);
}
