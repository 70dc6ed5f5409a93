using System.Reflection;
using Holdfast.Outbox.Lanes;
using Holdfast.Outbox.Ownership;
using Holdfast.Outbox.Streams;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;

namespace Holdfast.Rings.Outbox;

/// <summary>Names that silos of two releases must agree on, whatever the types are called and wherever they lie.</summary>
public sealed class WireNameTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_is_sent_has_a_name_of_its_own()
    {
        var sent = typeof(Lane).Assembly.GetTypes().Where(static type =>
            type.IsDefined(typeof(GenerateSerializerAttribute)) || (type.IsInterface && type.IsAssignableTo(typeof(IAddressable))));

        Assert.Equal(
            [
                "EndedRun is holdfast.EndedRun",
                "ILaneConsumer is holdfast.ILaneConsumer",
                "ILaneService is holdfast.ILaneService",
                "LaneBatch is holdfast.LaneBatch",
                "LaneDelivery is holdfast.Delivery",
                "LaneNews is holdfast.LaneNews",
            ],
            sent.Select(static type => $"{type.Name} is {type.GetCustomAttribute<AliasAttribute>()?.Alias}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Silos_find_each_others_services_and_consumers_by_names_that_do_not_move()
    {
        await using var cluster = await LaneCluster.Start(_directory.Path, 1);
        var silo = cluster.Silos[0];
        var interfaces = silo.ServiceProvider.GetRequiredService<GrainInterfaceTypeResolver>();
        var service = silo.ServiceProvider.GetRequiredService<LaneServiceClient>().At(silo.SiloAddress);

        Assert.Empty(await service.Yield(LaneNumbers.Count, silo.SiloAddress));
        Assert.Equal("sys.svc.user.AE981D60", service.GetGrainId().Type.ToString());
        Assert.Equal("holdfast.ILaneService", interfaces.GetGrainInterfaceType(typeof(ILaneService)).ToString());
        Assert.Equal("holdfast.ILaneConsumer", interfaces.GetGrainInterfaceType(typeof(ILaneConsumer)).ToString());
        Assert.Equal("laneconsumer", silo.ServiceProvider.GetRequiredService<GrainTypeResolver>().GetGrainType(typeof(LaneConsumer)).ToString());
        Assert.Equal(("outbox", "holdfast.lanes", "lane-3"), (LaneStreams.Provider, LaneStreams.Namespace, LaneStreams.KeyOf(3)));
    }
}
