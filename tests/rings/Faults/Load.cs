using Holdfast.Rings.Delivery;

namespace Holdfast.Rings.Faults;

/// <summary>Several buyers who go on whatever happens to the cluster, until they are stopped.</summary>
internal sealed class Load
{
    private const int Buyers = 5;
    private const int InitialStock = 150;

    /// <summary>Between two requests of a buyer: a fault is not to be a test of speed.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly Lock _gate = new();
    private TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _buying = Task.CompletedTask;
    private int _answers;
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
        var (begun, heard) = Count();
        for (var answers = begun; answers < begun + count;)
        {
            // Ends with the first buyer who fails, too.
            var first = await Task.WhenAny(heard, _buying, Task.Delay(FaultCluster.Patience, TimeProvider.System));
            if (first == _buying) await _buying;
            Assert.True(first == heard, $"{count} requests should have been answered, but after {answers - begun} there was none for {FaultCluster.Patience}");
            (answers, heard) = Count();
        }
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
                Answered();
                await Task.Delay(Pause, TimeProvider.System);
            }
        }
        finally
        {
            // One who fails takes the others along.
            _closed = true;
        }
    }

    private (int Answers, Task More) Count()
    {
        lock (_gate) return (_answers, _heard.Task);
    }

    private void Answered()
    {
        lock (_gate)
        {
            _answers++;
            _heard.SetResult();
            _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
