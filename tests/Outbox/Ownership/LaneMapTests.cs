using System.Net;
using Holdfast.Outbox.Lanes;
using Holdfast.Outbox.Ownership;

namespace Holdfast.Tests.Outbox.Ownership;

public sealed class LaneMapTests
{
    private static readonly SiloAddress Self = Silo(1);
    private static readonly SiloAddress Second = Silo(2);
    private static readonly SiloAddress Third = Silo(3);

    private readonly LaneMap _map = new(new Details());

    [Fact]
    public void Nothing_is_owned_before_the_membership_is_known()
    {
        Assert.False(_map.IsKnown);
        Assert.Empty(_map.Mine);
        Assert.Null(_map.OwnerOf(0));
    }

    [Fact]
    public void A_silo_that_joins_knows_who_had_its_lanes_before()
    {
        _map.SetActive([Self, Second, Third]);
        var before = LaneAssignment.Assign([Second, Third]);
        Assert.NotEmpty(_map.Mine);
        Assert.All(_map.Mine, lane => Assert.Equal(before[lane], _map.PreviousOwnerOf(lane)));
    }

    [Fact]
    public void A_dead_silo_is_not_asked_for_its_lanes_and_a_leaving_one_is()
    {
        _map.SetActive([Self, Second]);
        var others = Enumerable.Range(0, LaneNumbers.Count).Except(_map.Mine).ToArray();
        _map.SetLeaving(Second);
        Assert.Equal(LaneNumbers.Count, _map.Mine.Count);
        Assert.All(others, lane => Assert.Equal(Second, _map.PreviousOwnerOf(lane)));
        _map.SetActive([Self]);
        Assert.All(others, lane => Assert.Null(_map.PreviousOwnerOf(lane)));
    }

    [Fact]
    public void A_silo_that_is_leaving_gets_no_lane_however_the_membership_changes_or_when_it_was_heard()
    {
        _map.SetLeaving(Second);
        _map.SetActive([Self, Second]);
        Assert.Equal(LaneNumbers.Count, _map.Mine.Count);
        _map.SetActive([Self, Second, Third]);
        Assert.Equal(LaneAssignment.Assign([Self, Third]), Enumerable.Range(0, LaneNumbers.Count).Select(_map.OwnerOf));
    }

    [Fact]
    public void A_silo_that_leaves_owns_nothing()
    {
        _map.SetActive([Self]);
        _map.SetLeaving(Self);
        Assert.True(_map.IsLeaving);
        Assert.Empty(_map.Mine);
    }

    private static SiloAddress Silo(int number) => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, number), 1);

    private sealed class Details : ILocalSiloDetails
    {
        public string Name => "self";

        public string ClusterId => "cluster";

        public string DnsHostName => "localhost";

        public SiloAddress SiloAddress => Self;

        public SiloAddress GatewayAddress => Self;
    }
}
