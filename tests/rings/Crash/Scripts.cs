using Holdfast.Contracts;
using Holdfast.Contracts.Counters;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Leases;
using Holdfast.Contracts.Orders;
using Holdfast.Contracts.Profiles;
using Holdfast.Rings.Cluster;

namespace Holdfast.Rings.Crash;

/// <summary>
/// What a life does, in calls whose operation ids are its own: run again after a crash, each call repeats what it asked before and
/// must be told what it was told before.
/// </summary>
internal sealed class Scripts(HoldfastCluster cluster, Life life)
{
    public const long OnHand = 10;
    public const long Price = 300;

    public static readonly IReadOnlyDictionary<string, Func<Scripts, Task>> All = new Dictionary<string, Func<Scripts, Task>>
    {
        ["order completed"] = static script => script.OrderErased(),
        ["order declined"] = static script => script.OrderEnds("tok_declined", 2),
        ["order short"] = static script => script.OrderEnds("tok_ok", OnHand + 1),
        ["payment timed out"] = static script => script.OrderEnds("tok_timeout", 2),
        ["cancelled while charging"] = static script => script.CancelledWhileCharging(),
        ["hold lost, undone first"] = static script => script.HoldLost(),
        ["hold lost, refunded first"] = static script => script.HoldLost(),
        ["parked and retried"] = static script => script.ParkedAndRetried(),
        ["stock"] = static script => script.Stock(),
        ["counter"] = static script => script.Counter(),
        ["profile"] = static script => script.Profile(),
        ["lease"] = static script => script.Lease(),
        ["sources and prices"] = static script => script.SourcesAndPrices(),
        ["counter with shards"] = static script => script.ShardedCounter(),
    };

    private string Tea => $"{life.Name}-tea";

    private string Cup => $"{life.Name}-cup";

    private IOrderSaga Order => cluster.Order(life.OrderId);

    /// <summary>Creates what the script works on; a repeat changes nothing.</summary>
    public async Task SetScene()
    {
        foreach (var sku in (string[])[Tea, Cup])
        {
            var product = cluster.Product(sku);
            await Repeat(() => product.PutDetails(new(Operation($"put {sku}"), "Something", new(Price, "GBP"), null, false)));
            await Repeat(() => product.Adjust(new(Operation($"receive {sku}"), OnHand, "received", null)));
        }
    }

    private async Task OrderEnds(string token, long cups)
    {
        await Place(token, cups);
        await End();
    }

    private async Task OrderErased()
    {
        await OrderEnds("tok_ok", 2);
        await Call("erase", () => Order.Erase(new(Operation("erase"))), outcome => $"{outcome.Status}");
    }

    private async Task CancelledWhileCharging()
    {
        await Place("tok_ok", 2);
        await Task.WhenAny(life.GateReached, life.Stopped, Ended());
        await Call("cancel", () => Order.Cancel(), outcome => $"{outcome.Status}");
        life.OpenGate();
        await End();
    }

    private async Task HoldLost()
    {
        await Place("tok_ok", 2);
        await Task.WhenAny(life.GateReached, life.Stopped, Ended());
        await Call(
            "take the hold away",
            () => cluster.Product(Cup).Release(new(PublicId.Derive("reservation", life.OrderId, Cup, "1"))),
            outcome => outcome.Status is ReservationOutcomeStatus.Done ? "Done" : "too late");
        life.OpenGate();
        await End();
    }

    private async Task ParkedAndRetried()
    {
        await Place("tok_ok", 2);
        await Call("parked", WaitForEnd, order => $"{order.Status == OrderStatus.NeedsAttention || order.Ended}");
        life.Failing = null;
        await Call("retry", () => Order.Resolve(OperatorVerb.Retry),
            outcome => outcome.Status is OrderVerbStatus.NotParked ? "Accepted" : $"{outcome.Status}");
        await End();
    }

