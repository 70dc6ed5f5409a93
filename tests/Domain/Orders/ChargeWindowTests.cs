using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;

namespace Holdfast.Tests.Domain.Orders;

/// <summary>Until when a charge may be sent, and from when on none can be on its way.</summary>
public sealed class ChargeWindowTests
{
    private static readonly OrderOptions Options = new();
    private static readonly TimeSpan QuietFor = Options.ChargeSendWindow + Options.GatewayTimeout + Options.ChargeTravelTime;
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private readonly ChargeWindow _window = new(Options);
    private DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(2.4, 2.4)]
    [InlineData(2.5, 0)]
    [InlineData(3600, 0)]
    public void A_permit_counts_from_when_its_owner_was_surely_current_when_that_is_not_long_ago(double current, double earlier)
    {
        var question = _window.Ask(_now, TimeSpan.FromSeconds(current));
        var permit = Answer(question, ChargePermitKind.Charge);
        Assert.Equal(_now + Options.ChargeSendWindow - TimeSpan.FromSeconds(earlier), permit.SendBy);
        Assert.Equal(current < 2.5, !question.NeedsConfirmation(ChargePermitKind.Charge));
        Assert.True(question.NeedsConfirmation(ChargePermitKind.FindOnly));
        Assert.True(question.NeedsConfirmation(ChargePermitKind.Nothing));
    }

    [Fact]
    public void A_permit_counts_from_the_question_however_late_its_answer_leaves()
    {
        var question = _window.Ask(_now, Long);
        var sendBy = _now + Options.ChargeSendWindow;
        _now += TimeSpan.FromSeconds(4);
        Assert.Equal(sendBy, Answer(question, ChargePermitKind.Charge).SendBy);
    }

    [Fact]
    public void It_is_quiet_so_long_after_the_first_answer_that_grants_nothing_and_asking_again_does_not_move_that()
    {
        Assert.False(_window.MayBeOut);
        Answer(_window.Ask(_now, Long), ChargePermitKind.Charge);
        Assert.True(_window.MayBeOut);
        _now += TimeSpan.FromSeconds(1);
        var quietAt = _now + QuietFor;
        for (var second = 0; second < 3; second++)
        {
            Assert.Equal(quietAt, Answer(_window.Ask(_now, Long), ChargePermitKind.FindOnly).QuietAt);
            _now += TimeSpan.FromSeconds(1);
        }
    }

    [Fact]
    public void A_permit_that_is_granted_later_begins_it_anew()
    {
        Answer(_window.Ask(_now, Long), ChargePermitKind.FindOnly);
        _now += TimeSpan.FromSeconds(10);
        Answer(_window.Ask(_now, Long), ChargePermitKind.Charge);
        _now += TimeSpan.FromSeconds(1);
        Assert.Equal(_now + QuietFor, Answer(_window.Ask(_now, Long), ChargePermitKind.FindOnly).QuietAt);
    }

    [Fact]
    public void An_answer_that_is_overtaken_by_a_permit_says_nothing_of_quiet()
    {
        var early = _window.Ask(_now, Long);
        early.Note(Permit(ChargePermitKind.FindOnly));
        Answer(_window.Ask(_now, Long), ChargePermitKind.Charge);
        early.Answer(Permit(ChargePermitKind.FindOnly), _now);
        _now += TimeSpan.FromSeconds(1);
        Assert.Equal(_now + QuietFor, Answer(_window.Ask(_now, Long), ChargePermitKind.FindOnly).QuietAt);
    }

    [Fact]
    public void A_later_attempt_begins_it_anew()
    {
        Answer(_window.Ask(_now, Long), ChargePermitKind.FindOnly);
        _now += TimeSpan.FromMinutes(1);
        Assert.Equal(_now + QuietFor, Answer(_window.Ask(_now, Long), ChargePermitKind.FindOnly, attempt: 2).QuietAt);
    }

    private ChargePermit Answer(ChargeWindow.Question question, ChargePermitKind kind, int attempt = 1)
    {
        question.Note(Permit(kind, attempt));
        return question.Answer(Permit(kind, attempt), _now);
    }

    private static ChargePermit Permit(ChargePermitKind kind, int attempt = 1) => new(kind, new("ord_1", new(100, "EUR"), "tok_ok", attempt, default));
}
