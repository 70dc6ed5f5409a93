using System.Collections.Concurrent;
using System.Text.Json;
using Holdfast.Contracts;
using Holdfast.Contracts.Counters;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Profiles;
using Holdfast.Rings.Delivery;
using Orleans.Core.Internal;

namespace Holdfast.Rings.Linearizability;

/// <summary>Clients of one history: each asks one thing at a time, of a few keys, and repeats what is not answered.</summary>
internal abstract class LiveClients(string name, RestartableSilo silo, HistoryRecorder recorder, ulong seed)
{
    private const int OperationsPerClient = 20;

    /// <summary>Attempts of a client that gives up soon, and of one that does not.</summary>
    private const int Impatient = 1;
    private const int Patient = 50;

    /// <summary>The checker's model.</summary>
    public abstract string Model { get; }

    protected string KeyOf(int number) => $"{name}-{number}";

    protected RestartableSilo Silo => silo;

    public async Task Run()
    {
        var random = Seeds.Random(seed);
        var keys = Enumerable.Range(0, random.Next(1, 4)).Select(KeyOf).ToArray();
        foreach (var key in keys) await Create(key);
        await Task.WhenAll(Enumerable.Range(0, random.Next(4, 9)).Select(client => RunClient($"c{client}", keys, Seeds.Of(seed, client))));
    }

    /// <summary>Makes what has to be there before the history begins.</summary>
    protected virtual Task Create(string key) => Task.CompletedTask;

    /// <summary>Asks one thing of the key.</summary>
    protected abstract Task Ask(Random random, string client, string key);

    /// <summary>Ends the key's activation as soon as it is idle, so that the next call makes a new one.</summary>
    protected abstract ValueTask Deactivate(IGrainFactory grains, string key);

    protected Task Record<T>(
        string client, string key, Random random, string name, object input, Func<IGrainFactory, ValueTask<T>> call, Func<T, int, object> output) =>
        recorder.Record(client, key, name, input, () => silo.Call(call), output, random.Next(4) == 0 ? Impatient : Patient);

    protected static ValueTask DeactivateOnIdle(IAddressable grain) => grain.AsReference<IGrainManagementExtension>().DeactivateOnIdle();

    private async Task RunClient(string client, string[] keys, ulong clientSeed)
    {
        var random = Seeds.Random(clientSeed);
        for (var i = 0; i < OperationsPerClient; i++)
        {
            var key = keys[random.Next(keys.Length)];
            if (random.Next(60) == 0) await TryDeactivate(key);
            await Ask(random, client, key);
        }
    }

    private async Task TryDeactivate(string key)
    {
        try
        {
            await silo.Call(async grains =>
            {
                await Deactivate(grains, key);
                return true;
            });
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException or InterruptedCallException or RetryableException)
        {
            // It has ended without being asked to.
        }
    }
}

internal sealed class CounterClients(string name, RestartableSilo silo, HistoryRecorder recorder, ulong seed)
    : LiveClients(name, silo, recorder, seed)
{
    public override string Model => "counter";

    protected override Task Ask(Random random, string client, string key)
    {
        if (random.Next(4) == 0)
        {
            return Record(
                client, key, random, "read", new { },
                grains => grains.GetGrain<ICounter>(key).Read(),
                (read, _) => new { value = read.Value });
        }

        var delta = random.Next(1, 100);
        var command = new IncrementCounter(new(Guid.NewGuid(), 1), delta);
        return Record(
            client, key, random, "increment", new { delta },
            grains => grains.GetGrain<ICounter>(key).Increment(command),
            (outcome, _) => outcome.Status == IncrementStatus.Incremented ? new { value = outcome.Value } : throw Unexpected(outcome));
    }

    protected override ValueTask Deactivate(IGrainFactory grains, string key) => DeactivateOnIdle(grains.GetGrain<ICounter>(key));

    private static InvalidOperationException Unexpected(IncrementOutcome outcome) => new($"{outcome}");
}

