namespace Holdfast.Contracts.Counters;

/// <summary>
/// The owner of one exact counter. Key: its name. A counter that was never incremented reads 0. One that is sharded keeps no value itself:
/// its increments go to <see cref="ICounterShard"/>, and its value is their sum.
/// </summary>
[Alias("holdfast.ICounter")]
public interface ICounter : IGrainWithStringKey
{
    /// <summary>Changes nothing and says <see cref="IncrementStatus.Sharded"/> when the increment belongs to a shard.</summary>
    [Alias("Increment")]
    ValueTask<IncrementOutcome> Increment(IncrementCounter command);

    /// <summary>Says how many shards it has, for ever; only before its first increment.</summary>
    [Alias("Shard")]
    ValueTask<ShardCounterOutcome> Shard(ShardCounter command);

    /// <summary>As front doors of before there were shards ask; of a counter that has some it is not the sum.</summary>
    [Alias("Read")]
    ValueTask<long> ReadValue(ReadConsistency consistency = ReadConsistency.Default);

    [Alias("ReadCounter")]
    ValueTask<CounterReading> Read(ReadConsistency consistency = ReadConsistency.Default);
}

/// <summary>The owner of a part of one counter, which only grows. Key: see <see cref="CounterShards.KeyOf"/>.</summary>
[Alias("holdfast.ICounterShard")]
public interface ICounterShard : IGrainWithStringKey
{
    [Alias("Increment")]
    ValueTask<IncrementOutcome> Increment(IncrementCounter command);

    [Alias("Read")]
    ValueTask<long> Read(ReadConsistency consistency = ReadConsistency.Default);
}

/// <param name="Delta">May be negative, but not for a shard; not zero.</param>
[GenerateSerializer, Immutable, Alias("holdfast.IncrementCounter")]
public sealed record IncrementCounter([property: Id(0)] Operation Operation, [property: Id(1)] long Delta);

public enum IncrementStatus
{
    Incremented = 0,

    /// <summary>The value would leave the range of a counter, or of a shard.</summary>
    Overflow = 1,
    KeyReused = 2,

    /// <summary>The increment is for one of the counter's shards.</summary>
    Sharded = 3,

    /// <summary>A shard is not decremented.</summary>
    OnlyGrows = 4,
}

/// <param name="Value">The counter's, or the shard's, right after this increment.</param>
[GenerateSerializer, Immutable, Alias("holdfast.IncrementOutcome")]
public sealed record IncrementOutcome(
    [property: Id(0)] IncrementStatus Status, [property: Id(1)] long Value = 0, [property: Id(2)] bool Replayed = false)
{
    /// <summary>How many there are, with <see cref="IncrementStatus.Sharded"/>.</summary>
    [Id(3)]
    public int Shards { get; init; }
}

/// <param name="Shards">2 to <see cref="Limits.CounterShards"/>.</param>
[GenerateSerializer, Immutable, Alias("holdfast.ShardCounter")]
public sealed record ShardCounter([property: Id(0)] Operation Operation, [property: Id(1)] int Shards);

public enum ShardCounterStatus
{
    Sharded = 0,

    /// <summary>It has so many already.</summary>
    Unchanged = 1,

    /// <summary>It has another number of them.</summary>
    Fixed = 2,

    /// <summary>It was incremented before, and stays one.</summary>
    Started = 3,
    KeyReused = 4,
}

/// <param name="Shards">How many it has now; 0 for none.</param>
[GenerateSerializer, Immutable, Alias("holdfast.ShardCounterOutcome")]
public sealed record ShardCounterOutcome(
    [property: Id(0)] ShardCounterStatus Status, [property: Id(1)] int Shards = 0, [property: Id(2)] bool Replayed = false);

/// <param name="Value">0 for one with shards: they have it.</param>
/// <param name="Shards">0 for none.</param>
[GenerateSerializer, Immutable, Alias("holdfast.CounterReading")]
public sealed record CounterReading([property: Id(0)] long Value, [property: Id(1)] int Shards);
