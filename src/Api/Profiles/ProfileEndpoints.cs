using System.Diagnostics;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Preconditions;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Contracts.Profiles;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Profiles;

public sealed class ProfileEndpoints : IResource
{
    public IJsonTypeInfoResolver Json => ProfileBodyJson.Default;

    public void Map(IEndpointRouteBuilder door)
    {
        var profile = door.MapGroup("/v1/customers/{id}/profile").WithTag("Profiles", "What a shop knows of its customers.");
        profile.MapGet("", Get).WithName("GetProfile").Needs(Scopes.CustomersRead).LetsInCustomers<OwnProfiles>()
            .WithSummary("Read a profile")
            .WithDescription("As it was put and patched last.")
            .Sends(ResponseHeader.ETag)
            .Produces<ProfileResponse>(StatusCodes.Status200OK)
            .Takes(HeaderParameter.IfMatchOnRead, HeaderParameter.IfNoneMatch, HeaderParameter.CacheControl)
            .Refuses(ProfileProblems.NotFound, ProblemKind.VersionMismatch);
        profile.MapPut("", Put).WithName("PutProfile").Needs(Scopes.CustomersWrite).LetsInCustomers<OwnProfiles>()
            .WithSummary("Create a profile or replace it whole")
            .WithDescription("Over another profile that is there it needs If-Match, so that nobody's edit is lost; what is there already may be said again.")
            .Accepts<ProfileBody>(MediaTypes.Json)
            .Sends(ResponseHeader.ETag)
            .Produces<ProfileResponse>(StatusCodes.Status200OK)
            .Produces<ProfileResponse>(StatusCodes.Status201Created)
            .Takes(
                HeaderParameter.OptionalIdempotencyKey, HeaderParameter.Fence,
                HeaderParameter.IfMatchToReplace, HeaderParameter.IfNoneMatchOnWrite)
            .Refuses(ProblemKind.VersionMismatch, ProblemKind.PreconditionRequired, ProfileProblems.TooLarge, ProblemKind.OutOfBounds);
        profile.MapPatch("", Patch).WithName("PatchProfile").Needs(Scopes.CustomersWrite).LetsInCustomers<OwnProfiles>()
            .WithSummary("Change some members of a profile")
            .WithDescription("A JSON merge patch (RFC 7396): members that are sent replace those of the profile, null removes one. "
                + "Two callers who patch different members both win.")
            .Accepts<ProfilePatchBody>(MediaTypes.MergePatch)
            .Sends(ResponseHeader.ETag)
            .Produces<ProfileResponse>(StatusCodes.Status200OK)
            .Takes(
                HeaderParameter.OptionalIdempotencyKey, HeaderParameter.Fence, HeaderParameter.IfMatch, HeaderParameter.IfNoneMatchOnWrite)
            .Refuses(ProfileProblems.NotFound, ProblemKind.VersionMismatch, ProfileProblems.TooLarge, ProblemKind.OutOfBounds);
        profile.MapDelete("", Delete).WithName("DeleteProfile").Needs(Scopes.CustomersWrite).LetsInCustomers<OwnProfiles>()
            .WithSummary("Erase a profile")
            .WithDescription("The profile and everything that was ever stored of it are blanked.")
            .Takes(
                HeaderParameter.OptionalIdempotencyKey, HeaderParameter.Fence, HeaderParameter.IfMatch, HeaderParameter.IfNoneMatchOnWrite)
            .Refuses(ProfileProblems.NotFound, ProblemKind.VersionMismatch);
    }

    internal static async Task<Results<ContentHttpResult, StatusCodeHttpResult, Problem>> Get(
        string id, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        Checks.Path(id, "id");
        if (await Read(calls, grains.GetGrain<IUserProfile>(id), context) is not { } profile) return NotFound(id);

        EntityTags.Send(context, profile.Version);
        if (RequestConditions.IsUnchanged(context, profile.Version)) return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        return Body(profile, StatusCodes.Status200OK);
    }

    internal static Task<Results<ContentHttpResult, Problem>> Put(
        string id, HttpContext context, IGrainFactory grains, GrainCalls calls, TimeProvider clock) =>
        Edit(id, patch: false, context, grains, calls, clock, static (grain, edit) => grain.Put(edit));

    internal static Task<Results<ContentHttpResult, Problem>> Patch(
        string id, HttpContext context, IGrainFactory grains, GrainCalls calls, TimeProvider clock) =>
        Edit(id, patch: true, context, grains, calls, clock, static (grain, edit) => grain.Patch(edit));