internal sealed class StockClients(string name, RestartableSilo silo, HistoryRecorder recorder, ulong seed)
    : LiveClients(name, silo, recorder, seed)
{
    private readonly Dictionary<string, List<Guid>> _asked = [];

    public override string Model => "stock";

    protected override async Task Create(string key)
    {
        _asked[key] = [];
        var put = new PutProduct(new(Guid.NewGuid(), 1), "Recorded", new(250, "GBP"), null, false);
        while (true)
        {
            try
            {
                await Silo.Call(grains => grains.GetGrain<IProductInventory>(key).PutDetails(put));
                return;
            }
            catch (Exception exception) when (exception is RetryableException or InterruptedCallException or OrleansException)
            {
                // Not part of the history: it goes on until the product is there.
            }
        }
    }

    protected override Task Ask(Random random, string client, string key) => random.Next(20) switch
    {
        < 3 => Read(random, client, key),
        < 6 => Adjust(random, client, key),
        < 13 => Reserve(random, client, key),
        < 18 => Close(random, client, key, commit: true),
        _ => Close(random, client, key, commit: false),
    };

    protected override ValueTask Deactivate(IGrainFactory grains, string key) => DeactivateOnIdle(grains.GetGrain<IProductInventory>(key));

    private Task Read(Random random, string client, string key) => Record(
        client, key, random, "read", new { },
        grains => grains.GetGrain<IProductInventory>(key).ReadStock(),
        (stock, _) => new { onHand = stock!.OnHand, reserved = stock.Reserved, available = stock.Available });

    private Task Adjust(Random random, string client, string key)
    {
        long delta = random.Next(4) == 0 ? -random.Next(1, 4) : random.Next(1, 12);
        var command = new AdjustStock(new(Guid.NewGuid(), 1), delta, "counted", null);
        return Record(
            client, key, random, "adjust", new { delta },
            grains => grains.GetGrain<IProductInventory>(key).Adjust(command),
            (outcome, _) => outcome.Status switch
            {
                AdjustStatus.Adjusted => (object)new { status = "adjusted", onHand = outcome.OnHand },
                AdjustStatus.BelowReserved => new { status = "refused", onHand = outcome.OnHand, reserved = outcome.Reserved },
                _ => throw new InvalidOperationException($"{outcome}"),
            });
    }

    private Task Reserve(Random random, string client, string key)
    {
        var id = Guid.NewGuid();
        lock (_asked) _asked[key].Add(id);
        long quantity = random.Next(1, 5);
        var deadline = TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1);
        var command = new ReserveStock(new(id, 1), quantity, Limits.ReservationTtl, deadline);
        return Record(
            client, key, random, "reserve", new { id = $"{id:N}", quantity },
            grains => grains.GetGrain<IProductInventory>(key).Reserve(command),
            (outcome, _) => outcome.Status switch
            {
                ReserveStatus.Reserved => (object)new { status = "reserved" },
                ReserveStatus.InsufficientStock => new { status = "insufficient", available = outcome.Available },
                ReserveStatus.Released => new { status = "released" },
                _ => throw new InvalidOperationException($"{outcome}"),
            });
    }

    /// <summary>Commits or releases something that was asked for lately, by whomever, answered or not.</summary>
    private Task Close(Random random, string client, string key, bool commit)
    {
        Guid id;
        lock (_asked)
        {
            var asked = _asked[key];
            if (asked.Count == 0) return Task.CompletedTask;
            id = asked[random.Next(Math.Max(0, asked.Count - 8), asked.Count)];
        }

        var tombstone = !commit && random.Next(2) == 0;
        var command = new ReservationCommand(id, LeaveTombstone: tombstone);
        return Record(
            client, key, random, commit ? "commit" : "release", commit ? new { id = $"{id:N}" } : new { id = $"{id:N}", tombstone },
            grains => commit
                ? grains.GetGrain<IProductInventory>(key).Commit(command)
                : grains.GetGrain<IProductInventory>(key).Release(command),
            (outcome, _) => new
            {
                status = outcome.Status switch
                {
                    ReservationOutcomeStatus.Done => "done",
                    ReservationOutcomeStatus.NotFound => "not_found",
                    ReservationOutcomeStatus.AlreadyCommitted => "already_committed",
                    ReservationOutcomeStatus.AlreadyReleased => "already_released",
                    _ => throw new InvalidOperationException($"{outcome}"),
                },
            });
    }
}

