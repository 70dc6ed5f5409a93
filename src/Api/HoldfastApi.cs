using Holdfast.Api.Hosting;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.Fences;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Silo;
using Holdfast.Silo.Health;
using Holdfast.Silo.Settings;

namespace Holdfast.Api;

/// <summary>The front door: HTTP on one side, grains on the other.</summary>
public static class HoldfastApi
{
    /// <param name="args">Settings, as ASP.NET Core takes them: <c>--urls</c>, <c>--Holdfast:DataDirectory</c> …</param>
    /// <exception cref="StartRefusedException">The settings cannot be used; the message says what to change.</exception>
    public static WebApplication Build(string[] args) => Build(args, static _ => { });

    /// <param name="adjust">Has the last word on the services.</param>
    /// <inheritdoc cref="Build(string[])" />
    internal static WebApplication Build(string[] args, Action<IServiceCollection> adjust)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddFrontDoorDefaults();
        var settings = HoldfastSettings.Read(builder.Configuration);
        builder.AddLoopbackOnly(settings);
        builder.AddDoor(settings);
        builder.AddSharedProtection();
        builder.AddCrossOrigin(settings);
        builder.AddRequestLimits();
        builder.AddHoldfastBehindFrontDoor(settings);
        builder.AddGrainCalls();
        builder.AddFences();
        builder.AddStrictJson();
        builder.AddResources();
        builder.AddProblems();
        builder.AddHealth();
        builder.AddHttpTelemetry();
        builder.AddOpenApiDocument();
        adjust(builder.Services);

        var app = builder.Build();
        app.Use(RequestIds.SendAlways);
        app.UseCrossOrigin(settings);
        app.UseProblems();
        app.UseDoor();
        app.UseRequestRules();
        var door = app.MapGroup("").WithHead();
        door.MapHome();
        door.MapGroup("").OpenToAll().MapHealth(static context => context.Features.Get<Caller>() is null or { Customer: not null });
        door.MapProblemPages();
        door.MapOpenApiDocument();
        app.MapDashboard(settings);
        door.MapResources();
        return app;
    }
}
