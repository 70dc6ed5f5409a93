using System.Text.RegularExpressions;

namespace Holdfast.Tests.Tidy;

/// <summary>What decides is pure: state, command and time in; events and an outcome out. So it runs the same in a silo, in a test and in a replay.</summary>
public sealed partial class PurityTests
{
    private static readonly string[] MustBeAmongIt =
        ["Owner.cs", "Decision.cs", "ReceiptBook.cs", "ChargeWindow.cs", "StockRules.cs", "OrderRules.cs", "ProfileRules.cs", "CounterRules.cs", "OrderState.cs"];

    public static TheoryData<string> Deciding() => [.. Files()];

    [Theory]
    [MemberData(nameof(Deciding))]
    public void What_decides_names_no_Orleans_no_clock_no_store_and_waits_for_nothing(string path)
    {
        Assert.Empty(Impurities(Repository.Read(path)));
    }

    [Fact]
    public void The_engine_and_the_rules_of_every_concept_are_among_it()
    {
        Assert.Empty(MustBeAmongIt.Except(Files().Select(Path.GetFileName)));
    }

    [Theory]
    [InlineData("var now = clock.GetUtcNow();", "GetUtcNow")]
    [InlineData("public TimeProvider Clock { get; }", "TimeProvider")]
    [InlineData("using Orleans.Runtime;", "Orleans")]
    [InlineData("private Task<int> Count() => store.Count();", "Task")]
    [InlineData("var x = await y;", "await")]
    [InlineData("IJournalStore store", "IJournalStore")]
    [InlineData("// Knows no Orleans, no Task.", null)]
    [InlineData("Decide(state, command, now)", null)]
    public void An_impurity_is_found(string code, string? name)
    {
        Assert.Equal(name is null ? [] : [name], Impurities(code));
    }

    private static IEnumerable<string> Files() => Repository.Files("src/Domain", ".cs").Where(static path => DecidingFile().IsMatch(path));

    private static IEnumerable<string> Impurities(string source) => Impure().Matches(Repository.Code(source)).Select(static match => match.Value).Distinct();

    [GeneratedRegex(@"/(Owner|Decision|ReceiptBook|SpilledFilter|ChargeWindow|\w+Rules|\w+State|\w+Events)\.cs$")]
    private static partial Regex DecidingFile();

    [GeneratedRegex(@"\b(Orleans|TimeProvider|GetUtcNow|GetTimestamp|UtcNow|Task|ValueTask|async|await|I\w+Store|ILogger|IGrainFactory|Random)\b")]
    private static partial Regex Impure();
}
