using Holdfast.Contracts;

namespace Holdfast.Api.Http.Calls;

public static class GrainCallsExtensions
{
    public static void AddGrainCalls(this WebApplicationBuilder builder)
    {
        // Jitter has to differ between processes that were started at the same moment, so the process id is its seed.
        builder.Services.AddSingleton(new Backoff(new Random(Environment.ProcessId)));
        // A front door beside its silos has a connection to each; one with a silo of its own has none, and its calls end with it.
        builder.Services.AddSingleton(static services => new GrainCalls(
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<Backoff>(),
            services.GetRequiredService<RaceSigns>(),
            services.GetRequiredService<ILogger<GrainCalls>>(),
            remote: services.GetService<ILocalSiloDetails>() is null));
        builder.Services.AddSingleton<GatewayCountChangedHandler>(static services => (_, gateways) =>
        {
            if (gateways.NumberOfConnectedGateways < gateways.PreviousNumberOfConnectedGateways) services.GetRequiredService<GrainCalls>().RepeatAll();
        });
    }
}
