using Holdfast.Tests.Delivery;

namespace Holdfast.Tests.Faults;

/// <summary>Several buyers who go on whatever happens to the cluster, until they are stopped.</summary>
internal sealed class Load
{
    private const int Buyers = 5;
    private const int InitialStock = 150;

    /// <summary>Between two requests of a buyer: a fault is not to be a test of speed.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly SemaphoreSlim _answered = new(0);
    private Task _buying = Task.CompletedTask;
    private volatile bool _closed;

    private Load(FaultCluster cluster, string name, ulong seed)
    {
        Shop = new(name);
        Owner = new(cluster.Doors, Shop, name + "-owner", Seeds.Random(Seeds.Of(seed, 0)));
        All = [Owner, .. Enumerable.Range(1, Buyers).Select(number =>
            new Buyer(cluster.Doors, Shop, $"{name}-buyer{number}", Seeds.Random(Seeds.Of(seed, number))))];
    }

    public Shop Shop { get; }

    /// <summary>Who stocked the shop, and is not buying by itself.</summary>
    public Buyer Owner { get; }

    public IReadOnlyList<Buyer> All { get; }

    public static async Task<Load> Start(FaultCluster cluster, string name, ulong seed)
    {
        var load = new Load(cluster, name, seed);
        foreach (var sku in load.Shop.Skus)
        {
            await load.Owner.PutProduct(sku);
            await load.Owner.Adjust(sku, InitialStock);
        }

        load._buying = Task.WhenAll(load.All.Skip(1).Select(load.Buy));
        return load;
    }

    /// <summary>Waits until so many more requests are answered than are now.</summary>
    public async Task Answers(int count)
    {
        while (_answered.Wait(0))
        {
        }

        for (var heard = 0; heard < count; heard++)
        {
            if (await _answered.WaitAsync(FaultCluster.Patience)) continue;
            Assert.Fail($"there should have been {count} answers, but the one after {heard} did not come within {FaultCluster.Patience}");
        }

        if (_closed) await _buying;
    }

    public async Task Stop()
    {
        _closed = true;
        await _buying;
    }

    private async Task Buy(Buyer buyer)
    {
        try
        {
            while (!_closed)
            {
                await buyer.DoSomething();
                _answered.Release();
                await Task.Delay(Pause, TimeProvider.System);
            }
        }
        finally
        {
            // One who fails takes the others along, and whoever waits for answers.
            if (!_closed) _answered.Release(int.MaxValue / 2);
            _closed = true;
        }
    }
}
