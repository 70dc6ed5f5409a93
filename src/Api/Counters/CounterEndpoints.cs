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

public sealed class CounterEndpoints : IResource
{
    private readonly KnownShards _shards = new();

    public IJsonTypeInfoResolver Json => CounterJson.Default;

    public void Map(IEndpointRouteBuilder door)
    {
        var counters = door.MapGroup("/v1/counters/{name}").WithTag(
            "Counters", "Numbers that many add to at the same time, each addition once.");
        counters.MapPut("", Put).WithName("PutCounter").Needs(Scopes.Operate)
            .WithSummary("Give a counter shards, before its first increment")
            .WithDescription("A counter has one owner, on one silo. One with shards has so many, on all silos: an increment goes to one of "
                + "them, and a read sums them up. It only grows, an increment does not tell the value, and the number of shards is for "
                + "ever. Most counters need none.")
            .Takes(HeaderParameter.OptionalIdempotencyKey, HeaderParameter.Fence)
            .Refuses(CounterProblems.Started, CounterProblems.ShardsFixed, ProblemKind.OutOfBounds);
        counters.MapPost("/increments", Increment).WithName("IncrementCounter").Needs(Scopes.Operate)
            .WithSummary("Add to a counter, exactly once")
            .WithDescription("The counter need not be made before. The answer is its value right after this increment, also to a repeat; "
                + "for one with shards it says no value.")
            .Takes(HeaderParameter.IdempotencyKey, HeaderParameter.Fence)
            .Refuses(CounterProblems.Overflow, CounterProblems.OnlyGrows, CounterProblems.NotFenced, ProblemKind.OutOfBounds);
        counters.MapGet("", Get).WithName("GetCounter").Needs(Scopes.Operate)
            .WithSummary("Read a counter; one that was never incremented is 0")
            .WithDescription("The sum of all increments that were answered, and perhaps of some that are about to be. One with shards is "
                + "added up shard by shard while others increment it: the sum can be one that it never had.")
            .Takes(HeaderParameter.CacheControl)
            .Refuses();
    }

    private async Task<Results<Created<CounterResponse>, Ok<CounterResponse>, Problem>> Put(
        string name, CounterRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls, TimeProvider clock)
    {
        Checks.Path(name, "name");
        body.Check();
        var path = CounterPaths.Counter(name);
        var operation = IdempotencyKey.OptionalOperation(context, path, new Fingerprint().Add(body.Shards).Value, clock);
        var outcome = await calls.Send(
            grains.GetGrain<ICounter>(name),
            operation.Id,
            new ShardCounter(operation, (int)body.Shards),
            static (grain, command) => grain.Shard(command),
            context.RequestAborted);

        if (outcome.Shards > 0) _shards.Remember(name, outcome.Shards, clock);
        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        return AnswerSharded(outcome, name);
    }

    private async Task<Results<Ok<CounterResponse>, Problem>> Increment(
        string name, IncrementRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls, TimeProvider clock)
    {
        Checks.Path(name, "name");
        body.Check();
        var operation = IdempotencyKey.Operation(context, CounterPaths.Increments(name), new Fingerprint().Add(body.Delta).Value);
        var outcome = await Send(name, new(operation, body.Delta), grains, calls, clock, context.RequestAborted);
        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        return AnswerAdded(outcome, name);
    }

    /// <summary>To the counter, or to the shard that it is for.</summary>
    private async Task<IncrementOutcome> Send(
        string name,
        IncrementCounter command,
        IGrainFactory grains,
        GrainCalls calls,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var id = command.Operation.Id;
        var shards = _shards.Of(name, clock);
        if (shards == 0)
        {
            var outcome = await calls.Send(
                grains.GetGrain<ICounter>(name), id, command, static (grain, command) => grain.Increment(command), cancellationToken);
            if (outcome.Status != IncrementStatus.Sharded) return outcome;
            shards = outcome.Shards;
            _shards.Remember(name, shards, clock);
        }

        // Shards do not know each other: what one has seen would hold at none of the others.
        if (command.Operation.Fence is not null) return new(IncrementStatus.Sharded) { Shards = shards };
        var shard = grains.GetGrain<ICounterShard>(CounterShards.KeyOf(name, CounterShards.Of(id, shards)));
        var added = await calls.Send(shard, id, command, static (grain, command) => grain.Increment(command), cancellationToken);
        return added with { Shards = shards };
    }

