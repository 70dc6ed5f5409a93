namespace Holdfast.Rings.Crash;

/// <summary>One process of the front door after another, on the same files. One HTTP client follows them from port to port.</summary>
internal sealed class MortalServer : IAsyncDisposable
{
    private readonly string _directory;
    private volatile Task<ServerProcess> _alive;

    private MortalServer(string directory)
    {
        (_directory, _alive) = (directory, ServerProcess.Start(directory));
        Client = new(new ToTheLiving(this)) { BaseAddress = new("http://server"), Timeout = ServerProcess.Patience * 2 };
    }

    public HttpClient Client { get; }

    public static async Task<MortalServer> Start(string directory)
    {
        var server = new MortalServer(directory);
        await server._alive;
        return server;
    }

    public async Task KillAndStartAgain()
    {
        var killed = await _alive;
        _alive = StartAfter(killed.Kill());
        await _alive;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_alive.IsCompletedSuccessfully) await _alive.Result.DisposeAsync();
    }

    private async Task<ServerProcess> StartAfter(Task killed)
    {
        await killed;
        return await ServerProcess.Start(_directory);
    }

    private sealed class ToTheLiving(MortalServer server) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            // Not to the port of the dead: by now it may be somebody else's.
            var alive = await server._alive.WaitAsync(cancellationToken);
            request.RequestUri = new(alive.Address, request.RequestUri!.PathAndQuery);
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
