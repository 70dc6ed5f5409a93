using System.Text.RegularExpressions;

namespace Holdfast.Tests.Tidy;

/// <summary>Names and constructs that say nothing, hide something, or put work off.</summary>
public sealed partial class BannedTests
{
    private static readonly string[] BannedWords =
        ["Helper", "Helpers", "Manager", "Managers", "Util", "Utils", "Utility", "Utilities", "Base", "Misc", "Common", "Global"];

    // Put together here, so that this file does not find itself.
    private static readonly Regex PutOff = new(@"\b(TO" + @"DO|FIX" + @"ME|XX" + @"X|HA" + @"CK)\b");

    [Fact]
    public void No_file_is_named_after_nothing_in_particular()
    {
        Assert.DoesNotContain(Repository.Sources(), HasBannedName);
    }

    [Fact]
    public void Source_has_no_dynamic_and_no_global_using()
    {
        Assert.Empty(Repository.Files("src", ".cs").SelectMany(path => BannedCode(path, Repository.Read(path))));
    }

    [Fact]
    public void Nothing_is_put_off_in_a_comment()
    {
        string[] extensions = [".cs", ".csproj", ".props", ".md", ".yml", ".sql", ".js", ".css", ".html", ".sh"];
        var wrong = Repository.Files("", extensions).Where(path => PutOff.IsMatch(Repository.Read(path)));

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("src/Grains/Orders/OrderHelper.cs", true)]
    [InlineData("src/Grains/BaseGrain.cs", true)]
    [InlineData("src/Grains/GrainBase.Log.cs", true)]
    [InlineData("src/Api/GlobalUsings.cs", true)]
    [InlineData("src/Journal/Database.cs", false)]
    [InlineData("src/Grains/Management.cs", false)]
    public void A_banned_file_name_is_found(string path, bool banned)
    {
        Assert.Equal(banned, HasBannedName(path));
    }

    [Theory]
    [InlineData("dynamic x = 1;", true)]
    [InlineData("global using System;", true)]
    [InlineData("// dynamic would hide it", false)]
    [InlineData("""var x = "a dynamic text";""", false)]
    [InlineData("var dynamics = 1;", false)]
    public void Banned_code_is_found(string source, bool banned)
    {
        Assert.Equal(banned, BannedCode("a.cs", source).Any());
    }

    private static bool HasBannedName(string path) =>
        Words().Matches(Path.GetFileNameWithoutExtension(path)).Any(word => BannedWords.Contains(word.Value));

    private static IEnumerable<string> BannedCode(string path, string source) =>
        Repository.Code(source).Split('\n').Index().Where(line => Banned().IsMatch(line.Item)).Select(line => $"{path}:{line.Index + 1}: {line.Item.Trim()}");

    [GeneratedRegex("[A-Z][a-z0-9]*")]
    private static partial Regex Words();

    [GeneratedRegex(@"\bdynamic\b|\bglobal\s+using\b")]
    private static partial Regex Banned();
}
