using System.Text.RegularExpressions;

namespace Holdfast.Tests.Tidy;

/// <summary>A stranger who follows one command or one step from end to end, as CONTRIBUTING.md says, has not too much to read.</summary>
public sealed partial class WalkTests
{
    private const int MaxFiles = 15;
    private const int MaxLines = 300;

    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(Repository.Root, "CONTRIBUTING.md"));

    [Theory]
    [InlineData("To follow \"cancel an order\"", 2)]
    [InlineData("To follow a step of the saga", 1)]
    public void A_walk_names_files_that_are_there_and_are_short(string begins, int lists)
    {
        var files = Walk(begins, lists);

        Assert.InRange(files.Length, 10, MaxFiles);
        Assert.Equal(files.Distinct(), files);
        foreach (var file in files)
        {
            var path = Path.Combine(Repository.Root, file);
            Assert.True(File.Exists(path), $"CONTRIBUTING.md names {file}, which is not there.");
            Assert.True(File.ReadLines(path).Count() <= MaxLines, $"{file} has more than {MaxLines} lines, too many for a walk.");
        }
    }

    private static string[] Walk(string begins, int lists)
    {
        var first = Array.FindIndex(Lines, line => line.Contains(begins, StringComparison.Ordinal));
        Assert.True(first >= 0, $"CONTRIBUTING.md says nowhere: {begins}");
        var files = new List<string>();
        var (inList, seen) = (false, 0);
        foreach (var line in Lines.Skip(first))
        {
            var named = NamedFile().Match(line);
            if (named.Success) files.Add(named.Groups["file"].Value);
            else if (inList && ++seen == lists) break;
            inList = named.Success;
        }

        return [.. files];
    }

    [GeneratedRegex(@"^    (?<file>src/\S+\.cs) ")]
    private static partial Regex NamedFile();
}
