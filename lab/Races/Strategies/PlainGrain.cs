using System.Text.Json;
using Holdfast.Bench.Measuring;
using Holdfast.Bench.Plain;
using Holdfast.Lab.Races.Counter;
using Holdfast.Lab.Races.Events;
using Holdfast.Lab.Races.LastItems;
using Holdfast.Lab.Races.Profile;

namespace Holdfast.Lab.Races.Strategies;

/// <summary>One grain owns one thing, decides in memory, and writes its state before it answers. Its calls run one at a time.</summary>
internal sealed class PlainGrain(IGrainFactory grains) : ILastItems, IProfiles, ICounters, IEventConsumer
{
    public About About { get; } = new(
        "Plain Orleans grain",
        Loses: false,
        "A grain with IPersistentState: check and change in memory, WriteStateAsync (an UPDATE with an ETag in PostgreSQL), answer. After a "
        + "failed write the activation ends, so that memory never stays ahead of storage.",
        "Entities with rules of their own and moderate traffic. The code is what one would write for a single user.",
        "A hot entity: calls stand in line, each for a whole write to the database. And state that grows, because every call writes "
        + "all of it. [Reentrant] would bring the race back into the grain.",
        "One durable write a call, and one call at a time for each grain: the rate of one grain is one over the time of a write.",
        "It recognises no repeated call: after a timeout its caller does not know. It relies on the ETag for the moments in which a "
        + "cluster has two activations of one grain; with one silo here, there never are any.");

    public Task Create(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task Stock(string sku, long units) => Item(sku).Stock(units);

    public async ValueTask<Answer> Buy(string sku, Client buyer) => await Item(sku).Buy() ? Answer.Done : Answer.Refused;

    public Task<long> Left(string sku) => Item(sku).Left();

    public Task Put(string user, string json) => Profile(user).Put(json);

    public async ValueTask<Answer> Edit(string user, FieldEdit edit, Client editor)
    {
        await Profile(user).Set(edit.Field, edit.Value);
        return Answer.Done;
    }

    public Task<string> Read(string user) => Profile(user).Read();

    public Task Start(string counter) => Task.CompletedTask;

    public async ValueTask<Answer> Increment(string counter, Client client)
    {
        await grains.GetGrain<IPlainCounter>(counter).Increment();
        return Answer.Done;
    }

    public Task<long> Value(string counter) => grains.GetGrain<IPlainCounter>(counter).Value();

    public Task Open(string entity) => Task.CompletedTask;

    public async ValueTask<Answer> Apply(EntityEvent @event, Client consumer)
    {
        await grains.GetGrain<IPlainEntity>(@event.Entity).Apply(@event.Sequence, @event.Amount, @event.Value);
        return Answer.Done;
    }

    async Task<EntityState> IEventConsumer.Read(string entity)
    {
        var grain = grains.GetGrain<IPlainEntity>(entity);
        return new(await grain.Total(), await grain.Latest());
    }

    private IPlainItem Item(string sku) => grains.GetGrain<IPlainItem>(sku);

    private IPlainProfile Profile(string user) => grains.GetGrain<IPlainProfile>(user);
}

[Alias("bench.races.IPlainItem")]
internal interface IPlainItem : IGrainWithStringKey
{
    [Alias("Stock")]
    Task Stock(long units);

    [Alias("Buy")]
    Task<bool> Buy();

    [Alias("Left")]
    Task<long> Left();
}

[Alias("bench.races.IPlainProfile")]
internal interface IPlainProfile : IGrainWithStringKey
{
    [Alias("Put")]
    Task Put(string json);

    [Alias("Set")]
    Task Set(string field, string value);

    [Alias("Read")]
    Task<string> Read();
}

[Alias("bench.races.IPlainCounter")]
internal interface IPlainCounter : IGrainWithStringKey
{
    [Alias("Increment")]
    Task Increment();

