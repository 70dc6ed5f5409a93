using Holdfast.Checker;

namespace Holdfast.Tests.Rig.Checker;

/// <summary>Histories of a lease that a reader can judge alone: what its time allows, and what it does not.</summary>
public sealed class LeaseHistoryTests
{
    private static readonly Operation FirstTerm = Did("a", 0, 1, "acquire", null, new { status = "done", number = 1, ends = 50 });

    [Fact]
    public void A_term_that_may_be_over_is_taken_over_and_need_not_be()
    {
        AssertLinearizable(FirstTerm, Did("b", 45, 50, "acquire", null, new { status = "done", number = 2, ends = 90 }));
        AssertLinearizable(
            FirstTerm,
            Did("b", 60, 70, "acquire", null, new { status = "held", number = 1 }),
            Did("a", 71, 72, "renew", new { number = 1 }, new { status = "done", ends = 99 }));
    }

    [Fact]
    public void Two_who_hold_it_at_once_are_found() =>
        AssertViolation(2, FirstTerm, Did("b", 2, 49, "acquire", null, new { status = "done", number = 2, ends = 90 }));

    [Fact]
    public void A_number_that_is_given_out_twice_is_found() => AssertViolation(
        2,
        FirstTerm,
        Did("a", 2, 3, "release", new { number = 1 }, new { status = "done" }),
        Did("b", 4, 5, "acquire", null, new { status = "done", number = 1, ends = 90 }));

    [Fact]
    public void An_old_number_that_renews_is_found() => AssertViolation(
        2,
        FirstTerm,
        Did("b", 60, 61, "acquire", null, new { status = "done", number = 2, ends = 90 }),
        Did("a", 62, 63, "renew", new { number = 1 }, new { status = "done", ends = 99 }));

    [Fact]
    public void A_term_that_somebody_found_over_stays_over()
    {
        var free = Did("b", 60, 61, "read", null, new { status = "free", number = 1 });
        var renewed = Did("a", 62, 63, "renew", new { number = 1 }, new { status = "done", number = 1, ends = 99 });
        AssertViolation(2, FirstTerm, free, renewed);
        AssertLinearizable(FirstTerm, free, Did("a", 59, 63, "renew", new { number = 1 }, new { status = "done", number = 1, ends = 60 }));
    }

    [Fact]
    public void A_renewal_lasts()
    {
        var renewed = Did("a", 10, 20, "renew", new { number = 1 }, new { status = "done", number = 1, ends = 80 });
        AssertViolation(2, FirstTerm, renewed, Did("b", 60, 70, "read", null, new { status = "free", number = 1 }));
        AssertLinearizable(FirstTerm, renewed, Did("b", 60, 80, "read", null, new { status = "free", number = 1 }));
    }

    [Fact]
    public void What_was_not_answered_may_have_begun_a_term_or_ended_one()
    {
        AssertLinearizable(
            Operation.Unknown("a", "key", 0, "acquire", null),
            Did("b", 4, 5, "acquire", null, new { status = "done", number = 2, ends = 90 }));
        AssertLinearizable(
            FirstTerm,
            Operation.Unknown("a", "key", 2, "release", new { number = 1 }),
            Did("b", 4, 5, "acquire", null, new { status = "done", number = 2, ends = 90 }));
        AssertViolation(
            2,
            FirstTerm,
            Operation.Unknown("a", "key", 2, "renew", new { number = 1 }),
            Did("b", 4, 5, "acquire", null, new { status = "done", number = 2, ends = 90 }));
    }

    private static Operation Did(string client, long call, long @return, string name, object? input, object output) =>
        Operation.Answered(client, "key", call, @return, name, input, output);

    private static void AssertLinearizable(params Operation[] history) =>
        Assert.Equal(Verdict.Linearizable, HistoryChecker.Check(history, "lease").Verdict);

    private static void AssertViolation(int conflicting, params Operation[] history)
    {
        var report = HistoryChecker.Check(history, "lease");
        Assert.Equal(Verdict.Violation, report.Verdict);
        Assert.Equal(conflicting, report.Contradiction!.Conflicting.Count);
    }
}
