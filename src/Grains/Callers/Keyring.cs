using System.Globalization;
using System.Text;
using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Domain.Callers;
using Holdfast.Grains.Hosting;
using Orleans.Concurrency;

namespace Holdfast.Grains.Callers;

/// <summary>Hosts <see cref="KeyringRules"/> for the keys of the store; draws them, and keeps the store's key for their MACs.</summary>
[Reentrant, KeepAlive]
internal sealed class Keyring(IGrainContext context, OwnerServices services)
    : OwnerGrain<KeyringState, KeyringEvent>(context, KeyringKind.Instance, services), IKeyring
{
    private readonly KeyUses _uses = new(services.Store, services.Clock);
    private byte[]? _macKey;

    protected override bool LoadsWhenShort => true;

    public async ValueTask<KeyOutcome> Make(MakeKey command)
    {
        var (id, hash, text) = KeyText.Draw(await MacKey());
        var outcome = await Host.Decide(
            command.Operation, new DrawnKey(command, id, hash), KeyringRules.Make, KeyringRules.MadeBefore);
        return outcome is { Status: KeyStatus.Made, Replayed: false } ? outcome with { Text = text } : outcome;
    }

    public ValueTask<KeyOutcome> Revoke(RevokeKey command) =>
        Host.Decide(command.Operation, command, KeyringRules.Revoke, KeyringRules.RevokedBefore);

    public async ValueTask<KeyringView> Look(LookAtKeys question)
    {
        // A command that was run beside the silos may have added to the stream: their memory does not vouch for it.
        var (version, keys) = await Host.Read(static state => (state.Version, state.Keys.ToArray()), ReadConsistency.Strong);
        if (version == 0) return new(0);
        _uses.Add(Host.Stream, question.Uses, keys);
        var now = Services.Clock.GetUtcNow();
        return new(version, await MacKey(), version == question.Known ? null : Array.FindAll(keys, key => key.IsLive(now)));
    }

    public async ValueTask<StoredKey[]> List(ReadConsistency consistency)
    {
        var keys = await Host.Read(static state => state.Keys.ToArray(), consistency);
        if (keys.Length == 0) return keys;
        var uses = await _uses.Read(Host.Stream);
        return Array.ConvertAll(keys, key => uses.TryGetValue(key.Id, out var minute) ? key with { LastUsedAt = KeyUses.At(minute) } : key);
    }

    public async ValueTask<string[]> ReadShared()
    {
        var texts = new List<string>();
        while (await Read(SharedName(texts.Count)) is { } text) texts.Add(Encoding.UTF8.GetString(text.Span));
        return [.. texts];

        Task<ReadOnlyMemory<byte>?> Read(string name) =>
            Services.ReadStore(store => store.ReadSecret(Host.Stream, name, CancellationToken.None));
    }

    public async ValueTask Share(string text)
    {
        // It is there when the answer to the same call was lost.
        var shared = await ReadShared();
        if (shared.Contains(text)) return;
        var value = Encoding.UTF8.GetBytes(text);
        for (var place = shared.Length; ; place++)
        {
            // Somebody else may have taken the place meanwhile.
            var there = await Services.ReadStore(store =>
                store.WriteSecret(Host.Stream, SharedName(place), value, replaces: false, CancellationToken.None));
            if (there.Span.SequenceEqual(value)) return;
        }
    }

    private static string SharedName(int place) => string.Create(CultureInfo.InvariantCulture, $"shared/{place}");

    /// <summary>
    /// The first one that is stored counts, whoever draws one at the same time. A store that takes no changes has one, if keys were made.
    /// </summary>
    private async ValueTask<byte[]> MacKey()
    {
        if (_macKey is not null) return _macKey;
        var stored = await Services.ReadStore(store => store.ReadSecret(Host.Stream, KeyringState.MacKeyName, CancellationToken.None))
            ?? await Services.ReadStore(store =>
                store.WriteSecret(Host.Stream, KeyringState.MacKeyName, KeyText.DrawMacKey(), replaces: false, CancellationToken.None));
        return _macKey = KeyText.ReadMacKey(stored.Span);
    }
}