    [Alias("Value")]
    Task<long> Value();
}

[Alias("bench.races.IPlainEntity")]
internal interface IPlainEntity : IGrainWithStringKey
{
    [Alias("Apply")]
    Task Apply(long sequence, long amount, string value);

    [Alias("Total")]
    Task<long> Total();

    [Alias("Latest")]
    Task<string> Latest();
}

[GenerateSerializer, Alias("bench.races.PlainNumber")]
internal sealed class PlainNumber
{
    [Id(0)]
    public long Value { get; set; }
}

[GenerateSerializer, Alias("bench.races.PlainFields")]
internal sealed class PlainFields
{
    [Id(0)]
    public Dictionary<string, string> Fields { get; set; } = [];
}

[GenerateSerializer, Alias("bench.races.PlainEntityState")]
internal sealed class PlainEntityState
{
    [Id(0)]
    public long Total { get; set; }

    [Id(1)]
    public string Latest { get; set; } = "";

    /// <summary>Every event up to this one is applied.</summary>
    [Id(2)]
    public long AppliedUpTo { get; set; }

    /// <summary>And these beyond it, which came early.</summary>
    [Id(3)]
    public SortedSet<long> AppliedBeyond { get; set; } = [];

    public bool Apply(long sequence, long amount, string value)
    {
        if (sequence <= AppliedUpTo || !AppliedBeyond.Add(sequence)) return false;
        Total += amount;
        if (sequence == AppliedBeyond.Max) Latest = value;
        while (AppliedBeyond.Remove(AppliedUpTo + 1)) AppliedUpTo++;
        return true;
    }
}

internal sealed class PlainItem([PersistentState("item", PlainStorage.Name)] IPersistentState<PlainNumber> units) : Grain, IPlainItem
{
    public Task Stock(long number)
    {
        units.State.Value = number;
        return this.Write(units);
    }

    public async Task<bool> Buy()
    {
        if (units.State.Value == 0) return false;
        units.State.Value--;
        await this.Write(units);
        return true;
    }

    public async Task<long> Left()
    {
        await units.ReadStateAsync();
        return units.State.Value;
    }
}

internal sealed class PlainProfile([PersistentState("profile", PlainStorage.Name)] IPersistentState<PlainFields> profile) : Grain, IPlainProfile
{
    public Task Put(string json)
    {
        profile.State.Fields = JsonSerializer.Deserialize<Dictionary<string, string>>(json)!;
        return this.Write(profile);
    }

    public Task Set(string field, string value)
    {
        profile.State.Fields[field] = value;
        return this.Write(profile);
    }

    public async Task<string> Read()
    {
        await profile.ReadStateAsync();
        return JsonSerializer.Serialize(profile.State.Fields);
    }
}

internal sealed class PlainCounter([PersistentState("counter", PlainStorage.Name)] IPersistentState<PlainNumber> counter) : Grain, IPlainCounter
{
    public Task Increment()
    {
        counter.State.Value++;
        return this.Write(counter);
    }

    public async Task<long> Value()
    {
        await counter.ReadStateAsync();
        return counter.State.Value;
    }
}

/// <summary>Remembers which sequence numbers it has applied: sums take events in any order, and the newest value wins.</summary>
internal sealed class PlainEntity([PersistentState("entity", PlainStorage.Name)] IPersistentState<PlainEntityState> entity) : Grain, IPlainEntity
{
    public Task Apply(long sequence, long amount, string value) =>
        entity.State.Apply(sequence, amount, value) ? this.Write(entity) : Task.CompletedTask;

    public async Task<long> Total()
    {
        await entity.ReadStateAsync();
        return entity.State.Total;
    }

    public Task<string> Latest() => Task.FromResult(entity.State.Latest);
}

internal static class PlainWriting
{
    /// <summary>Memory that storage does not have must not answer the next call.</summary>
    public static async Task Write<T>(this Grain grain, IPersistentState<T> state)
    {
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            // Not read again here: that may fail, too, and a new activation reads it anyway.
            grain.DeactivateOnIdle();
            throw;
        }
    }
}
