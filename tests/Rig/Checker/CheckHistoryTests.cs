using Holdfast.Checker;
using Holdfast.Tests.Tidy;

namespace Holdfast.Tests.Rig.Checker;

public sealed class CheckHistoryTests
{
    private const string Good =
        """
        {"client":"a","key":"k","call":0,"return":5,"op":"increment","input":{"delta":1},"output":{"value":1}}

        {"client":2,"key":"k","call":3,"op":"increment","input":{"delta":1}}
        {"client":2,"key":"k","call":6,"return":7,"op":"increment","input":{"delta":9},"outcome":"failed"}
        {"client":"a","key":"k","call":8,"return":9,"op":"read","output":{"value":2}}
        """;

    [Fact]
    public void A_linearizable_history_ends_with_0()
    {
        var (code, text) = Run(Good, "counter");
        Assert.Equal(CheckHistory.Linearizable, code);
        Assert.StartsWith("Linearizable: 3 operations on 1 keys, model counter", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_violation_ends_with_1_and_shows_the_answers_that_contradict_and_the_one_that_fits_nowhere()
    {
        var bad = Good + "\n" + """{"client":"late","key":"k","call":10,"return":11,"op":"read","output":{"value":1}}""";
        var (code, text) = Run(bad, "counter");
        Assert.Equal(CheckHistory.Violation, code);
        Assert.Contains("8 .. 9  client a  read {} → {\"value\":2}", text, StringComparison.Ordinal);
        Assert.Contains("assumed: 3 ..  client 2  increment {\"delta\":1}", text, StringComparison.Ordinal);
        Assert.EndsWith("Nowhere after it fits:\n  10 .. 11  client late  read {} → {\"value\":1}\n", text.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_history_past_the_bounds_ends_with_3_and_no_verdict()
    {
        var history = new Simulation(new Random(1), clients: 32, keys: 1).Run(400, () => new SequentialStock());
        using var file = new StringWriter();
        HistoryFile.Write(file, history);
        var tight = new CheckLimits(QuickConfigurations: 0, SweepConfigurations: 10);
        var (code, text) = Run(file.ToString(), "stock", tight);
        Assert.Equal(CheckHistory.Undecided, code);
        Assert.Contains("k0", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense", "not a JSON value")]
    [InlineData("[]", "an operation is a JSON object")]
    [InlineData("""{"client":"a","key":"k","call":0,"op":"read","colour":"red"}""", "unknown member \"colour\"")]
    [InlineData("""{"key":"k","call":0,"op":"read"}""", "\"client\" is missing")]
    [InlineData("""{"client":"a","key":"k","call":5,"return":4,"op":"read","output":{"value":0}}""", "\"return\" 4 is before \"call\" 5")]
    [InlineData("""{"client":"a","key":"k","call":5,"return":6,"op":"read"}""", "\"output\" is missing")]
    [InlineData("""{"client":"a","key":"k","call":0.5,"op":"read"}""", "\"call\" is a 64-bit integer")]
    [InlineData("""{"client":"a","key":"k","call":0,"call":1,"op":"read"}""", "not a JSON value")]
    [InlineData("""{"client":"a","key":"k","call":0,"op":"decrement"}""", "a counter has no \"decrement\"")]
    [InlineData("""{"client":"a","key":"k","call":0,"op":"increment","input":{"delta":"1"}}""", "the input of \"increment\" wants a 64-bit integer as \"delta\"")]
    [InlineData("""{"client":"a","key":"k","call":0,"op":"increment","input":{"a":"\ud83d"}}""", "a text has half of a character")]
    [InlineData("""{"client":"a","key":"k","call":0,"op":"increment","input":{"by":1}}""", "the input of \"increment\" has no member \"by\"")]
    public void A_line_that_is_not_an_operation_ends_with_2_and_is_named(string line, string problem)
    {
        var (code, text) = Run($"{Good}\n{line}\n", "counter");
        Assert.Equal(CheckHistory.BadInput, code);
        Assert.Contains($"line 6: {problem}", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("register", "cas", """{"value":1}""", "needs one of \"ifVersion\" and \"ifValue\"")]
    [InlineData("register", "cas", """{"value":1,"ifValue":0,"ifVersion":0}""", "needs one of \"ifVersion\" and \"ifValue\"")]
    [InlineData("register", "cas", """{"value":null,"ifValue":0}""", "wants a \"value\" that is not null")]
    [InlineData("kv", "append", """{"value":1}""", "wants a text as \"value\"")]
    [InlineData("kv", "put", "{}", "wants a text as \"value\"")]
    [InlineData("kv", "get", """{"value":"x"}""", "has no member \"value\"")]
    [InlineData("kv", "read", "{}", "a kv has no \"read\"; it has get, put and append")]
    public void An_input_that_is_not_one_of_the_model_ends_with_2_and_is_named(string model, string name, string input, string problem)
    {
        var (code, text) = Run($$"""{"client":"a","key":"k","call":0,"op":"{{name}}","input":{{input}}}""", model);
        Assert.Equal(CheckHistory.BadInput, code);
        Assert.Contains("line 1: ", text, StringComparison.Ordinal);
        Assert.Contains(problem, text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_examples_of_the_page_are_what_it_says_of_them()
    {
        var page = Repository.Read("docs/history-format.md");
        string[] examples = [.. page.Split("```json\n").Skip(1).Select(block => block.Split("```")[0])];
        (string Model, int Code)[] said =
            [("stock", CheckHistory.Violation), ("register", CheckHistory.Linearizable), ("kv", CheckHistory.Violation)];
        Assert.Equal(said.Length, examples.Length);
        foreach (var ((model, code), example) in said.Zip(examples))
        {
            var judged = Run(example, model);
            Assert.True(code == judged.Code, judged.Text);
        }
    }

    [Fact]
    public void A_hold_that_expired_is_refused_because_the_model_has_no_clock()
    {
        var (code, text) = Run("""{"client":"a","key":"k","call":0,"return":1,"op":"commit","input":{"id":"r"},"output":{"status":"expired"}}""", "stock");
        Assert.Equal(CheckHistory.BadInput, code);
        Assert.Contains("holds do not expire in this model", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_model_and_a_missing_file_end_with_2()
    {
        Assert.Equal(CheckHistory.BadInput, Run(Good, "queue").Code);
        using var text = new StringWriter();
        Assert.Equal(CheckHistory.BadInput, CheckHistory.Run(Path.Combine(Path.GetTempPath(), "holdfast-no-such-history"), "counter", text));
    }

    [Fact]
    public void A_history_that_is_written_reads_back_the_same()
    {
        var history = new Simulation(new Random(3), clients: 4, keys: 2, lost: 0.2).Run(50, () => new SequentialStock());
        history.Add(Operation.Failed("x", "k0", 1, 2, "read", null));
        using var first = new StringWriter();
        HistoryFile.Write(first, history);
        using var reader = new StringReader(first.ToString());
        var read = HistoryFile.Read(reader);
        using var second = new StringWriter();
        HistoryFile.Write(second, read);
        Assert.Equal(first.ToString(), second.ToString());
        Assert.Equal(history.Select(operation => operation.Outcome), read.Select(operation => operation.Outcome));
    }

    private static (int Code, string Text) Run(string history, string model, CheckLimits? limits = null)
    {
        using var reader = new StringReader(history);
        using var text = new StringWriter();
        var code = CheckHistory.Run(reader, model, text, limits);
        return (code, text.ToString());
    }
}
