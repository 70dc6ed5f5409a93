namespace Holdfast.Contracts.Counters;

/// <summary>The owner of one exact 64-bit counter. Key: its name. A counter that was never incremented reads 0.</summary>
[Alias("holdfast.ICounter")]
public interface ICounter : IGrainWithStringKey
{
    [Alias("Increment")]
    ValueTask<IncrementOutcome> Increment(IncrementCounter command);

    [Alias("Read")]
    ValueTask<long> Read(ReadConsistency consistency = ReadConsistency.Default);
}

/// <param name="Delta">May be negative; not zero.</param>
[GenerateSerializer, Immutable, Alias("holdfast.IncrementCounter")]
public sealed record IncrementCounter([property: Id(0)] Operation Operation, [property: Id(1)] long Delta);

public enum IncrementStatus
{
    Incremented = 0,

    /// <summary>The value would leave the range of a 64-bit integer.</summary>
    Overflow = 1,
    KeyReused = 2,
}

/// <param name="Value">The counter's value right after this increment.</param>
[GenerateSerializer, Immutable, Alias("holdfast.IncrementOutcome")]
public sealed record IncrementOutcome(
    [property: Id(0)] IncrementStatus Status, [property: Id(1)] long Value = 0, [property: Id(2)] bool Replayed = false);
