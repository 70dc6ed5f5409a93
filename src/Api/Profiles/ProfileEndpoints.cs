using System.Diagnostics;
using System.Text;
using Holdfast.Api.Http;
using Holdfast.Contracts;
using Holdfast.Contracts.Profiles;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Profiles;

public static class ProfileEndpoints
{
    public const string MergePatch = "application/merge-patch+json";

    private const string Json = "application/json";

    public static void MapProfiles(this IEndpointRouteBuilder app)
    {
        var profile = app.MapGroup("/v1/users/{id}/profile").WithTags("Profiles");
        profile.MapGet("", Get).WithName("GetProfile").WithSummary("Read a profile")
            .Produces<ProfileBody>(StatusCodes.Status200OK)
            .Takes(HeaderParameter.IfNoneMatch, HeaderParameter.CacheControl)
            .Refuses(ProblemKind.ProfileNotFound);
        profile.MapPut("", Put).WithName("PutProfile").WithSummary("Create a profile or replace it whole")
            .Accepts<ProfileBody>(Json)
            .Produces<ProfileBody>(StatusCodes.Status200OK)
            .Produces<ProfileBody>(StatusCodes.Status201Created)
            .Takes(HeaderParameter.IfMatch, HeaderParameter.IfNoneMatchAny)
            .Refuses(ProblemKind.VersionMismatch, ProblemKind.ProfileTooLarge, ProblemKind.OutOfBounds);
        profile.MapPatch("", Patch).WithName("PatchProfile")
            .WithSummary("Change some members of a profile")
            .WithDescription("A JSON merge patch (RFC 7396): members that are sent replace those of the profile, null removes one. "
                + "Two callers who patch different members both win.")
            .Accepts<ProfileBody>(MergePatch, Json)
            .Produces<ProfileBody>(StatusCodes.Status200OK)
            .Produces<ProfileBody>(StatusCodes.Status201Created)
            .Takes(HeaderParameter.IfMatch)
            .Refuses(ProblemKind.VersionMismatch, ProblemKind.ProfileTooLarge, ProblemKind.OutOfBounds);
        profile.MapDelete("", Delete).WithName("DeleteProfile")
            .WithSummary("Erase a profile")
            .WithDescription("The profile and everything that was ever stored of it are blanked.")
            .Takes(HeaderParameter.IfMatch)
            .Refuses(ProblemKind.ProfileNotFound, ProblemKind.VersionMismatch);
    }

    internal static async Task<Results<ContentHttpResult, StatusCodeHttpResult, Problem>> Get(
        string id, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        Checks.Path(id, "id");
        if (await Read(calls, grains.GetGrain<IUserProfile>(id), context) is not { } profile) return NotFound(id);

        EntityTags.Send(context, profile.Version);
        if (EntityTags.IsUnchanged(context, profile.Version)) return TypedResults.StatusCode(StatusCodes.Status304NotModified);
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
        var user = grains.GetGrain<IUserProfile>(id);
        var outcome = await IfMatch.Of(context).Write(
            async () => (await Read(calls, user, context) ?? throw new RefusedRequestException(NotFound(id))).Version,
            version => calls.Send(
                user,
                new EraseProfile(Operations.New(clock), version),
                static (grain, command) => grain.Erase(command),
                context.RequestAborted),
            static outcome => outcome.Status == ProfileStatus.VersionMismatch);

        return outcome.Status switch
        {
            ProfileStatus.Erased => TypedResults.NoContent(),
            ProfileStatus.NotFound => NotFound(id),
            ProfileStatus.VersionMismatch => EntityTags.Mismatch(outcome.Profile?.Version),
            _ => throw new UnreachableException(outcome.Status.ToString()),
        };
    }

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
        var absent = EntityTags.IfAbsent(context);
        var user = grains.GetGrain<IUserProfile>(id);
        var outcome = await IfMatch.Of(context).Write(
            async () => (await Read(calls, user, context))?.Version,
            version => calls.Send(user, new EditProfile(Operations.New(clock), json, version, absent), edit, context.RequestAborted),
            static outcome => outcome.Status == ProfileStatus.VersionMismatch);

        switch (outcome)
        {
            case { Status: ProfileStatus.Created, Profile: { } created }:
                EntityTags.Send(context, created.Version);
                context.Response.Headers.Location = Paths.Escape(Paths.Profile(id));
                return Body(created, StatusCodes.Status201Created);
            case { Status: ProfileStatus.Changed, Profile: { } changed }:
                EntityTags.Send(context, changed.Version);
                return Body(changed, StatusCodes.Status200OK);
            case { Status: ProfileStatus.VersionMismatch or ProfileStatus.NotFound }:
                return EntityTags.Mismatch(outcome.Profile?.Version);
            case { Status: ProfileStatus.Erased }:
                return NotFound(id);
            case { Status: ProfileStatus.TooLarge }:
                return ProblemKind.ProfileTooLarge.With($"A profile can have {Limits.ProfileBytes / 1024} KB of JSON; remove some of it.");
            default:
                throw new UnreachableException(outcome.Status.ToString());
        }
    }

    private static ContentHttpResult Body(Profile profile, int status) =>
        TypedResults.Text(profile.Json, Json, Encoding.UTF8, status);

    private static Problem NotFound(string id) => ProblemKind.ProfileNotFound.With($"Create it with PUT {Paths.Escape(Paths.Profile(id))}.");

    private static ValueTask<Profile?> Read(GrainCalls calls, IUserProfile user, HttpContext context) =>
        calls.Send(user, Consistency.Of(context), static (grain, consistency) => grain.Read(consistency), context.RequestAborted);
}
