using Holdfast.Lab.Compare;

namespace Holdfast.Rings.Lab;

public sealed class CompareCommandTests
{
    [Theory]
    [InlineData("compare --sections growth,nonsense", "nonsense")]
    [InlineData("compare --rounds 0", "--rounds")]
    [InlineData("compare page", "--from")]
    public void A_wrong_command_line_is_refused_and_says_what_is_wrong(string line, string named)
    {
        var errors = new System.CommandLine.RootCommand { CompareCommand.Create(TimeProvider.System) }.Parse(line).Errors;

        Assert.Contains(errors, error => error.Message.Contains(named, StringComparison.Ordinal));
    }
}
