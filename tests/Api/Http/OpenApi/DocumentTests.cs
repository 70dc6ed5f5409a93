using System.Text.Json;

namespace Holdfast.Tests.Api.Http.OpenApi;

/// <summary>What neither an exchange nor a linter can say of the document.</summary>
[Collection(HttpRing.Name)]
public sealed class DocumentTests(HttpHost http) : IAsyncLifetime
{
    private JsonElement _document;

    public async Task InitializeAsync() => _document = (await http.Get("/openapi/v1.json")).Is(200).Json;

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("/openapi/v2.json")]
    [InlineData("/openapi/%3Cscript%3E.json")]
    public async Task Of_another_document_it_says_as_of_anything_that_there_is_none(string path) =>
        (await http.Get(path)).IsProblem(404, "not_found");

    [Fact]
    public void It_says_where_the_server_is_and_what_each_tag_is_about()
    {
        Assert.Equal("/", Assert.Single(_document.GetProperty("servers").EnumerateArray()).GetProperty("url").GetString());
        Assert.All(
            _document.GetProperty("tags").EnumerateArray(),
            static tag => Assert.False(string.IsNullOrEmpty(tag.GetProperty("description").GetString())));
    }

    [Fact]
    public void What_is_left_out_where_there_is_nothing_to_say_is_never_null()
    {
        var error = Schema("Problem").GetProperty("properties").GetProperty("errors").GetProperty("items");
        Assert.Equal(["code", "detail"], error.GetProperty("required").EnumerateArray().Select(static name => name.GetString()));
        foreach (var (schema, members) in new[]
        {
            (error, new[] { "pointer", "parameter", "header" }),
            (Schema("BulkResult"), ["adjustment", "stock", "problem"]),
            (Schema("ProfileResponse"), ["displayName", "address", "preferences"]),
            (Schema("OrderResponse"), ["erasedAt"]),
        })
        {
            foreach (var member in members)
                Assert.DoesNotContain("null", schema.GetProperty("properties").GetProperty(member).GetRawText(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Requests_are_closed_and_answers_are_open()
    {
        foreach (var name in new[] { "OrderRequest", "ProfileBody", "AddressBody", "ProfilePatchBody", "BulkItem" })
            Assert.False(Schema(name).GetProperty("additionalProperties").GetBoolean());
        foreach (var name in new[] { "OrderResponse", "ProfileResponse", "AddressResponse", "Problem", "BulkResult" })
            Assert.False(Schema(name).TryGetProperty("additionalProperties", out _), $"{name} is closed");
    }

    [Fact]
    public void A_patch_may_say_null_of_a_member_and_of_what_is_in_it()
    {
        foreach (var (schema, member) in new[] { ("OrderPatchBody", "metadata"), ("ProfilePatchBody", "preferences") })
        {
            var said = Schema(schema).GetProperty("properties").GetProperty(member);
            Assert.Contains("null", said.GetProperty("type").GetRawText(), StringComparison.Ordinal);
            Assert.Contains("null", said.GetProperty("additionalProperties").GetRawText(), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("null", Schema("ProfileBody").GetProperty("properties").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Bounds_are_those_that_are_checked()
    {
        var ttl = Schema("ReservationRequest").GetProperty("properties").GetProperty("ttlSeconds");
        Assert.Equal((1, 604_800), (ttl.GetProperty("minimum").GetInt64(), ttl.GetProperty("maximum").GetInt64()));
        var parameters = _document.GetProperty("paths").GetProperty("/v1/attention").GetProperty("get").GetProperty("parameters");
        var limit = parameters.EnumerateArray()
            .Single(static parameter => parameter.GetProperty("name").GetString() == "limit").GetProperty("schema");
        Assert.Equal((1, 200, 50), (Bound("minimum"), Bound("maximum"), Bound("default")));

        int Bound(string name) => limit.GetProperty(name).GetInt32();
    }

    private JsonElement Schema(string name) => _document.GetProperty("components").GetProperty("schemas").GetProperty(name);
}
