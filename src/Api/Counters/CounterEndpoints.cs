using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Contracts.Counters;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Counters;

/// <param name="Delta">May be negative; not zero.</param>
public sealed record IncrementRequest([property: Range(-Limits.WholeNumber, Limits.WholeNumber)] long Delta)
{
    internal void Check()
    {
        var checks = new Checks();
        checks.Require(Delta != 0, "/delta", ErrorCodes.OutOfRange, "must not be 0");
        checks.Refuse();
    }
}

/// <param name="Value">After an increment: the value right after it.</param>
public sealed record CounterResponse(string Name, long Value);

public sealed class CounterEndpoints : IResource
{
    public IJsonTypeInfoResolver Json => CounterJson.Default;

    public void Map(IEndpointRouteBuilder door)
    {
        var counters = door.MapGroup("/v1/counters/{name}").WithTag(
            "Counters", "Numbers that many add to at the same time, each addition once.");
        counters.MapPost("/increments", Increment).WithName("IncrementCounter").Needs(Scopes.Operate)
            .WithSummary("Add to a counter, exactly once")
            .WithDescription("The counter need not be made before. The answer is its value right after this increment, also to a repeat.")
            .Takes(HeaderParameter.IdempotencyKey)
            .Refuses(CounterProblems.Overflow, ProblemKind.OutOfBounds);
        counters.MapGet("", Get).WithName("GetCounter").Needs(Scopes.Operate)
            .WithSummary("Read a counter; one that was never incremented is 0")
            .WithDescription("The sum of all increments that were answered, and perhaps of some that are about to be.")
            .Takes(HeaderParameter.CacheControl)
            .Refuses();
    }

    internal static async Task<Results<Ok<CounterResponse>, Problem>> Increment(
        string name, IncrementRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        Checks.Path(name, "name");
        body.Check();
        var operation = IdempotencyKey.Operation(context, CounterPaths.Increments(name), new Fingerprint().Add(body.Delta).Value);
        var outcome = await calls.Send(
            grains.GetGrain<ICounter>(name),
            operation.Id,
            new IncrementCounter(operation, body.Delta),
            static (grain, command) => grain.Increment(command),
            context.RequestAborted);

        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        return Answer(outcome, name);
    }

    internal static Results<Ok<CounterResponse>, Problem> Answer(IncrementOutcome outcome, string name) => outcome.Status switch
    {
        IncrementStatus.Incremented => TypedResults.Ok(new CounterResponse(name, outcome.Value)),
        IncrementStatus.Overflow => CounterProblems.Overflow.With(
            $"A counter is within {-Limits.WholeNumber} and {Limits.WholeNumber}; use a smaller delta, or another counter."),
        IncrementStatus.KeyReused => IdempotencyKey.Reused,
        _ => throw new UnreachableException(outcome.ToString()),
    };

    internal static async Task<Ok<CounterResponse>> Get(string name, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        Checks.Path(name, "name");
        var value = await calls.Send(
            grains.GetGrain<ICounter>(name), Consistency.Of(context), static (grain, consistency) => grain.Read(consistency), context.RequestAborted);
        return TypedResults.Ok(new CounterResponse(name, value));
    }
}
