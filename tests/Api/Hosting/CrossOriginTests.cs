namespace Holdfast.Tests.Api.Hosting;

[Collection(HttpRing.Name)]
public sealed class CrossOriginTests(HttpHost http)
{
    private const string Listed = "https://shop.example";
    private const string Allowed = "Access-Control-Allow-Origin";

    [Theory]
    [InlineData("https://shop.example", true)]
    [InlineData("http://localhost:3000", true)]
    [InlineData("https://shop.example.evil", false)]
    [InlineData("http://shop.example", false)]
    [InlineData("null", false)]
    public async Task A_page_may_call_when_its_site_is_listed(string origin, bool listed)
    {
        var asked = ("Access-Control-Request-Headers", "idempotency-key,content-type");
        var preflight = await http.Send(
            HttpMethod.Options, "/v1/orders", null, [("Origin", origin), ("Access-Control-Request-Method", "POST"), asked]);
        Assert.Equal(listed ? origin : null, preflight.Headers.GetValueOrDefault(Allowed));
        Assert.Equal(listed, preflight.Headers.ContainsKey("Access-Control-Allow-Headers"));
        Assert.True(preflight.Headers.ContainsKey("Request-Id"));

        var call = (await http.Get("/v1/counters/x", ("Origin", origin))).Is(200);
        Assert.Equal(listed ? origin : null, call.Headers.GetValueOrDefault(Allowed));
        Assert.False(call.Headers.ContainsKey("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task A_page_is_told_of_errors_too()
    {
        foreach (var path in (string[])["/v1/counters/%20", "/v1/nothing", "/v1/orders/ord_0123456789abcdef0123456789abcdef"])
        {
            var refused = await http.Get(path, ("Origin", Listed));
            Assert.Equal((path, Listed), (path, refused.Headers.GetValueOrDefault(Allowed)));
        }
    }

    [Fact]
    public async Task Who_asks_from_no_page_hears_nothing_of_it() =>
        Assert.False((await http.Get("/v1/counters/x")).Is(200).Headers.ContainsKey(Allowed));
}
