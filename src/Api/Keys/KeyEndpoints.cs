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
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Keys;

public sealed class KeyEndpoints : IResource
{
    private const string Path = "/v1/keys";

    public IJsonTypeInfoResolver Json => KeyJson.Default;

    public void Map(IEndpointRouteBuilder door)
    {
        var keys = door.MapGroup(Path).WithTag("Keys", "Who may call, and what each may do.");
        keys.MapPost("", Make).WithName("MakeKey").Needs(Scopes.Keys).WithSummary("Make a key")
            .WithDescription("Its text is in this answer and in no other, not even in that to a repeat. Two keys of a name hold at once: "
                + "to replace one, make another of its name, change over, and revoke the old one. Nobody gives a scope that it lacks.")
            .Takes(HeaderParameter.IdempotencyKey)
            .Refuses(KeyProblems.NotFound, KeyProblems.TwoLive, KeyProblems.Full, ProblemKind.OutOfBounds);
        keys.MapGet("", List).WithName("ListKeys").Needs(Scopes.Keys).WithSummary("List the keys")
            .WithDescription("Newest first; with order=asc oldest first. One that has ended is listed for a month, if there is room.")
            .Takes(HeaderParameter.CacheControl)
            .Refuses(ProblemKind.OutOfBounds, ProblemKind.CursorInvalid);
        keys.MapGet("/{id}", Get).WithName("GetKey").Needs(Scopes.Keys).WithSummary("Read what is known of a key")
            .WithDescription("All but its text: of that only a hash is stored. Also one that has ended, as long as it is listed.")
            .Takes(HeaderParameter.CacheControl)
            .Refuses(KeyProblems.NotFound);
        keys.MapPost("/{id}/revoke", Revoke).WithName("RevokeKey").Needs(Scopes.Keys).WithSummary("Revoke a key")
            .WithDescription("It holds nowhere any more after 5 seconds.")
            .Takes(HeaderParameter.IdempotencyKey)
            .Refuses(KeyProblems.NotFound);
    }

    internal static async Task<Results<Created<KeyResponse>, Problem>> Make(
        KeyRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls, KnownKeys known)
    {
        body.Check();
        if (body.Scopes.FirstOrDefault(scope => !Caller.In(context).Allowed.Contains(scope)) is { } lacking)
            return CallerProblems.Forbidden.With($"Who makes a key gives no scope that it does not have, as '{lacking}'.");

        var operation = IdempotencyKey.Operation(context, Path, body.Fingerprint);
        return AnswerMade(await Ask(
            operation,
            new MakeKey(operation, body.Name, [.. body.Scopes], body.ExpiresAt),
            static (ring, command) => ring.Make(command),
            context,
            grains,
            calls,
            known));
    }

    internal static Results<Created<KeyResponse>, Problem> AnswerMade(KeyOutcome outcome) => outcome switch
    {
        { Status: KeyStatus.Made, Key: { } key } => TypedResults.Created($"{Path}/{key.Id}", KeyResponse.From(key, outcome.Text)),
        { Status: KeyStatus.Made } => KeyProblems.Forgotten,
        { Status: KeyStatus.TwoLive } => KeyProblems.NameInUse,
        { Status: KeyStatus.Full } => KeyProblems.NoRoom,
        { Status: KeyStatus.ExpiryPast } => Problem.Of(
            ProblemKind.OutOfBounds, [RequestError.InBody("/expiresAt", ErrorCodes.OutOfRange, "must be in the future")]),
        { Status: KeyStatus.KeyReused } => IdempotencyKey.Reused,
        _ => throw new UnreachableException(outcome.ToString()),
    };

    internal static async Task<Ok<KeysResponse>> List(
        string? cursor, int? limit, string? order, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        var paging = Paging.Of(context, Path, Paging.IsNumber, cursor, limit, order);
        var keys = await Read(context, grains, calls);
        if (!paging.OldestFirst) Array.Reverse(keys);
        var left = keys
            .Where(key => paging.Place is null || (paging.OldestFirst ? key.Number > paging.Number : key.Number < paging.Number))
            .Take(paging.Limit + 1).ToArray();
        var page = left[..Math.Min(left.Length, paging.Limit)];
        return TypedResults.Ok(new KeysResponse(
            Array.ConvertAll(page, static key => KeyResponse.From(key)), paging.Next(left.Length > page.Length ? page[^1].Number : null)));
    }

    internal static async Task<Results<Ok<KeyResponse>, Problem>> Get(
        string id, HttpContext context, IGrainFactory grains, GrainCalls calls) =>
        KeyText.IsId(id) && Array.Find(await Read(context, grains, calls), key => key.Id == id) is { } key
            ? TypedResults.Ok(KeyResponse.From(key))
            : KeyProblems.Unknown;

    internal static async Task<Results<Ok<KeyResponse>, Problem>> Revoke(
        string id, HttpContext context, IGrainFactory grains, GrainCalls calls, KnownKeys known)
    {
        var operation = IdempotencyKey.Operation(context, $"{Path}/{id}/revoke", new Fingerprint().Value);
        if (!KeyText.IsId(id)) return KeyProblems.Unknown;
        return AnswerRevoked(await Ask(
            operation, new RevokeKey(operation, id), static (ring, command) => ring.Revoke(command), context, grains, calls, known));
    }

    internal static Results<Ok<KeyResponse>, Problem> AnswerRevoked(KeyOutcome outcome) => outcome switch
    {
        { Status: KeyStatus.Revoked, Key: { } key } => TypedResults.Ok(KeyResponse.From(key)),
        { Status: KeyStatus.Revoked } => KeyProblems.Forgotten,
        { Status: KeyStatus.NotFound } => KeyProblems.Unknown,
        { Status: KeyStatus.KeyReused } => IdempotencyKey.Reused,
        _ => throw new UnreachableException(outcome.ToString()),
    };

    private static async ValueTask<KeyOutcome> Ask<TCommand>(
        Operation operation,
        TCommand command,
        Func<IKeyring, TCommand, ValueTask<KeyOutcome>> verb,
        HttpContext context,
        IGrainFactory grains,
        GrainCalls calls,
        KnownKeys known)
    {
        var outcome = await calls.Send(
            grains.GetGrain<IKeyring>(IKeyring.Only), operation.Id, command, verb, context.RequestAborted);
        known.Forget();
        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        return outcome;
    }

    private static ValueTask<StoredKey[]> Read(HttpContext context, IGrainFactory grains, GrainCalls calls) => calls.Send(
        grains.GetGrain<IKeyring>(IKeyring.Only),
        Consistency.Of(context),
        static (grain, consistency) => grain.List(consistency),
        context.RequestAborted);
}
