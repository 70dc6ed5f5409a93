using Holdfast.Checker;

namespace Holdfast.Tests.Rig.Checker;

/// <summary>Histories that a reader can judge alone. A line reads: who, from, to, what, answer.</summary>
public sealed class HandMadeHistoryTests
{
    [Fact]
    public void A_read_that_overlaps_a_write_may_see_either_value()
    {
        foreach (var seen in (string[])["old", "new"])
        {
            AssertLinearizable(
                "register",
                Did("a", 0, 1, "write", new { value = "old" }, new { }),
                Did("a", 10, 20, "write", new { value = "new" }, new { }),
                Did("b", 12, 18, "read", null, new { value = seen }));
        }
    }

    [Fact]
    public void A_stale_read_is_found() => AssertViolation(
        "register",
        conflicting: 3,
        Did("a", 0, 1, "write", new { value = "old" }, new { }),
        Did("a", 2, 3, "write", new { value = "new" }, new { }),
        Did("b", 4, 5, "read", null, new { value = "old" }));

    [Fact]
    public void Two_reads_that_see_the_new_value_and_then_the_old_one_are_found() => AssertViolation(
        "register",
        conflicting: 3,
        Did("a", 0, 1, "write", new { value = "old" }, new { }),
        Did("a", 10, 40, "write", new { value = "new" }, new { }),
        Did("b", 12, 14, "read", null, new { value = "new" }),
        Did("c", 16, 18, "read", null, new { value = "old" }));

    [Fact]
    public void A_read_of_a_value_that_is_written_later_is_found() => AssertViolation(
        "register",
        conflicting: 1,
        Did("b", 0, 1, "read", null, new { value = "future" }),
        Did("a", 2, 3, "write", new { value = "future" }, new { }));

    [Fact]
    public void Two_compare_and_sets_on_one_version_cannot_both_succeed() => AssertViolation(
        "register",
        conflicting: 2,
        Did("a", 0, 1, "write", new { value = "first" }, new { version = 1 }),
        Did("a", 2, 9, "cas", new { value = "mine", ifVersion = 1 }, new { status = "written" }),
        Did("b", 2, 9, "cas", new { value = "yours", ifVersion = 1 }, new { status = "written" }));

    [Fact]
    public void One_of_two_compare_and_sets_on_one_version_is_refused() => AssertLinearizable(
        "register",
        Did("a", 0, 1, "write", new { value = "first" }, new { version = 1 }),
        Did("a", 2, 9, "cas", new { value = "mine", ifVersion = 1 }, new { status = "mismatch" }),
        Did("b", 2, 9, "cas", new { value = "yours", ifVersion = 1 }, new { status = "written", version = 7 }),
        Did("c", 10, 11, "read", null, new { value = "yours", version = 7 }));

    [Fact]
    public void A_version_that_was_ruled_out_cannot_be_read_afterwards() => AssertViolation(
        "register",
        conflicting: 3,
        Did("a", 0, 1, "write", new { value = "first" }, new { }),
        Did("a", 2, 3, "cas", new { value = "second", ifVersion = 4 }, new { status = "mismatch" }),
        Did("b", 4, 5, "read", null, new { value = "first", version = 4 }));

    [Fact]
    public void A_write_without_an_answer_may_have_happened_or_not_or_happen_late()
    {
        foreach (var seen in (string[])["sure", "maybe"])
        {
            AssertLinearizable(
                "register",
                Did("a", 0, 1, "write", new { value = "sure" }, new { }),
                Lost("a", 2, "write", new { value = "maybe" }),
                Did("b", 4, 5, "read", null, new { value = "sure" }),
                Did("b", 6, 7, "read", null, new { value = seen }));
        }
    }

    [Fact]
    public void A_write_without_an_answer_cannot_be_undone_once_seen() => AssertViolation(
        "register",
        conflicting: 3,
        Did("a", 0, 1, "write", new { value = "sure" }, new { }),
        Lost("a", 2, "write", new { value = "maybe" }),
        Did("b", 4, 5, "read", null, new { value = "maybe" }),
        Did("b", 6, 7, "read", null, new { value = "sure" }));

    [Fact]
    public void A_write_that_certainly_failed_cannot_be_seen() => AssertViolation(
        "register",
        conflicting: 1,
        Operation.Failed("a", "key", 0, 1, "write", new { value = "refused" }),
        Did("b", 2, 3, "read", null, new { value = "refused" }));

    [Fact]
    public void Increments_that_overlap_may_be_taken_in_any_order() => AssertLinearizable(
        "counter",
        Did("a", 0, 9, "increment", new { delta = 1 }, new { value = 3 }),
        Did("b", 0, 9, "increment", new { delta = 2 }, new { value = 2 }),
        Did("c", 1, 8, "read", null, new { value = 2 }));

