using Holdfast.Silo.Import;

namespace Holdfast.Tests.Silo.Import;

public sealed class ImportArgumentsTests
{
    [Fact]
    public void A_file_is_enough()
    {
        var asked = ImportArguments.Parse(["stock.csv"], key: null);
        Assert.Equal("stock.csv", asked.Path);
        Assert.Equal("http://127.0.0.1:5080/", asked.Url.ToString());
        Assert.Null(asked.Key);
        Assert.False(asked.Replace);
        Assert.False(asked.CheckOnly);
    }

    [Fact]
    public void Options_are_written_with_a_blank_or_an_equals_sign()
    {
        var asked = ImportArguments.Parse(
            ["--url=https://shop.example/door", "stock.csv", "--connections", "8", "--patience=5", "--replace", "--check"], key: " k-1\n");
        Assert.Equal("https://shop.example/door/", asked.Url.ToString());
        Assert.Equal(8, asked.Connections);
        Assert.Equal(TimeSpan.FromSeconds(5), asked.Patience);
        Assert.True(asked.Replace);
        Assert.True(asked.CheckOnly);
        Assert.Equal("k-1", asked.Key);
    }

    [Fact]
    public void The_key_of_a_file_goes_before_that_of_the_environment()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "of-the-file\n");
            Assert.Equal("of-the-file", ImportArguments.Parse(["stock.csv", "--key-file", file], "of-the-environment").Key);
            File.WriteAllText(file, "not a key");
            var refused = Assert.Throws<ImportException>(() => ImportArguments.Parse(["stock.csv", "--key-file", file], null));
            Assert.DoesNotContain("not a key", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("which file?")]
    [InlineData("there is more than one file", "a.csv", "b.csv")]
    [InlineData("'--color' is no option", "a.csv", "--color")]
    [InlineData("'--replace' is no option", "a.csv", "--replace=yes")]
    [InlineData("'--url' needs a value", "a.csv", "--url")]
    [InlineData("'shop' is no address of a server", "a.csv", "--url", "shop")]
    [InlineData("'ftp://shop' is no address of a server", "a.csv", "--url", "ftp://shop")]
    [InlineData("'http://u:p@shop' is no address of a server", "a.csv", "--url", "http://u:p@shop")]
    [InlineData("'--connections' is a whole number from 1 to 256", "a.csv", "--connections", "0")]
    [InlineData("'--patience' is a whole number from 1 to 86400", "a.csv", "--patience", "soon")]
    [InlineData("Cannot read the key", "a.csv", "--key-file", "/no/such/key")]
    public void An_argument_that_is_wrong_is_named(string problem, params string[] args)
    {
        var refused = Assert.Throws<ImportException>(() => ImportArguments.Parse(args, key: null));
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }
}
