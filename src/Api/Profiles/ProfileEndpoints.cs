using System.Diagnostics;
using System.Text;
using Holdfast.Api.Http;
using Holdfast.Contracts;
using Holdfast.Contracts.Profiles;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Profiles;

public static class ProfileEndpoints
{
    public static void MapProfiles(this IEndpointRouteBuilder app)
    {
        var profile = app.MapGroup("/v1/users/{id}/profile").WithTags("Profiles");
        profile.MapGet("", Get).WithName("GetProfile").WithSummary("Read a profile")
            .Produces<ProfileBody>(StatusCodes.Status200OK)
            .Takes(HeaderParameter.IfMatchOnRead, HeaderParameter.IfNoneMatch, HeaderParameter.CacheControl)
            .Refuses(ProblemKind.ProfileNotFound, ProblemKind.VersionMismatch);
        profile.MapPut("", Put).WithName("PutProfile").WithSummary("Create a profile or replace it whole")
            .WithDescription("Over another profile that is there it needs If-Match, so that nobody's edit is lost; what is there already may be said again.")
            .Accepts<ProfileBody>(MediaTypes.Json)
            .Produces<ProfileBody>(StatusCodes.Status200OK)
            .Produces<ProfileBody>(StatusCodes.Status201Created)
            .Takes(HeaderParameter.IfMatchToReplace, HeaderParameter.IfNoneMatchOnWrite)
            .Refuses(ProblemKind.VersionMismatch, ProblemKind.PreconditionRequired, ProblemKind.ProfileTooLarge, ProblemKind.OutOfBounds);
        profile.MapPatch("", Patch).WithName("PatchProfile")
            .WithSummary("Change some members of a profile")
            .WithDescription("A JSON merge patch (RFC 7396): members that are sent replace those of the profile, null removes one. "
                + "Two callers who patch different members both win.")
            .Accepts<ProfileBody>(MediaTypes.MergePatch)
            .Produces<ProfileBody>(StatusCodes.Status200OK)
            .Takes(HeaderParameter.IfMatch, HeaderParameter.IfNoneMatchOnWrite)
            .Refuses(ProblemKind.ProfileNotFound, ProblemKind.VersionMismatch, ProblemKind.ProfileTooLarge, ProblemKind.OutOfBounds);
        profile.MapDelete("", Delete).WithName("DeleteProfile")
            .WithSummary("Erase a profile")
            .WithDescription("The profile and everything that was ever stored of it are blanked.")
            .Takes(HeaderParameter.IfMatch, HeaderParameter.IfNoneMatchOnWrite)
            .Refuses(ProblemKind.ProfileNotFound, ProblemKind.VersionMismatch);
    }

    internal static async Task<Results<ContentHttpResult, StatusCodeHttpResult, Problem>> Get(
        string id, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        Checks.Path(id, "id");
        if (await Read(calls, grains.GetGrain<IUserProfile>(id), context) is not { } profile) return NotFound(id);

        EntityTags.Send(context, profile.Version);
        if (Preconditions.IsUnchanged(context, profile.Version)) return TypedResults.StatusCode(StatusCodes.Status304NotModified);
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
        var outcome = await Preconditions.Of(context).Write(
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
        var conditions = Preconditions.Of(context);
        var user = grains.GetGrain<IUserProfile>(id);

        // Whoever puts and names no version has seen none, and may only create; and there is nothing to patch where nothing is.
        var outcome = await conditions.Write(
            async () => await Read(calls, user, context) is { } there ? there.Version : patch ? throw new RefusedRequestException(NotFound(id)) : null,
            version => calls.Send(
                user,
                new EditProfile(Operations.New(clock), json, version, IfAbsent: !patch && version is null, IfPresent: patch),
                edit,
                context.RequestAborted),
            static outcome => outcome.Status == ProfileStatus.VersionMismatch);

        switch (outcome)
        {
            case { Status: ProfileStatus.Created, Profile: { } created }:
                EntityTags.Send(context, created.Version);
                context.Response.Headers.Location = Paths.Profile(Paths.Escape(id));
                return Body(created, StatusCodes.Status201Created);
            case { Status: ProfileStatus.Changed, Profile: { } changed }:
                EntityTags.Send(context, changed.Version);
                return Body(changed, StatusCodes.Status200OK);
            case { Status: ProfileStatus.VersionMismatch, Profile: { } there } when !patch && !conditions.Given && ProfileJson.AreSame(json, there.Json):
                EntityTags.Send(context, there.Version);
                return Body(there, StatusCodes.Status200OK);
            case { Status: ProfileStatus.VersionMismatch } when !patch && !conditions.Given:
                return EntityTags.Required(outcome.Profile?.Version);
            case { Status: ProfileStatus.VersionMismatch }:
                return EntityTags.Mismatch(outcome.Profile?.Version);
            case { Status: ProfileStatus.NotFound or ProfileStatus.Erased }:
                return NotFound(id);
            case { Status: ProfileStatus.TooLarge }:
                return ProblemKind.ProfileTooLarge.With($"A profile can have {Limits.ProfileBytes / 1024} KB of JSON; remove some of it.");
            default:
                throw new UnreachableException(outcome.Status.ToString());
        }
    }

    private static ContentHttpResult Body(Profile profile, int status) =>
        TypedResults.Text(profile.Json, MediaTypes.Json, Encoding.UTF8, status);

    private static Problem NotFound(string id) => ProblemKind.ProfileNotFound.With($"Create it with PUT {Paths.Profile(Paths.Escape(id))}.");

    private static ValueTask<Profile?> Read(GrainCalls calls, IUserProfile user, HttpContext context) =>
        calls.Send(user, Consistency.Of(context), static (grain, consistency) => grain.Read(consistency), context.RequestAborted);
}
