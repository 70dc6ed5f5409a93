using System.Diagnostics;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.Fences;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Contracts.Leases;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Leases;

public sealed class LeaseEndpoints : IResource
{
    public IJsonTypeInfoResolver Json => LeaseJson.Default;

    public void Map(IEndpointRouteBuilder door)
    {
        var lease = door.MapGroup(LeasePaths.Route).WithTag(
            "Leases", "Who may do something for a while, one at a time; and a token by which the thing itself knows an old holder.");
        lease.MapPost("/acquire", Acquire).WithName("AcquireLease").Needs(Scopes.LeasesWrite)
            .WithSummary("Come to hold a lease that nobody holds")
            .WithDescription("The lease need not be made before. Send its token in Holdfast-Fence with what you do under it: a lease alone "
                + "stops nobody who was paused and does not know that the term is over. Who holds it already is refused, too: a process "
                + "may have two threads.")
            .Takes(HeaderParameter.IdempotencyKey)
            .Refuses(LeaseProblems.Held, ProblemKind.OutOfBounds);
        lease.MapPost("/renew", Renew).WithName("RenewLease").Needs(Scopes.LeasesWrite)
            .WithSummary("Hold a lease for longer")
            .WithDescription("The term, its number and its token stay. A term that is over is not renewed: acquire the lease.")
            .Takes(HeaderParameter.IdempotencyKey)
            .Refuses(LeaseProblems.Lost, FenceProblems.TokenInvalid, ProblemKind.OutOfBounds);
        lease.MapPost("/release", Release).WithName("ReleaseLease").Needs(Scopes.LeasesWrite)
            .WithSummary("Let others have a lease")
            .WithDescription("What was done under it stays done, and its token is of no use at a thing that the next holder has touched.")
            .Takes(HeaderParameter.IdempotencyKey)
            .Refuses(LeaseProblems.Lost, FenceProblems.TokenInvalid);
        lease.MapGet("", Get).WithName("GetLease").Needs(Scopes.LeasesRead)
            .WithSummary("Read who holds a lease")
            .WithDescription("Without its token. By the time that the answer comes another one may hold it.")
            .Takes(HeaderParameter.CacheControl)
            .Refuses();
    }

    internal static async Task<Results<Ok<LeaseResponse>, Problem>> Acquire(
        string name, AcquireRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls, LeaseTokens tokens)
    {
        Checks.Path(name, "name");
        body.Check();
        var operation = IdempotencyKey.Operation(context, LeasePaths.Verb(name, "acquire"), body.Fingerprint);
        var key = await tokens.ReadKey();
        var outcome = await calls.Send(
            grains.GetGrain<ILease>(name),
            operation.Id,
            new AcquireLease(operation, body.Holder, TimeSpan.FromSeconds(body.TtlSeconds)),
            static (grain, command) => grain.Acquire(command),
            context.RequestAborted);

        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        var token = outcome.Status == LeaseStatus.Done ? LeaseToken.Make(key, name, outcome.Lease.Number) : null;
        return Answer(outcome, name, token);
    }

    internal static async Task<Results<Ok<LeaseResponse>, Problem>> Renew(
        string name, RenewRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls, LeaseTokens tokens)
    {
        Checks.Path(name, "name");
        body.Check();
        _ = IdempotencyKey.Read(context);
        if (await tokens.Verify(name, body.Token) is not { } number) return FenceProblems.NotOfThisStore;
        var operation = IdempotencyKey.Operation(context, LeasePaths.Verb(name, "renew"), body.Fingerprint(number));
        var outcome = await calls.Send(
            grains.GetGrain<ILease>(name),
            operation.Id,
            new RenewLease(operation, number, TimeSpan.FromSeconds(body.TtlSeconds)),
            static (grain, command) => grain.Renew(command),
            context.RequestAborted);

        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        return Answer(outcome, name, body.Token);
    }

    internal static async Task<Results<Ok<LeaseResponse>, Problem>> Release(
        string name, ReleaseRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls, LeaseTokens tokens)
    {
        Checks.Path(name, "name");
        _ = IdempotencyKey.Read(context);
        if (await tokens.Verify(name, body.Token) is not { } number) return FenceProblems.NotOfThisStore;
        var operation = IdempotencyKey.Operation(context, LeasePaths.Verb(name, "release"), ReleaseRequest.Fingerprint(number));
        var outcome = await calls.Send(
            grains.GetGrain<ILease>(name),
            operation.Id,
            new ReleaseLease(operation, number),
            static (grain, command) => grain.Release(command),
            context.RequestAborted);

        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        return Answer(outcome, name, token: null);
    }

    internal static Results<Ok<LeaseResponse>, Problem> Answer(LeaseOutcome outcome, string name, string? token) => outcome.Status switch
    {
        LeaseStatus.Done => TypedResults.Ok(LeaseResponse.From(name, outcome.Lease, token)),
        LeaseStatus.Held => Held(outcome.Lease, outcome.Left),
        LeaseStatus.Lost => LeaseProblems.Lost.With("Do nothing more under it, and acquire the lease anew.")
            .And(LeaseProblems.Newest, outcome.Lease.Number)
            .And(LeaseProblems.Holder, outcome.Lease.Holder)
            .And(LeaseProblems.ExpiresAt, outcome.Lease.ExpiresAt),
        LeaseStatus.KeyReused => IdempotencyKey.Reused,
        _ => throw new UnreachableException(outcome.ToString()),
    };

    internal static async Task<Results<Ok<LeaseResponse>, Problem>> Get(
        string name, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        Checks.Path(name, "name");
        var lease = await calls.Send(
            grains.GetGrain<ILease>(name),
            Consistency.Of(context),
            static (grain, consistency) => grain.Read(consistency),
            context.RequestAborted);
        return TypedResults.Ok(LeaseResponse.From(name, lease));
    }

    /// <summary>Whole seconds, as the header has them: not before the term ends.</summary>
    private static Problem Held(LeaseReading lease, TimeSpan left) =>
        new Problem(LeaseProblems.Held, "Acquire it when its term is over, or released. It may be renewed until then.")
        {
            RetryAfter = TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling(left.TotalSeconds))),
        }
        .And(LeaseProblems.Holder, lease.Holder)
        .And(LeaseProblems.ExpiresAt, lease.ExpiresAt);
}