    [Fact]
    public void A_lost_increment_is_found_when_two_get_one_answer() => AssertViolation(
        "counter",
        conflicting: 2,
        Did("a", 0, 9, "increment", new { delta = 1 }, new { value = 1 }),
        Did("b", 0, 9, "increment", new { delta = 1 }, new { value = 1 }));

    [Fact]
    public void A_lost_increment_is_found_by_the_sum_at_the_end() => AssertViolation(
        "counter",
        conflicting: 4,
        Did("a", 0, 9, "increment", new { delta = 1 }, new { }),
        Did("b", 0, 9, "increment", new { delta = 1 }, new { }),
        Did("c", 0, 9, "increment", new { delta = 1 }, new { }),
        Did("d", 10, 11, "read", null, new { value = 2 }));

    [Fact]
    public void An_increment_without_an_answer_counts_once_or_not_at_all()
    {
        foreach (var (value, verdict) in ((long, Verdict)[])[(1, Verdict.Linearizable), (6, Verdict.Linearizable), (11, Verdict.Violation)])
        {
            Operation[] history =
            [
                Did("a", 0, 1, "increment", new { delta = 1 }, new { value = 1 }),
                Lost("b", 2, "increment", new { delta = 5 }),
                Did("a", 8, 9, "read", null, new { value }),
            ];
            Assert.Equal(verdict, HistoryChecker.Check(history, "counter").Verdict);
        }
    }

    [Fact]
    public void An_overflow_is_believed_only_near_the_end_of_a_range()
    {
        foreach (var most in (long[])[(1L << 53) - 1, long.MaxValue])
        {
            var full = Did("a", 0, 1, "increment", new { delta = most }, new { value = most });
            AssertLinearizable("counter", full, Did("a", 2, 3, "increment", new { delta = 1 }, new { status = "overflow" }));
        }

        var nearly = Did("a", 0, 1, "increment", new { delta = (1L << 53) - 2 }, new { value = (1L << 53) - 2 });
        AssertViolation("counter", conflicting: 1, nearly, Did("a", 2, 3, "increment", new { delta = 1 }, new { status = "overflow" }));
        AssertViolation("counter", conflicting: 1, Did("a", 2, 3, "increment", new { delta = 1 }, new { status = "overflow" }));
    }

    [Fact]
    public void The_last_item_goes_to_one_of_two_buyers() => AssertLinearizable(
        "stock",
        Did("shop", 0, 1, "adjust", new { delta = 1 }, new { status = "adjusted", onHand = 1 }),
        Did("a", 2, 9, "reserve", new { quantity = 1 }, new { status = "reserved", id = "r1" }),
        Did("b", 2, 9, "reserve", new { quantity = 1 }, new { status = "insufficient", available = 0 }),
        Did("a", 10, 11, "commit", new { id = "r1" }, new { status = "done" }),
        Did("b", 12, 13, "read", null, new { onHand = 0, reserved = 0, available = 0 }));

    [Fact]
    public void A_double_sell_of_the_last_item_is_found() => AssertViolation(
        "stock",
        conflicting: 2,
        Did("shop", 0, 1, "adjust", new { delta = 1 }, new { status = "adjusted", onHand = 1 }),
        Did("a", 2, 9, "reserve", new { quantity = 1 }, new { status = "reserved", id = "r1" }),
        Did("b", 3, 8, "reserve", new { quantity = 1 }, new { status = "reserved", id = "r2" }));

    [Fact]
    public void Units_that_come_back_may_be_sold_again() => AssertLinearizable(
        "stock",
        Did("shop", 0, 1, "adjust", new { delta = 1 }, new { status = "adjusted" }),
        Did("a", 2, 3, "reserve", new { id = "r1", quantity = 1 }, new { status = "reserved" }),
        Did("a", 4, 9, "release", new { id = "r1" }, new { status = "done" }),
        Did("b", 5, 8, "reserve", new { id = "r2", quantity = 1 }, new { status = "reserved" }));

    [Fact]
    public void A_hold_without_an_answer_may_keep_the_last_item()
    {
        var shop = Did("shop", 0, 1, "adjust", new { delta = 1 }, new { status = "adjusted" });
        var maybe = Lost("a", 2, "reserve", new { quantity = 1 });
        AssertLinearizable("stock", shop, maybe, Did("b", 4, 5, "reserve", new { quantity = 1 }, new { status = "insufficient", available = 0 }));
        AssertLinearizable("stock", shop, maybe, Did("b", 4, 5, "reserve", new { id = "r", quantity = 1 }, new { status = "reserved" }));
    }

    [Fact]
    public void A_refusal_with_enough_available_is_found() => AssertViolation(
        "stock",
        conflicting: 2,
        Did("shop", 0, 1, "adjust", new { delta = 3 }, new { status = "adjusted" }),
        Did("b", 4, 5, "reserve", new { quantity = 2 }, new { status = "insufficient" }));

