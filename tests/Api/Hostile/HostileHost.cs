using Holdfast.Contracts.Callers;
using Holdfast.Tests.Api.Http.Callers;

namespace Holdfast.Tests.Api.Hostile;

/// <summary>
/// A server of its own, for callers with keys, with tokens of staff and with those of customers; by itself it sends a key that may do
/// everything.
/// </summary>
public sealed class HostileHost : IAsyncLifetime
{
    private readonly TokenHost _tokens = new();

    public HttpHost Http => _tokens.Http;

    internal HostileCallers Callers { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await _tokens.InitializeAsync();
        Http.Client.DefaultRequestHeaders.Authorization = new("Bearer", _tokens.Staff.Token("ada", string.Join(' ', Scopes.All)));
        var key = await Http.MakeKey("hostile", Scopes.All);
        Http.Client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        Callers = new(key, await Http.MakeKey("limited", [Scopes.EventsRead]), _tokens.Staff, _tokens.Customers);
    }

    public Task DisposeAsync() => _tokens.DisposeAsync();
}
