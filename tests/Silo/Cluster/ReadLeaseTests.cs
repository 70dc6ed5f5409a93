using System.Diagnostics;
using System.Net;
using Holdfast.Journal.Postgres;
using Holdfast.Silo.Cluster;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Tests.Silo.Cluster;

/// <summary>What a silo's own row in the membership says to its lease.</summary>
public sealed class ReadLeaseTests
{
    private static readonly MemberBeat Other = new(SiloAddress.New(IPAddress.Loopback, 9, 9), SiloStatus.Active, 7, "");

    private readonly ReadLease _lease = new(new Self(), NullLogger<ReadLease>.Instance);

    [Fact]
    public void Without_a_beat_there_is_no_lease() => Assert.False(_lease.IsHeld);

    [Fact]
    public void A_silo_that_has_not_joined_yet_has_a_lease_and_is_no_member()
    {
        Assert.False(_lease.Renew(Stopwatch.GetTimestamp(), [Other]));
        Assert.True(_lease.IsHeld);
    }

    [Theory]
    [InlineData(SiloStatus.Active, true)]
    [InlineData(SiloStatus.ShuttingDown, true)]
    [InlineData(SiloStatus.Dead, false)]
    public void Its_row_decides(SiloStatus status, bool held)
    {
        Assert.Equal(held, _lease.Renew(Stopwatch.GetTimestamp(), [Other, new(Self.Address, status, 7, "")]));
        Assert.Equal(held, _lease.IsHeld);
    }

    [Fact]
    public void A_member_that_finds_no_row_any_more_is_dead()
    {
        _lease.Renew(Stopwatch.GetTimestamp(), [new(Self.Address, SiloStatus.Active, 7, "")]);
        Assert.False(_lease.Renew(Stopwatch.GetTimestamp(), [Other]));
        Assert.False(_lease.IsHeld);
    }

    [Fact]
    public void A_lease_counts_from_the_moment_the_beat_was_sent()
    {
        var sent = Stopwatch.GetTimestamp() - (long)(Budgets.ReadLease.TotalSeconds * Stopwatch.Frequency);
        Assert.True(_lease.Renew(sent, [new(Self.Address, SiloStatus.Active, 7, "")]));
        Assert.False(_lease.IsHeld);
    }
}
