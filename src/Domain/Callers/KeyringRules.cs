using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Domain.Owner;
using static Holdfast.Domain.Owner.Decide<Holdfast.Domain.Callers.KeyringEvent>;

namespace Holdfast.Domain.Callers;

/// <summary>A key that was drawn, and is none until the rule has made it one.</summary>
/// <param name="Hash">SHA-256 of its secret, hexadecimal.</param>
/// <param name="IsUnbounded">
/// It is made however many there are: for the operator, whom a ring full of others' keys must not keep out.
/// </param>
public sealed record DrawnKey(MakeKey Command, string Id, string Hash, bool IsUnbounded = false);

/// <summary>The rules of the keys of a store.</summary>
public static class KeyringRules
{
    /// <summary>Live at once under one name: the old one and, while it is being replaced, the new one.</summary>
    public const int LivePerName = 2;

    public static Decision<KeyringEvent, KeyOutcome> Make(KeyringState state, DrawnKey drawn, DateTimeOffset now)
    {
        var command = drawn.Command;
        if (command.ExpiresAt <= now) return Answer<KeyOutcome>(new(KeyStatus.ExpiryPast));
        if (state.Keys.Count(key => key.Name == command.Name && key.IsLive(now)) >= LivePerName)
            return Answer<KeyOutcome>(new(KeyStatus.TwoLive));
        if (!drawn.IsUnbounded && state.Keys.Count(key => key.IsLive(now)) >= Limits.Keys) return Answer<KeyOutcome>(new(KeyStatus.Full));

        var expiresAt = command.ExpiresAt?.ToUnixTimeMilliseconds();
        var made = new KeyringEvent.Made(
            command.Operation.Id, command.Operation.Fingerprint, drawn.Id, command.Name, command.Scopes, drawn.Hash, expiresAt);
        var until = expiresAt is { } end ? DateTimeOffset.FromUnixTimeMilliseconds(end) : (DateTimeOffset?)null;
        return Change<KeyOutcome>(
            new(KeyStatus.Made, new(drawn.Id, command.Name, command.Scopes, drawn.Hash, state.LastNumber + 1, now, until)), made);
    }

    /// <summary>The key as it is now; of its text nothing is left to be told.</summary>
    public static KeyOutcome MadeBefore(KeyringState state, DrawnKey drawn, Receipt? first) =>
        first is { } receipt ? new(KeyStatus.Made, Find(state, receipt.Number), Replayed: true) : new(KeyStatus.KeyReused);

    public static Decision<KeyringEvent, KeyOutcome> Revoke(KeyringState state, RevokeKey command, DateTimeOffset now)
    {
        if (state.Keys.FirstOrDefault(key => key.Id == command.Id) is not { } key) return Answer<KeyOutcome>(new(KeyStatus.NotFound));
        return key.RevokedAt is not null
            ? Answer<KeyOutcome>(new(KeyStatus.Revoked, key))
            : Change<KeyOutcome>(
                new(KeyStatus.Revoked, key with { RevokedAt = now }),
                new KeyringEvent.Revoked(command.Operation.Id, command.Operation.Fingerprint, key.Id));
    }

    public static KeyOutcome RevokedBefore(KeyringState state, RevokeKey command, Receipt? first) =>
        first is { } receipt ? new(KeyStatus.Revoked, Find(state, receipt.Number), Replayed: true) : new(KeyStatus.KeyReused);

    private static StoredKey? Find(KeyringState state, long number) => state.Keys.FirstOrDefault(key => key.Number == number);
}
