using Holdfast.Contracts.Callers;
using Holdfast.Journal;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Tests.Api.Keys;

/// <summary>Keys, and what front doors share, on a store that does not take what is written beside the keys' events.</summary>
public sealed class KeyringStoreTests : IDisposable
{
    private readonly TempDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task On_a_store_that_takes_no_changes_keys_hold()
    {
        var key = await With(null, static http => http.MakeKey("shop", ["operate"]));
        await With(
            static store => new ClosedStore(store, static _ => throw new JournalStoreException("It is read-only.")),
            async http => (await http.As(key, HttpMethod.Get, "/v1/counters/x")).Is(200));
    }

    [Fact]
    public async Task While_the_store_keeps_silent_about_what_was_used_keys_hold()
    {
        var silent = new TaskCompletionSource();
        try
        {
            await With(
                store => new ClosedStore(store, name => name == "uses" ? silent.Task : Task.CompletedTask),
                static async http =>
                {
                    // Each is found in a copy that is asked for, after the one before it was told to be used.
                    var first = await http.MakeKey("first", ["keys", "operate"]);
                    (await http.As(first, HttpMethod.Get, "/v1/counters/x")).Is(200);
                    var made = await http.As(first, HttpMethod.Post, "/v1/keys", """{"name":"second","scopes":["operate"]}""");
                    var second = http.As(made.Is(201).Text("key"), HttpMethod.Get, "/v1/counters/x");
                    return (await second.WaitAsync(TimeSpan.FromSeconds(20))).Is(200);
                });
        }
        finally
        {
            silent.SetResult();
        }
    }

    [Fact]
    public async Task A_text_that_is_shared_again_after_a_lost_answer_is_there_once() => await With(null, static async http =>
    {
        var ring = http.Services.GetRequiredService<IGrainFactory>().GetGrain<IKeyring>(IKeyring.Only);
        foreach (var text in new[] { "one", "two", "one", "two" }) await ring.Share(text);
        Assert.Equal(["one", "two"], await ring.ReadShared());
        return true;
    });

    private async Task<T> With<T>(Func<IJournalStore, IJournalStore>? store, Func<HttpHost, Task<T>> act)
    {
        var http = new HttpHost { IsOpen = true, Store = store, More = ["--Holdfast:DataDirectory", _data.Path] };
        await http.InitializeAsync();
        try
        {
            return await act(http);
        }
        finally
        {
            await http.DisposeAsync();
        }
    }

    private sealed class ClosedStore(IJournalStore inner, Func<string, Task> write) : ForwardingStore(inner)
    {
        public override async Task<ReadOnlyMemory<byte>> WriteSecret(
            string stream, string name, ReadOnlyMemory<byte> value, bool replaces, CancellationToken cancellationToken)
        {
            await write(name);
            return await base.WriteSecret(stream, name, value, replaces, cancellationToken);
        }
    }
}
