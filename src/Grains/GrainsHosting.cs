using Holdfast.Contracts;
using Holdfast.Domain.Orders.Steps;
using Holdfast.Grains.Hosting;
using Holdfast.Grains.Orders;
using Holdfast.Journal.Writing;
using Holdfast.Outbox.Delivery;
using Holdfast.Outbox.Lanes;
using Holdfast.Outbox.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Holdfast.Grains;

public static class GrainsHosting
{
    /// <summary>
    /// Adds the owners, the order saga's steps and the outbox that drives them. The silo still needs a journal store, snapshots and
    /// a payment gateway; their options are what the host makes of them.
    /// </summary>
    public static ISiloBuilder AddHoldfastGrains(this ISiloBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddKnownInterfaceTypes();
        services.AddSingleton<StreamLoads>();
        services.AddSingleton<ReceiptBudget>();
        services.AddHostedService(static provider => provider.GetRequiredService<ReceiptBudget>());
        services.AddSingleton<IAppends>(static provider => provider.GetRequiredService<JournalWriter>());
        services.AddSingleton<ILaneChoice>(static provider => provider.GetRequiredService<OutboxLanes>());
        services.AddSingleton<OwnerServices>();
        services.AddSingleton<MemoryPressure>();
        services.AddSingleton<ReadLoads>();
        services.TryAddSingleton<RaceSigns>();
        services.AddSingleton<SecondLooks>();
        services.AddSingleton<UnknownOwners>();
        services.AddSingleton<OrderAdmission>();
        services.AddSingleton<EndedOrders>();
        services.AddHostedService<ReceiptSweeper>();
        services.AddHostedService<StalledOrderSweeper>();
        services.AddHostedService<IdleOwners>();
        foreach (var step in OrderStep.All)
        {
            services.AddSingleton<IMessageHandler>(provider => ActivatorUtilities.CreateInstance<OrderStepHandler>(provider, step));
        }

        return builder.AddOutboxStreams();
    }

    /// <summary>Makes <c>GetGrain</c> remember what it finds out about an interface, in a silo as in a client.</summary>
    public static IServiceCollection AddKnownInterfaceTypes(this IServiceCollection services)
    {
        // The first one that knows the interface is asked.
        services.Insert(0, ServiceDescriptor.Singleton<IGrainInterfaceTypeProvider, KnownInterfaceTypes>());
        return services;
    }
}
