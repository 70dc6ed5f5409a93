using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Holdfast.Tests.Tidy;

/// <summary>The worked examples in CONTRIBUTING.md fit the tree as it is: whoever moves what they change, changes them too.</summary>
public sealed partial class WorkedExampleTests
{
    private const string Document = "CONTRIBUTING.md";

    public static TheoryData<string> Examples() => [.. Changes(Repository.Read(Document)).Keys];

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task A_worked_example_still_applies(string example)
    {
        var change = Changes(Repository.Read(Document))[example];

        // Whoever has just carried it out runs this, too.
        if (await WhyNotApplied(change, "--reverse") == "") return;
        Assert.Equal("", await WhyNotApplied(change));
    }

    [Fact]
    public void What_the_text_between_them_names_is_there()
    {
        var named = Paths().Matches(Text(Repository.Read(Document))).Select(static match => match.Value.TrimEnd('.')).Distinct().ToArray();

        Assert.Contains("src/Domain/Orders/OrderVerbs.cs", named);
        Assert.DoesNotContain(named, static path => !Path.Exists(Path.Combine(Repository.Root, path)));
    }

    [Fact]
    public async Task An_example_that_does_not_apply_is_found()
    {
        const string Markdown = """
            ## To do a thing
            ### Add a line
            1. First
            ```diff
            --- a/Orleans.sln
            +++ b/Orleans.sln
            @@ -1,2 +1,2 @@
             This was never there.
            -Nor was this.
            +It is now.
            ```
            2. Then
            ```diff
            --- a/README.md
            ```
            ## Another thing
            ```sh
            --- a/CHANGELOG.md
            ```
            """;

        var (example, change) = Assert.Single(Changes(Markdown));
        Assert.Equal("Add a line", example);
        Assert.EndsWith("+It is now.\n--- a/README.md\n", change);
        Assert.Contains("patch does not apply", await WhyNotApplied(change[..change.IndexOf("--- a/README", StringComparison.Ordinal)]));
    }

    private static string Text(string markdown) => Fenced().Replace(markdown, "");

    /// <summary>All changes of an example, one after the other, under the heading of its section.</summary>
    private static Dictionary<string, string> Changes(string markdown)
    {
        var (changes, section, inChange) = (new Dictionary<string, string>(), "", false);
        foreach (var line in markdown.Split('\n'))
        {
            if (line.StartsWith("```", StringComparison.Ordinal)) inChange = line == "```diff";
            else if (inChange) changes[section] = $"{changes.GetValueOrDefault(section)}{line}\n";
            else if (line.StartsWith('#')) section = line.TrimStart('#', ' ');
        }

        return changes;
    }

    /// <summary>What git says; nothing when it would apply the change.</summary>
    private static async Task<string> WhyNotApplied(string change, params string[] options)
    {
        var start = new ProcessStartInfo("git", ["apply", "--check", .. options, "-"])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };

        // An archive without history may have been unpacked inside of another repository, whose paths would be taken for ours.
        start.Environment["GIT_CEILING_DIRECTORIES"] = Path.GetDirectoryName(Repository.Root);
        using var git = Process.Start(start)!;
        await git.StandardInput.WriteAsync(change);
        git.StandardInput.Close();
        var said = await git.StandardError.ReadToEndAsync();
        await git.WaitForExitAsync();
        return git.ExitCode == 0 ? "" : said;
    }

    [GeneratedRegex("^```diff$.*?^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fenced();

    [GeneratedRegex(@"(?<![\w./])(?:src|rig|bench|lab|tests|deploy|docs)/[\w./]+")]
    private static partial Regex Paths();
}
