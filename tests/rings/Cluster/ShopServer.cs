using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Holdfast.Rig;

namespace Holdfast.Rings.Cluster;

/// <summary>The front door's program with a silo in it, on a database, and somebody who asks it.</summary>
internal sealed class ShopServer : IAsyncDisposable
{
    private readonly HoldfastProcess _process;

    private ShopServer(HoldfastProcess process)
    {
        _process = process;
        Client = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = process.Url };
    }

    public static TimeSpan StartLimit { get; } = TimeSpan.FromMinutes(1);

    public HttpClient Client { get; }

    public static async Task<ShopServer> Start(string database)
    {
        var process = HoldfastProcess.Start(
            new("front-door", HoldfastProcess.FrontDoor, new($"http://127.0.0.1:{LoopbackPorts.Next()}"))
            {
                Settings = new Dictionary<string, string> { ["ConnectionStrings:Holdfast"] = database },
            },
            TimeProvider.System);
        var server = new ShopServer(process);
        try
        {
            await process.WaitUntilReady(StartLimit);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a change, and waits for the end of an order.</summary>
    public async Task<JsonElement> Send(HttpMethod method, string path, string json)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        request.Headers.Add("Prefer", "wait=30");
        using var response = await Client.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _process.DisposeAsync();
    }
}
