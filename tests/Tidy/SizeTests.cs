namespace Holdfast.Tests.Tidy;

/// <summary>
/// A file is short enough to be read at one sitting. Those that are longer stand here with what they may have; the list only shrinks:
/// a file that has become shorter has to be given less, or leave it.
/// </summary>
public sealed class SizeTests
{
    private const int MaxLines = 300;

    /// <summary>What a longer file may grow to before it fails, and how far it may shrink before its entry does.</summary>
    private const int Leeway = 20;

    private static readonly Dictionary<string, int> Longer = new()
    {
        ["rig/Checker/Search/Moves.cs"] = 435,
        ["src/Journal/Sqlite/SqliteJournalStore.cs"] = 372,
        ["tests/Domain/Inventory/StockRulesTests.cs"] = 639,
        ["tests/Domain/Orders/OrderRulesTests.cs"] = 598,
        ["tests/Domain/Owner/ReceiptBookRulesTests.cs"] = 326,
        ["tests/Domain/Owner/RegressionTests.cs"] = 351,
        ["tests/Journal/JournalStoreContract.cs"] = 628,
        ["tests/Outbox/Lanes/LaneTests.cs"] = 333,
        ["tests/Outside/Sandbox/SandboxGatewayContract.cs"] = 511,
        ["tests/rings/Delivery/DeliveryRing.cs"] = 452,
        ["tests/rings/Faults/FaultTests.cs"] = 400,
        ["tests/rings/Postgres/PostgresJournalStoreTests.cs"] = 425,
        ["tests/rings/Postgres/PostgresSandboxGatewayTests.cs"] = 345,
    };

    [Fact]
    public void Files_are_no_longer_than_one_reads_at_one_sitting()
    {
        Assert.Empty(All().Where(static file => file.Lines > Allowed(file.Path)).Select(static file => $"{file.Path} has {file.Lines} lines, {Allowed(file.Path)} are allowed"));
    }

    [Fact]
    public void The_list_of_longer_files_only_shrinks()
    {
        var lines = All().ToDictionary(static file => file.Path, static file => file.Lines);
        Assert.Empty(Longer
            .Where(entry => !lines.TryGetValue(entry.Key, out var now) || now <= MaxLines || now + (2 * Leeway) < entry.Value)
            .Select(entry => $"{entry.Key} may have {entry.Value} lines and has {lines.GetValueOrDefault(entry.Key)}: give it less, or take it off the list"));
    }

    private static int Allowed(string path) => Longer.GetValueOrDefault(path, MaxLines);

    private static IEnumerable<(string Path, int Lines)> All() =>
        Repository.Sources().Select(static path => (path, Lines(Repository.Read(path))));

    private static int Lines(string text) => text.Count(static c => c == '\n');
}
