using System.Text.RegularExpressions;

namespace Holdfast.Tests.Tidy;

/// <summary>docs/security.md names the test that shows each thing, and each of them is there.</summary>
public sealed partial class SecurityPageTests
{
    private static readonly string[] Tests = [.. Repository.Files("tests", ".cs")];

    [Fact]
    public void Every_test_that_the_page_names_is_there()
    {
        var named = Named(Repository.Read("docs/security.md"));

        Assert.InRange(named.Count, 20, 200);
        Assert.Empty(named.Where(static test => !IsThere(test.Class, test.Method)).Select(static test => $"{test.Class}.{test.Method}"));
    }

    [Fact]
    public void Every_risk_has_a_row_and_every_row_a_test()
    {
        var rows = Repository.Read("docs/security.md").Split('\n')
            .Where(static line => line.StartsWith("| ", StringComparison.Ordinal))
            .Where(static line => !line.EndsWith("| shown by |", StringComparison.Ordinal))
            .ToArray();

        Assert.All(rows, static row => Assert.NotEmpty(Named(row)));
        for (var risk = 1; risk <= 10; risk++)
            Assert.Single(rows, row => row.StartsWith($"| API{risk} ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("SecurityPageTests", "Every_test_that_the_page_names_is_there", true)]
    [InlineData("SecurityPageTests", "Every_test_that_the_page_names", false)]
    [InlineData("SecurityPageTest", "Every_test_that_the_page_names_is_there", false)]
    public void A_test_is_found_by_class_and_name(string name, string method, bool isThere) => Assert.Equal(isThere, IsThere(name, method));

    private static List<(string Class, string Method)> Named(string text) =>
        [.. Test().Matches(text).Select(static match => (match.Groups[1].Value, match.Groups[2].Value))];

    private static bool IsThere(string name, string method) => Tests
        .Where(path => Path.GetFileNameWithoutExtension(path) == name)
        .Any(path => Regex.IsMatch(Repository.Read(path), $@"public (async )?(Task|void) {method}\("));

    [GeneratedRegex(@"`(\w+)\.([A-Z]\w+_\w+)`")]
    private static partial Regex Test();
}
