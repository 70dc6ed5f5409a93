using Holdfast.Contracts;
using Holdfast.Contracts.Profiles;
using Holdfast.Grains.Profiles;

namespace Holdfast.Simulation;

/// <summary>Somebody whose profile two others edit at once, and who wants to be forgotten in the end.</summary>
/// <param name="hasCutOff">A silo was cut off: what it acknowledges then, memory elsewhere does not know.</param>
internal sealed class Person(World world, Caller caller, Func<bool> hasCutOff)
{
    private readonly ProfileReference _profile = new(world.Cluster, "user-1");

    public async Task Live()
    {
        var first = new Operation(world.Dice.Id(), 1);
        var created = await Put("""{"name":"Ada"}""", first, ifAbsent: true);
        world.Checks.That(created?.Status == ProfileStatus.Created, $"a new profile was answered {created?.Status}");
        if (created?.Profile is not { } profile) return;
        await world.Delay(world.Dice.Delay(TimeSpan.FromMilliseconds(100)));

        var edits = await Task.WhenAll(Edit(profile.Version, "one"), Edit(profile.Version, "other"));
        var changes = edits.Count(static edit => edit?.Status == ProfileStatus.Changed);
        world.Checks.That(changes == 1, $"of two edits of one version, {changes} were taken");

        var erased = await caller.UntilAnswered(operation => _profile.Erase(new(operation)));
        world.Checks.That(erased?.Status == ProfileStatus.Erased, $"an erasure was answered {erased?.Status}");

        // The first request arrives once more.
        var again = await Put("""{"name":"Ada"}""", first, ifAbsent: true);
        var read = await caller.UntilAnswered(_ => _profile.Read(ReadConsistency.Strong));
        world.Checks.That(read is null, "a late repeat of an edit brought an erased person back");
        world.Checks.That(hasCutOff() || again?.Status == ProfileStatus.Erased, $"a late repeat of an edit was answered {again?.Status} after the erasure");
    }

    private Task<ProfileOutcome?> Edit(long version, string by) => caller.UntilAnswered(
        operation => _profile.Patch(new(operation, $$"""{"by":"{{by}}"}""", version)));

    private Task<ProfileOutcome?> Put(string json, Operation operation, bool ifAbsent) =>
        caller.UntilAnswered(same => _profile.Put(new(same, json, IfAbsent: ifAbsent)), operation);

    /// <summary>How callers in the simulation name a profile.</summary>
    private sealed class ProfileReference(Cluster cluster, string userId) : IUserProfile
    {
        private readonly GrainId _id = GrainId.Create("profile", userId);

        public ValueTask<Profile?> Read(ReadConsistency consistency) => Ask(profile => profile.Read(consistency));

        public ValueTask<ProfileOutcome> Put(EditProfile command) => Ask(profile => profile.Put(command));

        public ValueTask<ProfileOutcome> Patch(EditProfile command) => Ask(profile => profile.Patch(command));

        public ValueTask<ProfileOutcome> Erase(EraseProfile command) => Ask(profile => profile.Erase(command));

        private ValueTask<T> Ask<T>(Func<IUserProfile, ValueTask<T>> call) =>
            cluster.Call(_id, static (context, silo) => new UserProfile(context, silo.Services), call);
    }
}
