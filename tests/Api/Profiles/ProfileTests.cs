namespace Holdfast.Tests.Api.Profiles;

[Collection(HttpRing.Name)]
public sealed class ProfileTests(HttpHost http)
{
    [Fact]
    public async Task Of_many_who_insist_on_no_certain_version_none_is_refused()
    {
        var path = Path();
        (await http.Put(path, "{}")).Is(201);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async client =>
        {
            for (var i = 0; i < 5; i++)
                (await http.Patch(path, $$$"""{"preferences":{"c{{{client}}}":"{{{i}}}"}}""", ("If-Match", "*"))).Is(200);
        }));
    }

    [Fact]
    public async Task A_profile_is_created_replaced_read_and_erased()
    {
        var path = Path();
        var created = (await http.Put(path, """{"displayName":"Ada","email":"ada@example.com"}""")).Is(201);
        Assert.Equal(path, created.Location);
        var replaced = (await http.Put(path, """{"displayName":"Ada L."}""", ("If-Match", created.ETag!))).Is(200);
        Assert.NotEqual(created.ETag, replaced.ETag);
        Assert.False(replaced.Json.TryGetProperty("email", out _));

        var read = (await http.Get(path)).Is(200);
        Assert.Equal(("application/json", replaced.Body, replaced.ETag), (read.MediaType, read.Body, read.ETag));
        (await http.Get(path, ("If-None-Match", read.ETag!))).Is(304);

        (await http.Delete(path)).Is(204);
        (await http.Get(path)).IsProblem(404, "profile_not_found");
        (await http.Delete(path)).IsProblem(404, "profile_not_found");
    }

    [Fact]
    public async Task A_merge_patch_sets_and_removes_members()
    {
        var path = Path();
        (await http.Put(path, """{"displayName":"Ada","address":{"city":"London","line1":"1 St"},"preferences":{"a":"1","b":"2"}}""")).Is(201);
        var patched = (await http.Patch(
            path, """{"displayName":null,"marketingConsent":true,"address":{"line1":null,"country":"GB"},"preferences":{"a":null}}""")).Is(200);

        Assert.False(patched.Json.TryGetProperty("displayName", out _));
        Assert.True(patched.Json.GetProperty("marketingConsent").GetBoolean());
        Assert.Equal("London", patched.Json.GetProperty("address").GetProperty("city").GetString());
        Assert.Equal("GB", patched.Json.GetProperty("address").GetProperty("country").GetString());
        Assert.False(patched.Json.GetProperty("address").TryGetProperty("line1", out _));
        Assert.Equal("""{"b":"2"}""", patched.Json.GetProperty("preferences").GetRawText());
        Assert.Equal(patched.Body, (await http.Get(path)).Body);
    }

    [Fact]
    public async Task Nobody_overwrites_what_they_have_not_seen()
    {
        var path = Path();
        var created = (await http.Put(path, """{"email":"a","address":{"city":"London","line1":"1"}}""")).Is(201);
        var refused = (await http.Put(path, """{"email":"b"}""")).IsProblem(428, "precondition_required");
        Assert.Equal(created.ETag, $"\"{refused.Number("currentVersion")}\"");
        var again = (await http.Put(path, """{"address":{"line1":"1","city":"London"},"email":"a"}""")).Is(200);
        Assert.Equal((created.Body, created.ETag), (again.Body, again.ETag));
        (await http.Put(path, """{"email":"a"}""", ("If-None-Match", created.ETag!))).IsProblem(412, "version_mismatch");
    }

    [Fact]
    public async Task A_patch_creates_nobody_and_brings_nobody_back()
    {
        var path = Path();
        (await http.Patch(path, """{"email":"x"}""")).IsProblem(404, "profile_not_found");
        (await http.Put(path, """{"email":"a","phone":"1"}""")).Is(201);
        (await http.Delete(path)).Is(204);
        (await http.Patch(path, """{"email":"x"}""")).IsProblem(404, "profile_not_found");
        (await http.Get(path)).IsProblem(404, "profile_not_found");
    }

    [Fact]
    public async Task A_deletion_of_another_version_is_refused_whichever_header_says_so()
    {
        var path = Path();
        var seen = (await http.Put(path, """{"email":"a"}""")).Is(201).ETag!;
        (await http.Delete(path, ("If-None-Match", seen))).IsProblem(412, "version_mismatch");
        (await http.Delete(path, ("If-None-Match", "*"))).IsProblem(412, "version_mismatch");
        (await http.Delete(path, ("If-None-Match", "\"999\""))).Is(204);
    }

    [Fact]
    public async Task Text_of_any_script_comes_back_as_it_was()
    {
        var path = Path();
        (await http.Put(path, """{"displayName":"Zoë 🫖 \"<&>'"}""")).Is(201);
        Assert.Equal("Zoë 🫖 \"<&>'", (await http.Get(path)).Is(200).Text("displayName"));
    }

    [Fact]
    public async Task If_match_makes_a_conflict_of_two_edits()
    {
        var path = Path();
        var seen = (await http.Put(path, """{"email":"a"}""")).Is(201).ETag!;
        var current = (await http.Patch(path, """{"email":"b"}""", ("If-Match", seen))).Is(200).ETag!;
        (await http.Patch(path, """{"email":"c"}""", ("If-Match", seen))).IsProblem(412, "version_mismatch");
        (await http.Put(path, """{"email":"c"}""", ("If-Match", seen))).IsProblem(412, "version_mismatch");
        (await http.Delete(path, ("If-Match", seen))).IsProblem(412, "version_mismatch");
        (await http.Put(path, """{"email":"c"}""", ("If-None-Match", "*"))).IsProblem(412, "version_mismatch");
        (await http.Patch(path, """{"email":"c"}""", ("If-Match", "*"))).Is(200);
        (await http.Delete(path, ("If-Match", $"{current}, {(await http.Get(path)).ETag}"))).Is(204);
        (await http.Patch(path, """{"email":"c"}""", ("If-Match", "*"))).IsProblem(404, "profile_not_found");
    }

    [Fact]
    public async Task A_version_is_never_used_again_not_even_after_an_erasure()
    {
        var path = Path();
        var first = (await http.Put(path, """{"email":"a"}""")).Is(201).ETag;
        (await http.Delete(path)).Is(204);
        var second = (await http.Put(path, """{"email":"a"}""", ("If-None-Match", "*"))).Is(201).ETag;
        Assert.NotEqual(first, second);
    }

    [Theory]
    [InlineData("""{"nickname":"x"}""", "nickname")]
    [InlineData("""{"address":{"planet":"x"}}""", "address.planet")]
    [InlineData("""{"email":5}""", "email")]
    [InlineData("""{"marketingConsent":"yes"}""", "marketingConsent")]
    [InlineData("""{"preferences":{"a":1}}""", "preferences.a")]
    [InlineData("""{"preferences":[]}""", "preferences")]
    [InlineData("""{"email":"\ud800"}""", "email")]
    [InlineData("""{"email":"a","email":"b"}""", "body")]
    [InlineData("""{"address":{"city":"a","city":"b"}}""", "address")]
    [InlineData("""[]""", "body")]
    [InlineData("""null""", "body")]
    public async Task What_is_not_a_profile_is_refused(string body, string field)
    {
        (await http.Patch(Path(), body)).IsProblem(400, "malformed");
        var put = (await http.Put(Path(), body)).IsProblem(400, "malformed");
        if (!body.Contains("city", StringComparison.Ordinal)) put.Blames(field);
    }

    [Theory]
    [InlineData("""{"nickname":null}""")]
    [InlineData("""{"address":{"planet":null}}""")]
    public async Task An_unknown_member_cannot_even_be_removed(string patch) =>
        (await http.Patch(Path(), patch)).IsProblem(400, "malformed");

    [Fact]
    public async Task A_put_takes_no_null() =>
        (await http.Put(Path(), """{"email":null}""")).IsProblem(400, "malformed").Blames("email");

    [Fact]
    public async Task Texts_and_preferences_have_bounds()
    {
        (await http.Put(Path(), $$"""{"email":"{{new string('x', 200)}}"}""")).Is(201);
        (await http.Put(Path(), $$"""{"email":"{{new string('x', 201)}}"}""")).IsProblem(422, "out_of_bounds").Blames("email");
        (await http.Put(Path(), """{"email":"a\u0000b"}""")).IsProblem(422, "out_of_bounds").Blames("email");
        (await http.Put(Path(), Preferences(100, "v"))).Is(201);
        (await http.Put(Path(), Preferences(101, "v"))).IsProblem(422, "out_of_bounds").Blames("preferences");
        (await http.Put(Path(), Preferences(100, new string('v', 200)))).IsProblem(422, "profile_too_large");
    }

    [Fact]
    public async Task Only_json_is_taken()
    {
        (await http.Send(HttpMethod.Put, Path(), "{}", [], "text/plain")).IsProblem(415, "unsupported_media_type");
        (await http.Send(HttpMethod.Patch, Path(), "{}", [], "application/xml")).IsProblem(415, "unsupported_media_type");
    }

    private static string Path() => $"/v1/customers/{HttpHost.Name("user")}/profile";

    private static string Preferences(int count, string value)
    {
        var members = string.Join(',', Enumerable.Range(0, count).Select(i => $"\"p{i}\":\"{value}\""));
        return "{\"preferences\":{" + members + "}}";
    }
}
