using System.Text.Json;
using Holdfast.Journal;
using Holdfast.Tests.Journal;

namespace Holdfast.Tests.Api.Hosting;

/// <summary>Whether a server is ready: to all, and why not, to those who are known.</summary>
public sealed class HealthTests : IAsyncLifetime
{
    private readonly HttpHost _http = new() { IsOpen = true, Store = static store => new AwayStore(store) };

    public Task InitializeAsync() => _http.InitializeAsync();

    public Task DisposeAsync() => _http.DisposeAsync();

    [Fact]
    public async Task A_stranger_is_told_what_is_not_ready_and_a_caller_why()
    {
        // Before the first key whoever is on this machine is none, once the server has heard that there is none.
        await Eventually.True(async () => Reasons(await Ready(null)).Length > 0, static () => "whoever is on this machine should be told");
        Assert.Empty(Reasons(await Ready(null, ("X-Forwarded-For", "10.0.0.1"))));

        var key = await _http.MakeKey("operator", ["operate"]);
        var stranger = await Ready(null);
        Assert.Equal(("unhealthy", "{}"), (stranger.Text("status"), stranger.Json.GetProperty("reasons").GetRawText()));
        Assert.Equal("unhealthy", stranger.Json.GetProperty("checks").GetProperty("journal").GetString());
        Assert.Equal(JsonValueKind.Null, stranger.Json.GetProperty("schemaVersion").ValueKind);
        Assert.False(stranger.Json.TryGetProperty("feed", out _));
        Assert.Equal(stranger.Body, (await Ready("hf_invented")).Body);

        var caller = await Ready(key);
        Assert.Equal(["journal: The journal's store does not answer."], Reasons(caller));
        Assert.True(caller.Json.TryGetProperty("feed", out _));
    }

    private async Task<Answer> Ready(string? bearer, params (string, string)[] headers) =>
        (await _http.As(bearer, HttpMethod.Get, "/health/ready", null, headers)).Is(503);

    private static string[] Reasons(Answer answer) =>
        [.. answer.Json.GetProperty("reasons").EnumerateObject().Select(static reason => $"{reason.Name}: {reason.Value.GetString()}")];

    private sealed class AwayStore(IJournalStore inner) : ForwardingStore(inner)
    {
        public override Task<int> ReadSchemaVersion(CancellationToken cancellationToken) =>
            throw new JournalStoreException("The server db-7.internal does not answer.");
    }
}
