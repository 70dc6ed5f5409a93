using System.Collections.Concurrent;
using System.Text.Json;

namespace Holdfast.Lab.Races.Profile;

/// <summary>All clients edit one profile, each its own fields: nobody contradicts anybody, so every edit must be there in the end.</summary>
internal sealed class ProfileScenario : IScenario
{
    /// <summary>Fields of each profile; each is edited once, by one client.</summary>
    private const int Fields = 256;

    // Of the whole process: the scenarios of one lab share its tables.
    private static int s_opened;

    public ScenarioText Text { get; } = new(
        "profile",
        "The profile",
        "edits kept",
        $"A profile has {Fields} fields (3 KB of JSON) that are shared out among the clients. Each client sets each of its fields once, "
        + "all clients at the same time; then comes the next profile. No two edits contradict each other, so an edit that was "
        + "acknowledged and is not in the stored profile is lost.",
        [
            "Only Holdfast recognises a repeated edit, and it journals each one; event sourcing keeps each edit, too, and builds the "
            + "profile when it is read, which is not measured. The others overwrite: that is in their favour.",
            "Two people who edit the same field are not raced here. Then somebody has to lose or be told, and only a version that the "
            + "editor has seen (an ETag) can tell: optimistic versions and Holdfast's If-Match do that, one atomic statement does not.",
            "The strategies that write the whole document write 3 KB an edit; with smaller profiles they come closer to the others.",
        ]);

    public bool Suits(IStrategy strategy) => strategy is IProfiles;

    public async Task<IBout> Open(IStrategy strategy, int clients, CancellationToken cancellationToken)
    {
        var (profiles, user) = ((IProfiles)strategy, $"user-{Interlocked.Increment(ref s_opened)}");
        await profiles.Put(user, JsonSerializer.Serialize(Enumerable.Range(0, Fields).ToDictionary(Field, static _ => "")));
        return new Bout(profiles, user, clients);
    }

    private static string Field(int number) => $"f{number}";

    private sealed class Bout(IProfiles profiles, string user, int clients) : IBout
    {
        private readonly ConcurrentQueue<FieldEdit> _acknowledged = [];

        public async Task Play(Player player, Func<bool> goOn)
        {
            for (var number = player.Client.Index; number < Fields && goOn(); number += clients)
            {
                var edit = new FieldEdit(Field(number), $"{user}-{number}");
                if (await player.Ask(client => profiles.Edit(user, edit, client)) == Reply.Done) _acknowledged.Enqueue(edit);
            }
        }

        public async Task<Loss> Audit()
        {
            var stored = JsonSerializer.Deserialize<Dictionary<string, string>>(await profiles.Read(user))!;
            return Loss.Of(new Damage("lost", _acknowledged.Count(edit => stored.GetValueOrDefault(edit.Field) != edit.Value)));
        }
    }
}
