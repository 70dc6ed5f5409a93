using Holdfast.Grains.Hosting;
using Orleans.Concurrency;

namespace Holdfast.Tests.Grains.Hosting;

public sealed class OwnerGrainTests
{
    /// <summary>Callers wait for a shared append: without it each would have an append, and a turn, to itself.</summary>
    [Fact]
    public void Every_grain_that_hosts_an_owner_lets_others_in_while_it_waits()
    {
        var hosts = typeof(OwnerGrain<,>).Assembly.GetTypes().Where(static type => IsHost(type) && !type.IsAbstract).ToArray();

        Assert.Contains(hosts, static host => host.Name == "ProductInventory");
        Assert.DoesNotContain(hosts, static host => !host.IsDefined(typeof(ReentrantAttribute), inherit: false));
    }

    private static bool IsHost(Type type) => type.BaseType is { } parent
        && ((parent.IsGenericType && parent.GetGenericTypeDefinition() == typeof(OwnerGrain<,>)) || IsHost(parent));
}