    private async Task Stock()
    {
        var product = cluster.Product(Tea);
        var far = TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1);
        await Call("adjust", () => product.Adjust(new(Operation("adjust"), 5, "received", "note")), outcome => $"{outcome.Status} {outcome.OnHand}");
        foreach (var which in (string[])["first", "second", "third"])
        {
            await Call($"reserve {which}", () => product.Reserve(new(Operation(which), 2, TimeSpan.FromMinutes(30), far)), outcome => $"{outcome.Status} {outcome.Reservation!.Quantity}");
        }

        await Call("commit first", () => product.Commit(new(Operation("first").Id)), outcome => $"{outcome.Status is not ReservationOutcomeStatus.NotFound}");
        await Call("release second", () => product.Release(new(Operation("second").Id)), outcome => $"{outcome.Status}");
        await Call("undo first", () => product.Undo(new(Operation("first").Id)), outcome => $"{outcome.Status}");
        await Call("commit third", () => product.Commit(new(Operation("third").Id)), outcome => $"{outcome.Status}");
        await Call("release never reserved", () => product.Release(new(Operation("never").Id, LeaveTombstone: true)), outcome => $"{outcome.Status}");
        await Call("set", () => product.SetOnHand(new(Operation("set"), 40, null)), outcome => $"{outcome.Status}");
        await Call("price", () => product.PutDetails(new(Operation("price"), "Something else", new(Price + 1, "GBP"), null, false)), outcome => $"{outcome.Status}");
    }

    private async Task Counter()
    {
        var counter = cluster.Grains.GetGrain<ICounter>(life.Name);
        for (var i = 1; i <= 5; i++)
        {
            var operation = Operation($"increment {i}");
            await Call($"increment {i}", () => counter.Increment(new(operation, 7)), outcome => $"{outcome.Status} {outcome.Value}");
        }
    }

    /// <summary>
    /// A warehouse tells late, twice and out of order; somebody corrects yesterday, and puts a price that begins and ends.
    /// </summary>
    private async Task SourcesAndPrices()
    {
        var product = cluster.Product(Tea);
        var now = TimeProvider.System.GetUtcNow();
        await Tell("second", 2, 3, null);
        await Tell("third, a count", 3, 0, 20);
        await Tell("first, too late", 1, 5, null);
        await Tell("second once more", 2, 3, null);
        await Call(
            "correct",
            () => product.Adjust(new(Operation("correct"), -1, "found", null) { EffectiveAt = now.AddDays(-1) }),
            outcome => $"{outcome.Status} {outcome.OnHand}");
        await Call(
            "prices",
            () => product.PutPrices(new(Operation("prices"), [new(new(Price - 1, "GBP"), null, now.AddDays(1))], null, false)),
            outcome => $"{outcome.Status}");

        Task Tell(string what, long sequence, long delta, long? count) => Call(
            what,
            () => product.Adjust(new(Operation(what), delta, "feed", null) { Number = new("warehouse-1", sequence), Count = count }),
            outcome => $"{outcome.Status} {outcome.OnHand} {outcome.Version}");
    }

    private async Task ShardedCounter()
    {
        const int Shards = 4;
        var name = $"{life.Name}-sharded";
        var counter = cluster.Grains.GetGrain<ICounter>(name);
        await Call("shard", () => counter.Shard(new(Operation("shard"), Shards)), outcome => $"{outcome.Shards}");
        for (var i = 1; i <= 5; i++)
        {
            var operation = Operation($"increment {i}");
            var shard = cluster.Grains.GetGrain<ICounterShard>(CounterShards.KeyOf(name, CounterShards.Of(operation.Id, Shards)));
            await Call($"increment {i}", () => shard.Increment(new(operation, 7)), outcome => $"{outcome.Status} {outcome.Value}");
        }
    }

    /// <summary>Two terms of a lease, and what is counted under each; what comes under the first after the second counts nothing.</summary>
    private async Task Lease()
    {
        var (lease, counter) = (cluster.Grains.GetGrain<ILease>(life.Name), cluster.Grains.GetGrain<ICounter>($"{life.Name}-fenced"));
        var ttl = TimeSpan.FromHours(1);
        await Call("acquire", () => lease.Acquire(new(Operation("acquire"), "a", ttl)), Told);
        await Count("first", 1);
        await Call("renew", () => lease.Renew(new(Operation("renew"), 1, ttl)), Told);
        await Call("release", () => lease.Release(new(Operation("release"), 1)), Told);
        await Call("acquire again", () => lease.Acquire(new(Operation("acquire again"), "b", ttl)), Told);
        await Count("second", 2);
        await Count("too late", 1);

        static string Told(LeaseOutcome outcome) => $"{outcome.Status} {outcome.Lease.Number}";

        Task Count(string what, long term) => Call(
            $"count {what}",
            async () =>
            {
                try
                {
                    return (await counter.Increment(new(Operation(what) with { Fence = new(life.Name, term) }, 7))).Value;
                }
                catch (FencedException)
                {
                    return -1;
                }
            },
            static value => $"{value}");
    }

    private async Task Profile()
    {
        var profile = cluster.Grains.GetGrain<IUserProfile>(life.Name);
        await Call("put", () => profile.Put(new(Operation("put"), """{"displayName":"Ada"}""")), Told);
        await Call("patch", () => profile.Patch(new(Operation("patch"), """{"locale":"en"}""")), Told);
        await Call("erase", () => profile.Erase(new(Operation("erase"))), outcome => $"{outcome.Status}");

        // Once erased, a repeat is told that there is nothing: the first answer's words are erased too.
        string Told(ProfileOutcome outcome) => life.Acknowledged.ContainsKey("erase") || outcome.Status == ProfileStatus.Erased ? "erased" : $"{outcome.Status}";
    }

    private Task Place(string token, long cups) => Call(
        "place",
        () => Order.Place(new(new(life.OrderOperation, 1), "customer", [new(Tea, 1), new(Cup, cups)], token)),
        outcome => $"{outcome.Status}");

    private Task End() => Call("end", WaitForEnd, order => $"{order.Status} {order.Reason} {order.Payment}");

    private async ValueTask<Order> WaitForEnd()
    {
        while (true)
        {
            var order = await Order.WaitForEnd(TimeSpan.FromSeconds(10));
            if (order is { Ended: true } or { Status: OrderStatus.NeedsAttention }) return order;
        }
    }

    private async Task Ended()
    {
        try
        {
            await WaitForEnd();
        }
        catch (RetryableException)
        {
            // The activation ended; the caller looks again.
        }
    }

    private Operation Operation(string what) => new(PublicId.Derive("crash", life.Name, what), 1);

    /// <summary>Repeats the call until it is answered or the world has stopped. What was told once must be told again.</summary>
    private async Task Call<T>(string what, Func<ValueTask<T>> call, Func<T, string> told)
    {
        var answer = told(await Repeat(call));
        if (life.Acknowledged.TryGetValue(what, out var before))
        {
            Assert.True(Same(before, answer), $"{life.Name} ({life.StopAt}): '{what}' was answered {before}, and after the crash {answer}.");
        }

        life.Acknowledged[what] = answer;
    }

    private static bool Same(string before, string after) => before == after || (before != "erased" && after == "erased");

    private async Task<T> Repeat<T>(Func<ValueTask<T>> call)
    {
        while (true)
        {
            try
            {
                var answer = call().AsTask();
                await Task.WhenAny(answer, life.Stopped);
                if (!answer.IsCompletedSuccessfully && life.HasStopped)
                {
                    _ = answer.Exception;
                    throw new WorldStoppedException();
                }

                return await answer;
            }
            catch (RetryableException)
            {
                if (life.HasStopped) throw new WorldStoppedException();
                await Task.Yield();
            }
        }
    }
}
