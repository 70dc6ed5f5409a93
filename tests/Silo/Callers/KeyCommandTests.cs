using Holdfast.Api;
using Holdfast.Api.Hosting;
using Holdfast.Journal;
using Holdfast.Journal.Sqlite;
using Holdfast.Silo;
using Holdfast.Silo.Callers;
using Holdfast.Tests.Api;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Tests.Silo.Callers;

/// <summary>The command that makes a first key, on the embedded store; a server that starts on it afterwards lets its holder in.</summary>
public sealed class KeyCommandTests : IDisposable
{
    private readonly TempDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_key_that_was_made_offline_is_known_to_the_server_that_starts_after_it_and_one_that_was_revoked_is_not()
    {
        var (first, second) = (await Run("create", "shop"), await Run("create", "shop", "--scopes", "events:read,keys", "--days", "7"));
        Assert.StartsWith("hf_", first, StringComparison.Ordinal);
        Assert.Contains("'shop' hold already", await Refusal("create", "shop"), StringComparison.Ordinal);
        var gone = await Run("create", "gone");
        Assert.Equal($"{gone.Split('_')[1]} is revoked.", await Run("revoke", gone.Split('_')[1]));
        var list = await Run("list");
        Assert.Contains($"{second.Split('_')[1]}  holds  shop  events:read,keys", list, StringComparison.Ordinal);
        Assert.Contains($"{gone.Split('_')[1]}  ended  gone  products:read,", list, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_", list, StringComparison.Ordinal);

        var http = new HttpHost { IsOpen = true, More = ["--Holdfast:DataDirectory", _data.Path] };
        await http.InitializeAsync();
        try
        {
            (await http.As(null, HttpMethod.Get, "/v1/counters/x")).IsProblem(401, "unauthenticated");
            (await http.As(first, HttpMethod.Get, "/v1/counters/x")).Is(200);
            (await http.As(second, HttpMethod.Get, "/v1/counters/x")).IsProblem(403, "forbidden");
            Assert.Equal(3, (await http.As(second, HttpMethod.Get, "/v1/keys")).Is(200).Json.GetProperty("items").GetArrayLength());
            (await http.As(gone, HttpMethod.Get, "/v1/counters/x")).IsProblem(401, "unauthenticated");
            Assert.Contains("A server that runs makes keys itself", await Refusal("list"), StringComparison.Ordinal);
        }
        finally
        {
            await http.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_it_does_is_published_like_what_a_server_does()
    {
        var first = await Run("create", "shop");
        await Run("revoke", first.Split('_')[1]);
        await using var store = new SqliteJournalStore(new(_data.Path), TimeProvider.System, NullLogger<SqliteJournalStore>.Instance);
        await store.Initialize(default);

        var page = await new SqliteFeed(store).Read(0, 10, default);
        Assert.Equal([(1L, 0L), (2L, 1L)], page.Rows.Select(static row => (row.Row.LastVersion, row.Follows)));
    }

    [Fact]
    public async Task A_first_key_is_made_unless_there_is_one()
    {
        Assert.StartsWith("hf_", await Run("first", "shop"), StringComparison.Ordinal);
        Assert.Equal("There are keys already.", await Run("first", "shop"));
        Assert.Equal("There are keys already.", await Run("first", "other"));
    }

    [Theory]
    [InlineData("create")]
    [InlineData("revoke")]
    [InlineData("what", "x")]
    public async Task What_it_does_not_know_it_answers_with_what_it_knows(params string[] args) =>
        Assert.Contains("key create NAME", await Refusal(args), StringComparison.Ordinal);

    [Theory]
    [InlineData("'all of them' is no scope", "create", "x", "--scopes", "all of them")]
    [InlineData("needs a scope", "create", "x", "--scopes", ",")]
    [InlineData("--days is '0'", "create", "x", "--days", "0")]
    [InlineData("A key's name has", "create", "a b")]
    [InlineData("There is no key '00'", "revoke", "00")]
    public async Task What_makes_no_sense_is_refused(string said, params string[] args) =>
        Assert.Contains(said, await Refusal(args), StringComparison.Ordinal);

    [Fact]
    public async Task A_server_that_others_can_reach_does_not_start_before_there_is_a_key()
    {
        string[] args = ["--urls", "http://127.0.0.1:0", "--Holdfast:AllowRemote", "true", "--Holdfast:DataDirectory", _data.Path];
        await using (var closed = HoldfastApi.Build(args))
        {
            await closed.OpenStores();
            var refused = await Assert.ThrowsAsync<StartRefusedException>(closed.RequireCallers);
            Assert.Contains("'key create NAME'", refused.Message, StringComparison.Ordinal);
        }

        await Run("create", "shop");
        await using var app = HoldfastApi.Build(args);
        await app.OpenStores();
        Assert.StartsWith("by key", await app.RequireCallers(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_key_nothing_is_in_any_file_that_would_let_somebody_in()
    {
        var text = await Run("create", "shop");
        foreach (var file in Directory.EnumerateFiles(_data.Path))
        {
            var bytes = await File.ReadAllTextAsync(file, System.Text.Encoding.Latin1);
            foreach (var part in text.Split('_')[2..]) Assert.DoesNotContain(part, bytes, StringComparison.OrdinalIgnoreCase);
        }

        await using var store = new SqliteJournalStore(new(_data.Path), TimeProvider.System, NullLogger<SqliteJournalStore>.Instance);
        await store.Initialize(default);
        Assert.NotNull(await ((IJournalStore)store).ReadSecret("keyring/keys", "mac", default));
    }

    private async Task<string> Run(params string[] args)
    {
        using var output = new StringWriter();
        Assert.Equal(0, await KeyCommand.Run([.. args, "--Holdfast:DataDirectory", _data.Path], TimeProvider.System, output));
        return output.ToString().Trim();
    }

    private async Task<string> Refusal(params string[] args) =>
        (await Assert.ThrowsAsync<StartRefusedException>(() => Run(args))).Message;
}
