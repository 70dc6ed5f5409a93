using Holdfast.Contracts;
using Holdfast.Contracts.Profiles;
using Holdfast.Grains.GroupCommit;
using Orleans.Concurrency;

namespace Holdfast.Grains.Profiles;

/// <summary>Hosts <see cref="ProfileRules"/> for one user.</summary>
[Reentrant]
internal sealed class UserProfile(GroupCommitServices services)
    : GroupCommitGrain<ProfileState, ProfileEvent>(ProfileStream.Definition, services), IUserProfile
{
    public ValueTask<Profile?> Read(ReadConsistency consistency) => Decide(false, ProfileRules.Read, consistency);

    public ValueTask<ProfileOutcome> Put(EditProfile command) => Decide(command.Operation, command, ProfileRules.Put);

    public ValueTask<ProfileOutcome> Patch(EditProfile command) => Decide(command.Operation, command, ProfileRules.Patch);

    public ValueTask<ProfileOutcome> Erase(EraseProfile command) => Decide(command.Operation, command, ProfileRules.Erase);
}