internal sealed class ProfileClients(string name, RestartableSilo silo, HistoryRecorder recorder, ulong seed)
    : LiveClients(name, silo, recorder, seed)
{
    private static readonly string[] Fields = ["city", "mail", "name"];

    // Of each key, a version that some client has read: the model knows versions of profiles only, the grain refuses any for none.
    private readonly ConcurrentDictionary<string, long> _heard = new();

    private int _written;

    public override string Model => "profile";

    protected override Task Ask(Random random, string client, string key) => random.Next(20) switch
    {
        < 7 => Read(random, client, key),
        < 15 => Edit(random, client, key, patch: true),
        < 19 => Edit(random, client, key, patch: false),
        _ => Erase(random, client, key),
    };

    protected override ValueTask Deactivate(IGrainFactory grains, string key) => DeactivateOnIdle(grains.GetGrain<IUserProfile>(key));

    private Task Read(Random random, string client, string key) => Record(
        client, key, random, "read", new { },
        grains => grains.GetGrain<IUserProfile>(key).Read(),
        (profile, _) =>
        {
            if (profile is null) return (object)new { value = (object?)null };
            _heard[key] = profile.Version;
            return new { value = JsonSerializer.Deserialize<JsonElement>(profile.Json), version = profile.Version };
        });

    private Task Edit(Random random, string client, string key, bool patch)
    {
        // Every edit writes a text of its own: whoever reads it knows which edit it was.
        var value = new Dictionary<string, string> { [Fields[random.Next(Fields.Length)]] = $"v{Interlocked.Increment(ref _written)}" };
        long? ifVersion = random.Next(3) == 0 && _heard.TryGetValue(key, out var heard) ? heard : null;
        var command = new EditProfile(new(Guid.NewGuid(), 1), JsonSerializer.Serialize(value), ifVersion);
        var input = new Dictionary<string, object> { [patch ? "patch" : "value"] = value };
        if (ifVersion is { } version) input["ifVersion"] = version;
        return Record(
            client, key, random, patch ? "patch" : "put", input,
            grains => patch ? grains.GetGrain<IUserProfile>(key).Patch(command) : grains.GetGrain<IUserProfile>(key).Put(command),
            Edited);
    }

    private Task Erase(Random random, string client, string key)
    {
        var command = new EraseProfile(new(Guid.NewGuid(), 1));
        return Record(
            client, key, random, "erase", new { },
            grains => grains.GetGrain<IUserProfile>(key).Erase(command),
            (outcome, _) => new
            {
                status = outcome.Status switch
                {
                    ProfileStatus.Erased => "erased",
                    ProfileStatus.NotFound => "not_found",
                    _ => throw new InvalidOperationException($"{outcome}"),
                },
            });
    }

    private static object Edited(ProfileOutcome outcome, int failedBefore) => outcome.Status switch
    {
        // A repeat is told the profile as it is now, which others may have changed or erased since: it says only that it was done.
        ProfileStatus.Changed or ProfileStatus.Created or ProfileStatus.Erased when failedBefore > 0 => new { status = "changed" },
        ProfileStatus.Changed or ProfileStatus.Created => new { status = "changed", version = outcome.Profile!.Version },
        ProfileStatus.VersionMismatch => new { status = "mismatch" },
        _ => throw new InvalidOperationException($"{outcome}"),
    };
}
