using System.Text;
using Holdfast.Tests.Journal;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Tests.Api.Hosting;

/// <summary>What one front door protects another one reads: the keys for it are in the store, and nowhere else.</summary>
public sealed class SharedProtectionTests : IDisposable
{
    private readonly TempDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task What_was_protected_is_read_by_whoever_starts_on_the_same_store()
    {
        var sealedText = await With(static protector => protector.Protect(Encoding.UTF8.GetBytes("x")));
        Assert.Equal("x", Encoding.UTF8.GetString(await With(protector => protector.Unprotect(sealedText))));

        using var elsewhere = new TempDirectory();
        await Assert.ThrowsAnyAsync<System.Security.Cryptography.CryptographicException>(
            () => With(protector => protector.Unprotect(sealedText), elsewhere.Path));
    }

    private async Task<byte[]> With(Func<IDataProtector, byte[]> act, string? directory = null)
    {
        var http = new HttpHost { IsOpen = true, More = ["--Holdfast:DataDirectory", directory ?? _data.Path] };
        await http.InitializeAsync();
        try
        {
            return act(http.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test"));
        }
        finally
        {
            await http.DisposeAsync();
        }
    }
}
