using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;

namespace Holdfast.Api.Counters;

/// <param name="Shards">Parts that are incremented apart from each other, and read as one sum.</param>
public sealed record CounterRequest([property: Range(CounterRequest.FewestShards, Limits.CounterShards)] long Shards)
{
    /// <summary>One part is a counter as it is.</summary>
    internal const int FewestShards = 2;

    internal void Check()
    {
        var checks = new Checks();
        checks.Range(Shards, FewestShards, Limits.CounterShards, "/shards");
        checks.Refuse();
    }
}

/// <param name="Delta">Not zero. May be negative, but not for a counter with shards.</param>
public sealed record IncrementRequest([property: Range(-Limits.WholeNumber, Limits.WholeNumber)] long Delta)
{
    internal void Check()
    {
        var checks = new Checks();
        checks.Require(Delta != 0, "/delta", ErrorCodes.OutOfRange, "must not be 0");
        checks.Refuse();
    }
}

/// <param name="Value">
/// After an increment: the value right after it. Absent there for a counter with shards, since no shard knows the others.
/// </param>
/// <param name="Shards">Absent for a counter without shards.</param>
public sealed record CounterResponse(
    string Name,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Value,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Shards = null);