    internal static Results<Created<CounterResponse>, Ok<CounterResponse>, Problem> AnswerSharded(
        ShardCounterOutcome outcome, string name) => outcome.Status switch
        {
            ShardCounterStatus.Sharded =>
                TypedResults.Created(CounterPaths.Counter(PathSegment.Escape(name)), new CounterResponse(name, null, outcome.Shards)),
            ShardCounterStatus.Unchanged => TypedResults.Ok(new CounterResponse(name, null, outcome.Shards)),
            ShardCounterStatus.Fixed => CounterProblems.ShardsFixed.With(
                $"It has {outcome.Shards}, for ever: use it as it is, or another counter.").And(CounterProblems.Shards, outcome.Shards),
            ShardCounterStatus.Started => CounterProblems.Started.With(
                "A counter gets its shards before its first increment: use it as it is, or another counter."),
            ShardCounterStatus.KeyReused => IdempotencyKey.Reused,
            _ => throw new UnreachableException(outcome.ToString()),
        };

    internal static Results<Ok<CounterResponse>, Problem> AnswerAdded(IncrementOutcome outcome, string name) => outcome.Status switch
    {
        IncrementStatus.Incremented when outcome.Shards > 0 => TypedResults.Ok(new CounterResponse(name, null, outcome.Shards)),
        IncrementStatus.Incremented => TypedResults.Ok(new CounterResponse(name, outcome.Value)),
        IncrementStatus.Overflow when outcome.Shards > 0 => CounterProblems.Overflow.With(
            $"A shard holds up to {Limits.CounterShard}, and another key may go to another one; use a smaller delta, or another counter."),
        IncrementStatus.Overflow => CounterProblems.Overflow.With(
            $"A counter is within {-Limits.WholeNumber} and {Limits.WholeNumber}; use a smaller delta, or another counter."),
        IncrementStatus.Sharded => CounterProblems.NotFenced.With(
            "No shard knows what the others have seen of a lease. Send the increment without a fence, or to a counter without shards."),
        IncrementStatus.OnlyGrows => CounterProblems.OnlyGrows.With("Count what goes in another counter, and subtract when you read."),
        IncrementStatus.KeyReused => IdempotencyKey.Reused,
        _ => throw new UnreachableException(outcome.ToString()),
    };

    private async Task<Ok<CounterResponse>> Get(
        string name, HttpContext context, IGrainFactory grains, GrainCalls calls, TimeProvider clock)
    {
        Checks.Path(name, "name");
        var consistency = Consistency.Of(context);
        var shards = _shards.Of(name, clock);
        if (shards == 0)
        {
            var reading = await calls.Send(
                grains.GetGrain<ICounter>(name),
                consistency,
                static (grain, consistency) => grain.Read(consistency),
                context.RequestAborted);
            if (reading.Shards == 0) return TypedResults.Ok(new CounterResponse(name, reading.Value));
            shards = reading.Shards;
            _shards.Remember(name, shards, clock);
        }

        // Each shard only grows, and is asked after whoever read before was answered: of two reads that are current, one behind the other,
        // the later one is never lower, whichever front door it asks. They are asked side by side: it is no moment's value.
        var values = await Task.WhenAll(Enumerable.Range(0, shards).Select(shard => calls.Send(
            grains.GetGrain<ICounterShard>(CounterShards.KeyOf(name, shard)),
            consistency,
            static (grain, consistency) => grain.Read(consistency),
            context.RequestAborted).AsTask()));
        return TypedResults.Ok(new CounterResponse(name, values.Sum(), shards));
    }
}
