using Holdfast.Api.Http.Calls;
using Holdfast.Contracts.Callers;
using Holdfast.Silo.Settings;

namespace Holdfast.Api.Http.Callers;

public static class DoorHosting
{
    /// <summary>Who may come in, by keys of the store and by tokens of the issuers that the settings name.</summary>
    public static void AddDoor(this WebApplicationBuilder builder, HoldfastSettings settings)
    {
        builder.Services.AddSingleton(static services =>
        {
            var (calls, grains) = (services.GetRequiredService<GrainCalls>(), services.GetRequiredService<IGrainFactory>());

            // A front door knows no grain before it has met a silo: not while it is built.
            return new KnownKeys(
                question => calls.Send(
                    grains.GetGrain<IKeyring>(IKeyring.Only),
                    question,
                    static (grain, question) => grain.Look(question),
                    CancellationToken.None),
                services.GetRequiredService<TimeProvider>());
        });
        builder.Services.AddSingleton<OpenLoopback>();
        builder.Services.AddSingleton<CallLimits>();
        builder.Services.AddSingleton<Tokens>();
        builder.Services.AddSingleton<Door>();
        Tokens.Add(builder.Services, settings);
    }

    public static void UseDoor(this WebApplication app) => app.Use(app.Services.GetRequiredService<Door>().Ask);
}
