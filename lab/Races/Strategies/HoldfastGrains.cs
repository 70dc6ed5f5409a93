using System.Text.Json;
using Holdfast.Bench;
using Holdfast.Bench.Measuring;
using Holdfast.Contracts;
using Holdfast.Contracts.Counters;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Profiles;
using Holdfast.Lab.Races.Counter;
using Holdfast.Lab.Races.Events;
using Holdfast.Lab.Races.LastItems;
using Holdfast.Lab.Races.Profile;

namespace Holdfast.Lab.Races.Strategies;

/// <summary>
/// One grain owns one thing and decides in memory, as the plain one; what it decided is appended to a journal together with what
/// all others decided meanwhile, and no answer leaves before that. The operation's id makes a repeat harmless.
/// </summary>
internal sealed class HoldfastGrains(IGrainFactory grains, TimeProvider clock, Stall stall) : ILastItems, IProfiles, ICounters, IEventConsumer
{
    public About About { get; } = new(
        "Holdfast",
        Loses: false,
        "A grain decides one call after the other against the newest state, and does not wait for the disk in between: everything that was "
        + "decided during one write goes out with the next one, in one version-checked append. Answers wait until their append, and all "
        + "that they could see, is durable.",
        "Hot things under many hands: the last items of a sale, a counter, a shared document; and whatever must survive a retry, because "
        + "each operation's id finds its first answer.",
        "A shop without contention on a single database: one atomic statement is less to run. Questions across many entities ('all users in "
        + "Berlin') need a table beside it. With few clients it is no faster than a plain grain.",
        "Memory for what is active, a journal row for each append, and a cluster of .NET processes to run.",
        "It does more than the others: it keeps reservations with expiry, receipts of every operation for 24 hours, and the history.");

    public Task Create(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task Stock(string sku, long units)
    {
        await Item(sku).PutDetails(new(NewOperation(), sku, new(1_999, "EUR"), IfVersion: null, IfAbsent: true));
        await Item(sku).Adjust(new(NewOperation(), units, "received", Reference: null));
    }

    public ValueTask<Answer> Buy(string sku, Client buyer)
    {
        var command = new ReserveStock(buyer.NextOperation(), 1, Limits.DefaultReservationTtl, clock.GetUtcNow() + Limits.DefaultReservationTtl);
        return Repeat(buyer, async () => (await Item(sku).Reserve(command)).Status switch
        {
            ReserveStatus.Reserved => Reply.Done,
            ReserveStatus.InsufficientStock => Reply.Refused,
            var status => throw new BenchException($"A reservation was answered {status}."),
        });
    }

    public async Task<long> Left(string sku) => (await Item(sku).ReadStock(ReadConsistency.Strong))!.Available;

    public async Task Put(string user, string json) => await Profile(user).Put(new(NewOperation(), json));

    public ValueTask<Answer> Edit(string user, FieldEdit edit, Client editor)
    {
        var command = new EditProfile(editor.NextOperation(), edit.ToPatch());
        return Repeat(editor, async () =>
        {
            var outcome = await Profile(user).Patch(command);
            return outcome.Status == ProfileStatus.Changed ? Reply.Done : throw new BenchException($"An edit was answered {outcome.Status}.");
        });
    }

    public async Task<string> Read(string user) => (await Profile(user).Read(ReadConsistency.Strong))!.Json;

    public Task Start(string counter) => Task.CompletedTask;

    public ValueTask<Answer> Increment(string counter, Client client)
    {
        var command = new IncrementCounter(client.NextOperation(), 1);
        return Repeat(client, async () =>
        {
            await Counter(counter).Increment(command);
            return Reply.Done;
        });
    }

    public async Task<long> Value(string counter) => (await Counter(counter).Read(ReadConsistency.Strong)).Value;

    public async Task Open(string entity) => await Profile(entity).Put(new(NewOperation(), """{"sequence":0,"value":""}"""));

    /// <summary>The sum takes the event's id, and counts it once. The latest value takes the version that was read, and the newest wins.</summary>
    public async ValueTask<Answer> Apply(EntityEvent @event, Client consumer)
    {
        var amount = new IncrementCounter(new(@event.Id, (ulong)@event.Amount), @event.Amount);
        var counted = await Repeat(consumer, async () =>
        {
            await Counter(@event.Entity).Increment(amount);
            return Reply.Done;
        });
        return counted.Reply == Reply.Done ? await Repeat(consumer, () => KeepNewest(@event)) : counted;
    }

    async Task<EntityState> IEventConsumer.Read(string entity) => new(
        (await Counter(entity).Read(ReadConsistency.Strong)).Value,
        Latest((await Profile(entity).Read(ReadConsistency.Strong))!.Json).Value);

    /// <summary>Null when somebody else has edited meanwhile.</summary>
    private async Task<Reply?> KeepNewest(EntityEvent @event)
    {
        var profile = (await Profile(@event.Entity).Read())!;
        if (Latest(profile.Json).Sequence >= @event.Sequence) return Reply.Done;
        await stall.Pass();
        var newest = JsonSerializer.Serialize(new Newest(@event.Sequence, @event.Value), JsonSerializerOptions.Web);

        // Each version that it is tried on makes another operation: the refusal of the first one is remembered, too.
        var operation = new Operation(PublicId.Derive($"{@event.Id:N}", $"{profile.Version}"), (ulong)@event.Sequence);
        var outcome = await Profile(@event.Entity).Patch(new(operation, newest, profile.Version));
        return outcome.Status == ProfileStatus.Changed ? Reply.Done : null;
    }

    private static Newest Latest(string json) => JsonSerializer.Deserialize<Newest>(json, JsonSerializerOptions.Web)!;

    private static Operation NewOperation() => new(Guid.NewGuid(), 1);

    private IProductInventory Item(string sku) => grains.GetGrain<IProductInventory>(sku);

    private IUserProfile Profile(string user) => grains.GetGrain<IUserProfile>(user);

    private ICounter Counter(string name) => grains.GetGrain<ICounter>(name);

    private ValueTask<Answer> Repeat(Client client, Func<Task<Reply?>> call) => Backoff.RetryUnanswered(client, clock, call);

    private sealed record Newest(long Sequence, string Value);
}
