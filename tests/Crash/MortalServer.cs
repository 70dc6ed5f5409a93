namespace Holdfast.Tests.Crash;

/// <summary>One process of the front door after another, on the same files. One HTTP client follows them from port to port.</summary>
internal sealed class MortalServer : IAsyncDisposable
{
    private readonly string _directory;
    private volatile ServerProcess? _alive;

    private MortalServer(string directory, ServerProcess first)
    {
        (_directory, _alive) = (directory, first);
        Client = new(new ToTheLiving(this)) { BaseAddress = new("http://server"), Timeout = TimeSpan.FromSeconds(30) };
    }

    public HttpClient Client { get; }

    public static async Task<MortalServer> Start(string directory) => new(directory, await ServerProcess.Start(directory));

    public async Task KillAndStartAgain()
    {
        var killed = _alive!;
        _alive = null;
        await killed.Kill();
        _alive = await ServerProcess.Start(_directory);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_alive is not null) await _alive.DisposeAsync();
    }

    private sealed class ToTheLiving(MortalServer server) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            // Not to the port of the dead: by now it may be somebody else's.
            var address = server._alive?.Address ?? throw new HttpRequestException("No server is running.");
            request.RequestUri = new(address, request.RequestUri!.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
