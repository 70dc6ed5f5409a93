using Holdfast.Bench.Measuring;

namespace Holdfast.Lab.Races.Counter;

/// <summary>Counts.</summary>
internal interface ICounters : IStrategy
{
    /// <summary>At zero.</summary>
    Task Start(string counter);

    /// <summary>One more.</summary>
    ValueTask<Answer> Increment(string counter, Client client);

    /// <summary>The truth: the value as it is stored.</summary>
    Task<long> Value(string counter);
}
