using System.Text.RegularExpressions;

namespace Holdfast.Tests.Tidy;

public sealed partial class DocumentTests
{
    [Fact]
    public void Every_file_that_the_top_level_documents_name_exists()
    {
        var documents = Repository.Files("", ".md").Where(path => !path.Contains('/')).ToArray();

        Assert.Contains("README.md", documents);
        Assert.Empty(documents.SelectMany(document => Named(Repository.Read(document))
            .Where(name => !Path.Exists(Path.Combine(Repository.Root, name)))
            .Select(name => $"{document} names {name}")));
    }

    [Fact]
    public void Every_link_below_docs_leads_to_a_file()
    {
        var documents = Repository.Files("docs", ".md");

        Assert.Contains("docs/words.md", documents);
        Assert.Empty(documents.SelectMany(static document => Links().Matches(Repository.Read(document))
            .Select(static match => match.Groups[1].Value.Split('#')[0])
            .Where(target => target.Length > 0 && !target.Contains(':') && !Path.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(document)!, target)))
            .Select(target => $"{document} names {target}")));
    }

    [Fact]
    public void The_architecture_is_read_in_ten_minutes_and_has_no_figure_that_would_age()
    {
        var text = Repository.Read("ARCHITECTURE.md");

        Assert.InRange(text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length, 1, 1_800);
        Assert.Empty(Figures().Matches(text).Select(static match => match.Value));
    }

    [Theory]
    [InlineData("See [how it works](ARCHITECTURE.md#arrows).", "ARCHITECTURE.md")]
    [InlineData("See CONTRIBUTING.md before you start.", "CONTRIBUTING.md")]
    [InlineData("[the saga](src/Grains/Orders)", "src/Grains/Orders")]
    public void A_named_file_is_found(string text, string named)
    {
        Assert.Equal([named], Named(text));
    }

    [Theory]
    [InlineData("[Orleans](https://learn.microsoft.com/dotnet/orleans/README.md)")]
    [InlineData("[below](#try-it)")]
    public void What_lies_elsewhere_is_not_looked_for(string text)
    {
        Assert.Empty(Named(text));
    }

    private static IEnumerable<string> Named(string markdown) =>
        Links().Matches(markdown).Select(m => m.Groups[1].Value).Where(target => !target.Contains(':') && !target.StartsWith('#'))
            .Concat(Documents().Matches(markdown).Select(m => m.Value))
            .Select(target => target.Split('#')[0])
            .Distinct();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Links();

    /// <summary>But for the numbers of a list.</summary>
    [GeneratedRegex(@"(?<!^)\b\d[\d.,]*", RegexOptions.Multiline)]
    private static partial Regex Figures();

    /// <summary>A document of the root is written in capitals.</summary>
    [GeneratedRegex(@"(?<![\w/.-])[A-Z]{3,}\.md\b")]
    private static partial Regex Documents();
}