    internal static async Task<Results<NoContent, Problem>> Delete(
        string id, HttpContext context, IGrainFactory grains, GrainCalls calls, TimeProvider clock)
    {
        Checks.Path(id, "id");
        var customer = grains.GetGrain<IUserProfile>(id);
        var operation = IdempotencyKey.OptionalOperation(context, ProfilePaths.Profile(id), new Fingerprint().Value, clock);
        var outcome = await RequestConditions.Of(context).Write(
            async () => (await Read(calls, customer, context))?.Version,
            condition => calls.Send(
                customer,
                new EraseProfile(operation, condition.Version),
                static (grain, command) => grain.Erase(command),
                context.RequestAborted),
            static outcome => outcome.Status == ProfileStatus.VersionMismatch);

        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        return AnswerErasure(outcome, id);
    }

    internal static Results<NoContent, Problem> AnswerErasure(ProfileOutcome outcome, string id) => outcome.Status switch
    {
        ProfileStatus.Erased => TypedResults.NoContent(),
        ProfileStatus.NotFound => NotFound(id),
        ProfileStatus.VersionMismatch => EntityTags.Mismatch(outcome.Profile?.Version),
        ProfileStatus.KeyReused => IdempotencyKey.Reused,
        _ => throw new UnreachableException(outcome.Status.ToString()),
    };

    private static async Task<Results<ContentHttpResult, Problem>> Edit(
        string id,
        bool patch,
        HttpContext context,
        IGrainFactory grains,
        GrainCalls calls,
        TimeProvider clock,
        Func<IUserProfile, EditProfile, ValueTask<ProfileOutcome>> edit)
    {
        Checks.Path(id, "id");
        var json = await ProfileJson.Read(context, patch);
        var conditions = RequestConditions.Of(context);
        var customer = grains.GetGrain<IUserProfile>(id);
        var operation = IdempotencyKey.OptionalOperation(context, ProfilePaths.Profile(id), ProfileJson.Fingerprint(json), clock);

        // Whoever puts and names no version has seen none, and may only create; and there is nothing to patch where nothing is.
        var outcome = await conditions.Write(
            async () => (await Read(calls, customer, context))?.Version,
            condition => calls.Send(
                customer,
                new EditProfile(
                    operation,
                    json,
                    condition.Version,
                    IfAbsent: !patch && !condition.MustExist,
                    IfPresent: patch || condition.MustExist),
                edit,
                context.RequestAborted),
            static outcome => outcome.Status == ProfileStatus.VersionMismatch);

        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        return AnswerEdit(outcome, context, id, patch || conditions.Given ? null : json);
    }

    /// <param name="said">What a PUT without conditions says; null of any other.</param>
    internal static Results<ContentHttpResult, Problem> AnswerEdit(ProfileOutcome outcome, HttpContext context, string id, string? said)
    {
        switch (outcome)
        {
            case { Status: ProfileStatus.Created, Profile: { } created }:
                EntityTags.Send(context, created.Version);
                context.Response.Headers.Location = ProfilePaths.Profile(PathSegment.Escape(id));
                return Body(created, StatusCodes.Status201Created);
            case { Status: ProfileStatus.Changed, Profile: { } changed }:
                EntityTags.Send(context, changed.Version);
                return Body(changed, StatusCodes.Status200OK);
            case { Status: ProfileStatus.VersionMismatch, Profile: { } there }
                when said is not null && ProfileJson.AreSame(said, there.Json):
                EntityTags.Send(context, there.Version);
                return Body(there, StatusCodes.Status200OK);
            case { Status: ProfileStatus.VersionMismatch } when said is not null:
                return EntityTags.Required(outcome.Profile?.Version);
            case { Status: ProfileStatus.VersionMismatch }:
                return EntityTags.Mismatch(outcome.Profile?.Version);
            case { Status: ProfileStatus.NotFound or ProfileStatus.Erased }:
                return NotFound(id);
            case { Status: ProfileStatus.TooLarge }:
                return ProfileProblems.TooLarge.With($"A profile can have {Limits.ProfileBytes / 1024} KB of JSON; remove some of it.");
            case { Status: ProfileStatus.KeyReused }:
                return IdempotencyKey.Reused;
            default:
                throw new UnreachableException(outcome.Status.ToString());
        }
    }

    private static ContentHttpResult Body(Profile profile, int status) =>
        TypedResults.Text(profile.Json, MediaTypes.Json, Encoding.UTF8, status);

    internal static Problem NotFound(string id) =>
        ProfileProblems.NotFound.With($"Create it with PUT {ProfilePaths.Profile(PathSegment.Escape(id))}.");

    private static ValueTask<Profile?> Read(GrainCalls calls, IUserProfile customer, HttpContext context) =>
        calls.Send(customer, Consistency.Of(context), static (grain, consistency) => grain.Read(consistency), context.RequestAborted);
}
