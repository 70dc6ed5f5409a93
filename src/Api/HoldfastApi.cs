using Holdfast.Api.Hosting;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Silo;
using Holdfast.Silo.Health;

namespace Holdfast.Api;

/// <summary>The front door: HTTP on one side, grains on the other.</summary>
public static class HoldfastApi
{
    /// <summary>True for <c>health …</c>: not to start, but to ask the one that runs.</summary>
    public static bool AsksForHealth(string[] args) => args is [HealthCommand.Name, ..];

    /// <returns>The exit code: 0 when the front door on this machine is ready.</returns>
    public static Task<int> ReadHealth(string[] args) => HealthCommand.Run(args, Defaults.Url, Console.Error);

    /// <summary>The operator can mend it, and the message says how.</summary>
    public static bool IsRefusedStart(Exception exception) => exception is StartRefusedException || StartRefusal.Is(exception);

    /// <param name="args">Settings, as ASP.NET Core takes them: <c>--urls</c>, <c>--Holdfast:DataDirectory</c> …</param>
    /// <exception cref="StartRefusedException">The settings cannot be used; the message says what to change.</exception>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddDefaults();
        builder.AddLoopbackOnly();
        builder.AddRequestLimits();
        builder.AddHoldfastBehindFrontDoor();
        builder.AddGrainCalls();
        builder.AddStrictJson();
        builder.AddResources();
        builder.AddProblems();
        builder.AddHealth();
        builder.AddHttpTelemetry();
        builder.AddOpenApiDocument();

        var app = builder.Build();
        app.UseProblems();
        var door = app.MapGroup("").WithHead();
        door.MapHome();
        door.MapHealth();
        door.MapOpenApiDocument();
        app.MapDashboard();
        door.MapResources();
        return app;
    }

    /// <summary>Opens the stores, if this front door hosts a silo, and serves until it is told to stop.</summary>
    public static async Task Run(WebApplication app)
    {
        await app.OpenStores();
        await app.RunAsync();
    }
}
