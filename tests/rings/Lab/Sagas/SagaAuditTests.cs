using Holdfast.Lab.Sagas;

namespace Holdfast.Rings.Lab.Sagas;

public sealed class SagaAuditTests
{
    private static readonly SagaAudit Right = new(
        Accepted: 3,
        Completed: 2,
        Cancelled: 1,
        Open: 0,
        UnitsSold: 10,
        UnitsOfCompleted: 10,
        Reserved: 0,
        ReservedForOpen: 0,
        Oversold: 0,
        Captured: 2,
        ChargedNotDelivered: 0,
        DeliveredNotCharged: 0,
        ChargedTwice: 0);

    public static TheoryData<string, string> Wrongs => new()
    {
        { nameof(SagaAudit.Open), "1 orders open" },
        { nameof(SagaAudit.UnitsSold), "-9 units gone without a completed order" },
        { nameof(SagaAudit.Reserved), "1 units still reserved" },
        { nameof(SagaAudit.Oversold), "1 products oversold" },
        { nameof(SagaAudit.ChargedNotDelivered), "1 orders charged and not delivered" },
        { nameof(SagaAudit.DeliveredNotCharged), "1 orders delivered and not charged" },
        { nameof(SagaAudit.ChargedTwice), "1 orders charged twice" },
    };

    [Fact]
    public void An_audit_in_which_everything_agrees_has_nothing_wrong()
    {
        Assert.Null(Right.Wrong());
    }

    [Theory, MemberData(nameof(Wrongs))]
    public void Whatever_does_not_agree_is_named(string figure, string named)
    {
        var audit = Right with { };
        typeof(SagaAudit).GetProperty(figure)!.SetValue(audit, 1L);

        Assert.Equal(named, audit.Wrong());
    }

    [Fact]
    public void Units_held_beyond_what_open_orders_want_are_nobodys()
    {
        Assert.Equal(2, (Right with { Open = 1, Reserved = 7, ReservedForOpen = 5 }).HeldByNobody);
        Assert.Equal(0, (Right with { Open = 1, Reserved = 4, ReservedForOpen = 5 }).HeldByNobody);
    }
}
