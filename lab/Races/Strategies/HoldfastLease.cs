using System.Text.Json;
using System.Text.Json.Nodes;
using Holdfast.Bench;
using Holdfast.Bench.Measuring;
using Holdfast.Contracts;
using Holdfast.Contracts.Leases;
using Holdfast.Contracts.Profiles;
using Holdfast.Lab.Races.Counter;
using Holdfast.Lab.Races.Profile;

namespace Holdfast.Lab.Races.Strategies;

/// <summary>
/// The naive code under a lease whose number the thing itself looks at. Its holder first changes the thing, in nothing but that the thing
/// has seen the number: from then on no earlier holder comes in between. One who stalled is refused, and starts again.
/// </summary>
internal sealed class HoldfastLease(IGrainFactory grains, TimeProvider clock, Stall stall) : IProfiles, ICounters
{
    private const int MaxTries = 1_000;

    private const string Member = "value";

    public About About { get; } = new(
        "Holdfast, lease and fence",
        Loses: false,
        "Acquire a lease, with backoff until it is free; a first change that says nothing but the lease's number; read, compute, replace "
        + "the whole under the same number; release. A thing that has seen a later number refuses an earlier one.",
        "Work that is long, and of many requests that belong together: an import, a nightly count, a leader among workers.",
        "Whatever one request can say: an increment, a patch, a reservation. It is one decision of one owner, and needs neither lease nor "
        + "fence.",
        "Four more requests, each with an append, and whoever waits polls.",
        "As the fenced lock of Redis, with numbers that are in the journal: they never go back. The counter is a document here, since "
        + "Holdfast's own counter leaves nothing to be read before it is written.");

    public Task Create(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task Put(string user, string json) => await Profile(user).Put(new(new(Guid.NewGuid(), 1), json));

    public ValueTask<Answer> Edit(string user, FieldEdit edit, Client editor) => UnderLease(user, editor, edit.ApplyTo);

    public async Task<string> Read(string user) => (await Profile(user).Read(ReadConsistency.Strong))!.Json;

    public Task Start(string counter) => Put(Document(counter), Text(0));

    public ValueTask<Answer> Increment(string counter, Client client) =>
        UnderLease(Document(counter), client, static json => Text(ValueOf(json) + 1));

    public async Task<long> Value(string counter) => ValueOf(await Read(Document(counter)));

    private static string Document(string counter) => $"counter {counter}";

    private static string Text(long value) => new JsonObject { [Member] = value }.ToJsonString();

    private static long ValueOf(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty(Member).GetInt64();
    }

    private IUserProfile Profile(string user) => grains.GetGrain<IUserProfile>(user);

    private async ValueTask<Answer> UnderLease(string user, Client client, Func<string, string> compute)
    {
        var lease = grains.GetGrain<ILease>(user);
        for (var tries = 1; tries <= MaxTries; tries++)
        {
            var held = await lease.Acquire(new(client.NextOperation(), "client", Stall.RedisLockLife));
            if (held.Status == LeaseStatus.Done)
            {
                var fence = new Fence(user, held.Lease.Number);
                if (await Replace(user, client, fence, compute))
                {
                    await lease.Release(new(client.NextOperation(), fence.Number));
                    return new(Reply.Done, tries - 1);
                }
            }

            await Backoff.Wait(tries, client, clock);
        }

        return new(Reply.GaveUp, MaxTries);
    }

    /// <returns>False when a later holder has been there.</returns>
    private async Task<bool> Replace(string user, Client client, Fence fence, Func<string, string> compute)
    {
        try
        {
            Check(await Profile(user).Patch(new(client.NextOperation() with { Fence = fence }, "{}")));
            var json = (await Profile(user).Read())!.Json;
            await stall.Pass();
            Check(await Profile(user).Put(new(client.NextOperation() with { Fence = fence }, compute(json))));
            return true;
        }
        catch (FencedException)
        {
            return false;
        }
    }

    private static void Check(ProfileOutcome outcome)
    {
        if (outcome.Status != ProfileStatus.Changed) throw new BenchException($"A change was answered {outcome.Status}.");
    }
}