    [Fact]
    public void A_commit_and_a_release_of_one_hold_cannot_both_be_done() => AssertViolation(
        "stock",
        conflicting: 2,
        Did("shop", 0, 1, "adjust", new { delta = 1 }, new { status = "adjusted" }),
        Did("a", 2, 3, "reserve", new { id = "r1", quantity = 1 }, new { status = "reserved" }),
        Did("a", 4, 9, "commit", new { id = "r1" }, new { status = "done" }),
        Did("b", 4, 9, "release", new { id = "r1" }, new { status = "done" }));

    [Fact]
    public void A_tombstone_refuses_the_late_reserve()
    {
        var shop = Did("shop", 0, 1, "adjust", new { delta = 1 }, new { status = "adjusted" });
        var tombstone = Did("b", 2, 3, "release", new { id = "r1", tombstone = true }, new { status = "not_found" });
        AssertLinearizable("stock", shop, tombstone, Did("a", 4, 9, "reserve", new { id = "r1", quantity = 1 }, new { status = "released" }));
        AssertViolation(
            "stock", conflicting: 2, shop, tombstone, Did("a", 4, 9, "reserve", new { id = "r1", quantity = 1 }, new { status = "reserved" }));
    }

    [Fact]
    public void An_adjustment_below_what_is_reserved_is_found() => AssertViolation(
        "stock",
        conflicting: 2,
        Did("shop", 0, 1, "adjust", new { delta = 2 }, new { status = "adjusted", onHand = 2 }),
        Did("a", 2, 3, "reserve", new { id = "r1", quantity = 2 }, new { status = "reserved" }),
        Did("shop", 4, 5, "adjust", new { delta = -1 }, new { status = "adjusted", onHand = 1 }));

    [Fact]
    public void Edits_of_two_fields_both_survive() => AssertLinearizable(
        "profile",
        Did("a", 0, 1, "put", new { value = new { name = "Ada", city = "London" } }, new { version = 1 }),
        Did("a", 2, 9, "patch", new { patch = new { name = "Grace" } }, new { version = 2 }),
        Did("b", 2, 9, "patch", new { patch = new { city = "Arlington" } }, new { version = 3 }),
        Did("c", 10, 11, "read", null, new { value = new { city = "Arlington", name = "Grace" }, version = 3 }));

    [Fact]
    public void A_lost_edit_is_found() => AssertViolation(
        "profile",
        conflicting: 3,
        Did("a", 0, 1, "put", new { value = new { name = "Ada", city = "London" } }, new { }),
        Did("a", 2, 9, "patch", new { patch = new { name = "Grace" } }, new { }),
        Did("b", 2, 9, "patch", new { patch = new { city = "Arlington" } }, new { }),
        Did("c", 10, 11, "read", null, new { value = new { city = "Arlington", name = "Ada" } }));

    [Fact]
    public void A_patch_removes_a_field_with_null_and_an_erased_profile_reads_null() => AssertLinearizable(
        "profile",
        Did("a", 0, 1, "put", new { value = new { name = "Ada", home = new { city = "London", street = "x" } } }, new { }),
        Did("a", 2, 3, "patch", new { patch = new { name = (string?)null, home = new { street = (string?)null } } }, new { }),
        Did("a", 4, 5, "read", null, new { value = new { home = new { city = "London" } } }),
        Did("a", 6, 7, "erase", null, new { status = "erased" }),
        Did("a", 8, 9, "read", null, new { value = (object?)null }),
        Did("a", 10, 11, "erase", null, new { status = "not_found" }));

    [Fact]
    public void Each_key_is_judged_alone()
    {
        Operation[] history =
        [
            Did("a", 0, 1, "increment", new { delta = 1 }, new { value = 1 }) with { Key = "good" },
            Did("a", 2, 3, "increment", new { delta = 1 }, new { value = 1 }) with { Key = "also good" },
            Did("a", 4, 5, "increment", new { delta = 1 }, new { value = 5 }) with { Key = "bad" },
        ];
        var report = HistoryChecker.Check(history, "counter");
        Assert.Equal(Verdict.Violation, report.Verdict);
        Assert.Equal(["bad"], report.Violations);
        Assert.Equal("bad", report.Contradiction!.Key);
    }

    private static Operation Did(string client, long call, long @return, string name, object? input, object output) =>
        Operation.Answered(client, "key", call, @return, name, input, output);

    private static Operation Lost(string client, long call, string name, object? input) => Operation.Unknown(client, "key", call, name, input);

    private static void AssertLinearizable(string model, params Operation[] history) =>
        Assert.Equal(Verdict.Linearizable, HistoryChecker.Check(history, model).Verdict);

    private static void AssertViolation(string model, int conflicting, params Operation[] history)
    {
        var report = HistoryChecker.Check(history, model);
        Assert.Equal(Verdict.Violation, report.Verdict);
        Assert.Equal(conflicting, report.Contradiction!.Conflicting.Count);
    }
}
