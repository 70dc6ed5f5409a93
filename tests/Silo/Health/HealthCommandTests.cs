using System.Net;
using System.Net.Sockets;
using Holdfast.Silo.Health;
using Holdfast.Tests.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Holdfast.Tests.Silo.Health;

public sealed class HealthCommandTests
{
    private readonly StringWriter _errors = new();

    [Fact]
    public async Task A_process_that_is_ready_is_healthy()
    {
        var host = new HttpHost();
        await host.InitializeAsync();
        try
        {
            Assert.Equal(0, await HealthCommand.Run(["--urls", host.Client.BaseAddress!.ToString()], "http://localhost:1", _errors));
        }
        finally
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_process_that_is_not_ready_is_not_and_its_reason_is_shown()
    {
        await using var process = await Answering("http://127.0.0.1:0", 503, "the store does not answer");

        Assert.Equal(1, await Run("--urls", process.Urls.Single()));
        Assert.Contains("503: the store does not answer", _errors.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--urls", "http://0.0.0.0:{0}")]
    [InlineData("--urls", "https://*:1;http://+:{0}")]
    [InlineData("--http_ports", "{0}")]
    public async Task A_process_that_listens_everywhere_is_asked_as_localhost(string setting, string value)
    {
        await using var process = await Answering("http://0.0.0.0:0", 200, "healthy", allowedHosts: "localhost");
        var port = new Uri(process.Urls.Single().Replace("0.0.0.0", "localhost", StringComparison.Ordinal)).Port;

        Assert.Equal(0, await Run(setting, string.Format(System.Globalization.CultureInfo.InvariantCulture, value, port)));
    }

    [Fact]
    public async Task Where_nobody_listens_nothing_is_healthy()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();

        Assert.Equal(1, await HealthCommand.Run([], $"http://localhost:{port}", _errors));
        Assert.Contains($"http://localhost:{port}/health/ready does not answer", _errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_its_name_makes_it_that_command()
    {
        Assert.True(HealthCommand.IsAskedFor(["health"]));
        Assert.True(HealthCommand.IsAskedFor(["health", "--urls", "http://localhost:1"]));
        Assert.False(HealthCommand.IsAskedFor([]));
        Assert.False(HealthCommand.IsAskedFor(["--urls", "health"]));
    }

    private Task<int> Run(params string[] args) => HealthCommand.Run(args, "http://localhost:1", _errors);

    private static async Task<WebApplication> Answering(string url, int status, string text, string allowedHosts = "*")
    {
        var builder = WebApplication.CreateBuilder(["--AllowedHosts", allowedHosts]);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        var app = builder.Build();
        app.MapGet("/health/ready", () => Results.Text(text, statusCode: status));
        await app.StartAsync();
        return app;
    }
}
