using System.Buffers.Text;
using System.Text;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Tests.Api.Http.Requests;

public sealed class PagingTests
{
    private const string List = "/v1/things?colour=red";

    [Fact]
    public void A_cursor_leads_to_the_place_that_it_was_made_for()
    {
        var first = Of(List, null);
        Assert.Equal((null, 0L, Paging.DefaultLimit, false), (first.Place, first.Number, first.Limit, first.OldestFirst));

        var second = Of(List, first.Next(42));
        Assert.Equal(("42", 42L), (second.Place, second.Number));
        Assert.Null(first.Next((long?)null));
    }

    [Fact]
    public void A_cursor_of_another_list_filter_or_order_is_refused()
    {
        var cursor = Of(List, null).Next(42);
        AssertRefused(() => Of("/v1/things?colour=blue", cursor));
        AssertRefused(() => Of("/v1/others", cursor));
        AssertRefused(() => Of(List, cursor, "asc"));
        Assert.Equal(42, Of(List, cursor, "desc").Number);
        Assert.Equal(42, Of(List, Of(List, null, "asc").Next(42), "asc").Number);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("!!!!")]
    [InlineData("AQ")]
    [InlineData("AAAAAAAAAAAAAAAA")]
    public void A_text_that_is_no_cursor_is_refused(string cursor) => AssertRefused(() => Of(List, cursor));

    /// <summary>How a cursor is made is no secret: its place is checked like any other input.</summary>
    [Theory]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("99999999999999999999")]
    [InlineData("'; --")]
    public void A_made_up_place_is_refused(string place)
    {
        var genuine = Base64Url.DecodeFromChars(Of(List, null).Next(1));
        byte[] forged = [.. genuine.AsSpan()[..^1], .. Encoding.UTF8.GetBytes(place)];
        AssertRefused(() => Of(List, Base64Url.EncodeToString(forged)));
    }

    [Fact]
    public void A_cursor_of_another_release_is_refused()
    {
        var bytes = Base64Url.DecodeFromChars(Of(List, null).Next(1));
        bytes[0]++;
        AssertRefused(() => Of(List, Base64Url.EncodeToString(bytes)));
    }

    [Fact]
    public void Random_texts_are_refused()
    {
        var random = new Random(1);
        for (var i = 0; i < 10_000; i++)
        {
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            AssertRefused(() => Of(List, Base64Url.EncodeToString(bytes)));
        }
    }

    private static Paging Of(string list, string? cursor, string? order = null) =>
        Paging.Of(new DefaultHttpContext(), list, Paging.IsNumber, cursor, null, order);

    private static void AssertRefused(Func<Paging> ask) =>
        Assert.Equal("cursor_invalid", Assert.Throws<RefusedRequestException>(ask).Problem.Code);
}
