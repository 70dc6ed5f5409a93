using Holdfast.Checker;

namespace Holdfast.Tests.Rig.Checker;

/// <summary>Histories of the kinds that other systems publish: compare-and-set by value, and texts that are appended to.</summary>
public sealed class ElsewhereHistoryTests
{
    [Fact]
    public void Of_two_compare_and_sets_on_one_value_one_is_refused() => AssertLinearizable(
        "register",
        Did("a", 0, 1, "write", new { value = 1 }),
        Did("a", 2, 9, "cas", new { ifValue = 1, value = 2 }, new { status = "mismatch" }),
        Did("b", 2, 9, "cas", new { ifValue = 1, value = 3 }, new { status = "written" }),
        Did("c", 10, 11, "read", null, new { value = 3 }));

    [Fact]
    public void Two_compare_and_sets_on_one_value_cannot_both_succeed() => AssertViolation(
        "register",
        conflicting: 2,
        Did("a", 0, 1, "write", new { value = 1 }),
        Did("a", 2, 9, "cas", new { ifValue = 1, value = 2 }, new { status = "written" }),
        Did("b", 2, 9, "cas", new { ifValue = 1, value = 3 }, new { status = "written" }));

    [Fact]
    public void A_value_that_comes_back_may_be_compared_with_again() => AssertLinearizable(
        "register",
        Did("a", 0, 1, "write", new { value = 1 }),
        Did("a", 2, 3, "cas", new { ifValue = 1, value = 2 }, new { status = "written" }),
        Did("b", 4, 5, "write", new { value = 1 }),
        Did("a", 6, 7, "cas", new { ifValue = 1, value = 2 }, new { status = "written" }));

    [Fact]
    public void A_refused_comparison_with_the_value_that_was_there_all_the_time_is_found() => AssertViolation(
        "register",
        conflicting: 2,
        Did("a", 0, 1, "write", new { value = 1 }),
        Did("b", 2, 3, "cas", new { ifValue = 1, value = 2 }, new { status = "mismatch" }));

    [Fact]
    public void A_comparison_with_null_fits_while_nothing_was_written()
    {
        AssertLinearizable("register", Did("a", 0, 1, "cas", new { ifValue = (int?)null, value = 1 }, new { status = "written" }));
        AssertViolation(
            "register",
            conflicting: 2,
            Did("a", 0, 1, "write", new { value = 1 }),
            Did("a", 2, 3, "cas", new { ifValue = (int?)null, value = 2 }, new { status = "written" }));
    }

    [Fact]
    public void A_compare_and_set_without_an_answer_may_have_happened_but_only_where_it_fits()
    {
        foreach (var seen in (int[])[1, 2])
        {
            AssertLinearizable(
                "register",
                Did("a", 0, 1, "write", new { value = 1 }),
                Lost("b", 2, "cas", new { ifValue = 1, value = 2 }),
                Did("c", 3, 4, "read", null, new { value = seen }));
        }

        AssertViolation(
            "register",
            conflicting: 1,
            Did("a", 0, 1, "write", new { value = 1 }),
            Lost("b", 2, "cas", new { ifValue = 7, value = 2 }),
            Did("c", 3, 4, "read", null, new { value = 2 }));
    }

    [Fact]
    public void A_comparison_that_failed_for_certain_cannot_be_seen() => AssertViolation(
        "register",
        conflicting: 1,
        Did("a", 0, 1, "write", new { value = 1 }),
        Operation.Failed("b", "key", 2, 3, "cas", new { ifValue = 1, value = 2 }),
        Did("c", 4, 5, "read", null, new { value = 2 }));

    [Fact]
    public void Appends_that_overlap_may_be_taken_in_any_order()
    {
        foreach (var seen in (string[])["ab", "ba"])
        {
            AssertLinearizable(
                "kv",
                Did("x", 0, 9, "append", new { value = "a" }),
                Did("y", 1, 8, "append", new { value = "b" }),
                Did("z", 10, 11, "get", null, new { value = seen }));
        }
    }

    [Fact]
    public void An_append_that_came_first_stands_first() => AssertViolation(
        "kv",
        conflicting: 2,
        Did("x", 0, 1, "append", new { value = "a" }),
        Did("y", 2, 3, "append", new { value = "b" }),
        Did("z", 4, 5, "get", null, new { value = "ba" }));

    [Fact]
    public void A_lost_append_is_found() => AssertViolation(
        "kv",
        conflicting: 2,
        Did("x", 0, 1, "append", new { value = "a" }),
        Did("y", 2, 3, "append", new { value = "b" }),
        Did("z", 4, 5, "get", null, new { value = "b" }));

    [Fact]
    public void A_put_takes_the_place_of_what_was_appended() => AssertLinearizable(
        "kv",
        Did("x", 0, 1, "append", new { value = "a" }),
        Did("x", 2, 3, "put", new { value = "b" }),
        Did("x", 4, 5, "append", new { value = "c" }),
        Did("x", 6, 7, "get", null, new { value = "bc" }),
        Did("x", 8, 9, "put", new { value = "" }),
        Did("x", 10, 11, "get", null, new { value = "" }));

    [Fact]
    public void A_text_that_was_put_over_does_not_come_back_without_another_put() => AssertViolation(
        "kv",
        conflicting: 3,
        Did("x", 0, 1, "put", new { value = "a" }),
        Did("x", 2, 3, "put", new { value = "b" }),
        Did("y", 4, 5, "get", null, new { value = "a" }));

    [Fact]
    public void A_put_or_append_without_an_answer_may_have_happened_late_or_never_but_only_once()
    {
        foreach (var seen in (string[])["a", "ab"])
        {
            AssertLinearizable(
                "kv",
                Did("x", 0, 1, "put", new { value = "a" }),
                Lost("y", 2, "append", new { value = "b" }),
                Did("z", 3, 4, "get", null, new { value = "a" }),
                Did("z", 5, 6, "get", null, new { value = seen }));
        }

        AssertLinearizable(
            "kv",
            Did("x", 0, 1, "put", new { value = "a" }),
            Lost("y", 2, "put", new { value = "c" }),
            Did("x", 3, 4, "put", new { value = "a" }),
            Did("z", 5, 6, "get", null, new { value = "c" }));
        AssertViolation(
            "kv",
            conflicting: 1,
            Did("x", 0, 1, "put", new { value = "a" }),
            Lost("y", 2, "append", new { value = "b" }),
            Did("z", 3, 4, "get", null, new { value = "abb" }));
    }

    private static Operation Did(string client, long call, long @return, string name, object? input, object? output = null) =>
        Operation.Answered(client, "key", call, @return, name, input, output ?? new { });

    private static Operation Lost(string client, long call, string name, object? input) =>
        Operation.Unknown(client, "key", call, name, input);

    private static void AssertLinearizable(string model, params Operation[] history) =>
        Assert.Equal(Verdict.Linearizable, HistoryChecker.Check(history, model).Verdict);

    private static void AssertViolation(string model, int conflicting, params Operation[] history)
    {
        var report = HistoryChecker.Check(history, model);
        Assert.Equal(Verdict.Violation, report.Verdict);
        Assert.Equal(conflicting, report.Contradiction!.Conflicting.Count);
    }
}
