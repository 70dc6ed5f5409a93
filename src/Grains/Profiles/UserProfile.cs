using Holdfast.Contracts;
using Holdfast.Contracts.Profiles;
using Holdfast.Domain.Profiles;
using Holdfast.Grains.Hosting;
using Orleans.Concurrency;

namespace Holdfast.Grains.Profiles;

/// <summary>Hosts <see cref="ProfileRules"/> for one user.</summary>
[Reentrant]
internal sealed class UserProfile(IGrainContext context, OwnerServices services)
    : OwnerGrain<ProfileState, ProfileEvent>(context, ProfileKind.Instance, services), IUserProfile
{
    public ValueTask<Profile?> Read(ReadConsistency consistency) => Host.Read(ProfileRules.View, consistency);

    public ValueTask<ProfileOutcome> Put(EditProfile command) =>
        Host.Decide(command.Operation, command, ProfileRules.Put, ProfileRules.ChangedBefore);

    public ValueTask<ProfileOutcome> Patch(EditProfile command) =>
        Host.Decide(command.Operation, command, ProfileRules.Patch, ProfileRules.ChangedBefore);

    public ValueTask<ProfileOutcome> Erase(EraseProfile command) =>
        Host.Decide(command.Operation, command, ProfileRules.Erase, ProfileRules.ChangedBefore);
}
