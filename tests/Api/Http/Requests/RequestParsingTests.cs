using Holdfast.Api.Hosting;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.Requests;
using Holdfast.Api.Orders;
using Holdfast.Api.Reservations;
using Microsoft.Extensions.Primitives;

namespace Holdfast.Tests.Api.Http.Requests;

public sealed class RequestParsingTests
{
    [Theory]
    [InlineData("wait=5", 5)]
    [InlineData("respond-async, wait=5", 5)]
    [InlineData("WAIT = \"7\"; x=y", 7)]
    [InlineData("wait=600", 60)]
    [InlineData("wait=0", null)]
    [InlineData("wait=-1", null)]
    [InlineData("wait", null)]
    [InlineData("waiting=5", null)]
    [InlineData("return=minimal", null)]
    [InlineData("", null)]
    public void A_preference_that_is_not_understood_is_ignored(string header, int? seconds) =>
        Assert.Equal(seconds, WaitPreference.Parse(header));

    [Fact]
    public void A_preference_may_come_in_a_second_header() =>
        Assert.Equal(3, WaitPreference.Parse(new StringValues(["respond-async", "wait=3"])));

    [Fact]
    public void A_fingerprint_keeps_neighbouring_texts_apart()
    {
        Assert.NotEqual(new Fingerprint().Add("ab").Add("c").Value, new Fingerprint().Add("a").Add("bc").Value);
        Assert.NotEqual(new Fingerprint().Add("").Value, new Fingerprint().Add((string?)null).Value);
        Assert.Equal(new Fingerprint().Add("a").Add(1).Value, new Fingerprint().Add("a").Add(1).Value);
    }

    [Fact]
    public void An_order_is_the_same_however_its_lines_are_spread_and_ordered()
    {
        var one = new OrderRequest("c", [new("b", 1), new("a", 2), new("b", 3)], "t");
        var other = new OrderRequest("c", [new("a", 2), new("b", 4)], "t");
        var (lines, none) = one.CheckAndSum();
        Assert.Equal([("b", 4L), ("a", 2L)], lines.Select(line => (line.Sku, line.Quantity)));
        Assert.Equal(one.Fingerprint(lines, none), other.Fingerprint(other.CheckAndSum().Lines, none));
        Assert.NotEqual(one.Fingerprint(lines, none), (one with { CustomerId = "d" }).Fingerprint(lines, none));
    }

    [Theory]
    [InlineData("http://localhost:5080", true)]
    [InlineData("https://LOCALHOST", true)]
    [InlineData("http://127.0.0.1:0", true)]
    [InlineData("http://127.9.9.9:80", true)]
    [InlineData("http://[::1]:80", true)]
    [InlineData("http://[::ffff:127.0.0.1]:80", true)]
    [InlineData("http://*:80", false)]
    [InlineData("http://+:80", false)]
    [InlineData("http://0.0.0.0:80", false)]
    [InlineData("http://[::]:80", false)]
    [InlineData("http://10.0.0.1", false)]
    [InlineData("http://localhost.example", false)]
    [InlineData("http://unix:/tmp/holdfast.sock", false)]
    public void Only_loopback_is_loopback(string address, bool loopback) => Assert.Equal(loopback, LoopbackOnly.IsLoopback(address));

    [Fact]
    public void A_name_is_one_segment_of_a_location() =>
        Assert.Equal(
            "/v1/products/A%20%25%3F%23%2FB/reservations/res_1", ReservationPaths.Reservation(PathSegment.Escape("A %?#/B"), "res_1"));
}
