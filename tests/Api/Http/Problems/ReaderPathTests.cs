using Holdfast.Api.Http.Problems;

namespace Holdfast.Tests.Api.Http.Problems;

/// <summary>Where the JSON reader stands, in its own words, as the JSON pointer that a caller is told.</summary>
[Collection(HttpRing.Name)]
public sealed class ReaderPathTests(HttpHost http)
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("$", "")]
    [InlineData("$.lines[12].sku", "/lines/12/sku")]
    [InlineData("$['a b'].c", "/a b/c")]
    [InlineData("$.a['b.c'][0]", "/a/b.c/0")]
    [InlineData("$['a/b~c']", "/a~1b~0c")]
    [InlineData("$[']']", "/]")]
    [InlineData("$.a[']x']", "/a/]x")]
    [InlineData("$['x']x']", "/x']x")]
    [InlineData("$['", "/['")]
    [InlineData("$[", "/[")]
    [InlineData("$]", "/]")]
    public void It_is_read_whatever_a_name_has_in_it(string? path, string expected) =>
        Assert.Equal(expected, RequestError.FromReaderPath(path));

    [Theory]
    [InlineData("]")]
    [InlineData("']")]
    [InlineData("[0]")]
    [InlineData("The number is too large.")]
    [InlineData("missing required properties including: 'x'")]
    [InlineData("doesn't allow null")]
    [InlineData("could not be converted")]
    public async Task An_unknown_member_is_malformed_whatever_it_is_called(string name)
    {
        var answer = (await http.Post("/v1/counters/c/increments", $$"""{"delta":1,"{{name}}":1}""")).IsProblem(400, "malformed");
        Assert.Equal("unknown", Assert.Single(answer.Json.GetProperty("errors").EnumerateArray()).GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("duplicateOf")]
    [InlineData("maximum configured depth")]
    [InlineData("doesn't allow null")]
    public async Task A_wrong_type_is_one_whatever_the_member_is_called(string name)
    {
        var order = $$$"""{"customerId":"c","paymentToken":"t","lines":[{"sku":"a","quantity":1}],"metadata":{"{{{name}}}":7}}""";
        var answer = (await http.Post("/v1/orders", order)).IsProblem(400, "malformed");
        Assert.Equal("wrong_type", Assert.Single(answer.Json.GetProperty("errors").EnumerateArray()).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_request_with_any_number_of_errors_is_told_the_first_ones()
    {
        var preferences = string.Join(',', Enumerable.Range(0, 20_000).Select(static i => $"\"{i}\":\"\\n\""));
        var answer = await http.Put("/v1/customers/many-errors/profile", $$$"""{"preferences":{{{{preferences}}}}}""");
        Assert.InRange(answer.IsProblem(422, "out_of_bounds").Json.GetProperty("errors").GetArrayLength(), 1, 50);
    }
}
