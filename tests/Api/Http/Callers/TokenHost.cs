using Holdfast.Tests.Journal;

namespace Holdfast.Tests.Api.Http.Callers;

/// <summary>A server that knows callers by the tokens of two issuers.</summary>
public sealed class TokenHost : IAsyncLifetime
{
    private readonly TempDirectory _files = new();

    public TokenHost()
    {
        Staff = new("https://login.example/shop", "holdfast", Path.Combine(_files.Path, "staff.json"));
        Customers = new("https://login.example/customers", "holdfast", Path.Combine(_files.Path, "customers.json"));
        Http = new()
        {
            IsOpen = true,
            More =
            [
                "--Holdfast:Jwt:Issuer", Staff.Name, "--Holdfast:Jwt:Audience", Staff.Audience,
                "--Holdfast:Jwt:KeysFile", Path.Combine(_files.Path, "staff.json"),
                "--Holdfast:CustomerJwt:Issuer", Customers.Name, "--Holdfast:CustomerJwt:Audience", Customers.Audience,
                "--Holdfast:CustomerJwt:KeysFile", Path.Combine(_files.Path, "customers.json"),
            ],
        };
    }

    public HttpHost Http { get; }

    internal TestIssuer Staff { get; }

    internal TestIssuer Customers { get; }

    public Task InitializeAsync() => Http.InitializeAsync();

    public async Task DisposeAsync()
    {
        await Http.DisposeAsync();
        Staff.Dispose();
        Customers.Dispose();
        _files.Dispose();
    }
}
