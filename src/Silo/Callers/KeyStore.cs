using System.Text.Json;
using Holdfast.Contracts.Callers;
using Holdfast.Domain.Callers;
using Holdfast.Domain.Owner;
using Holdfast.Journal;
using Holdfast.Journal.Postgres;
using Holdfast.Journal.Sqlite;
using Holdfast.Silo.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Silo.Callers;

/// <summary>
/// The keys of a store, for who works on it without a silo: decided by the same engine and rules, and stored by the same version-checked
/// append. A silo that has the keys in memory meanwhile learns of it, since front doors have it look.
/// </summary>
internal sealed class KeyStore(IJournalStore store, TimeProvider clock) : IAsyncDisposable
{
    private const int Page = 1_000;

    /// <summary>How often the append is tried again when a silo came first.</summary>
    private const int Tries = 5;

    private static readonly string Stream = $"{KeyringKind.Instance.Name}/{IKeyring.Only}";

    /// <summary>The store that the settings name; not opened yet.</summary>
    public static KeyStore Of(HoldfastSettings settings, TimeProvider clock) => new(
        settings.Database is { } database
            ? new PostgresJournalStore(database, new PostgresJournalOptions(), clock, NullLogger<PostgresJournalStore>.Instance)
            : new SqliteJournalStore(
                new SqliteJournalOptions(settings.Options.DataDirectory), clock, NullLogger<SqliteJournalStore>.Instance),
        clock);

    /// <exception cref="JournalStoreException">The store cannot be read.</exception>
    public static async Task<bool> HasAny(IJournalStore store, CancellationToken cancellationToken) =>
        await store.ReadVersion(Stream, cancellationToken) > 0;

    public Task Open(CancellationToken cancellationToken) => store.Initialize(cancellationToken);

    /// <summary>All keys that are remembered, oldest first.</summary>
    public async Task<IReadOnlyList<StoredKey>> List(CancellationToken cancellationToken) => (await Load(cancellationToken)).State.Keys;

    /// <returns>With the text of the key, if it was made.</returns>
    /// <exception cref="JournalStoreException">The store does not take it.</exception>
    public async Task<KeyOutcome> Make(MakeKey command, CancellationToken cancellationToken)
    {
        var mac = await store.WriteSecret(
            Stream, KeyringState.MacKeyName, KeyText.DrawMacKey(), replaces: false, cancellationToken);
        var (id, hash, text) = KeyText.Draw(KeyText.ReadMacKey(mac.Span));
        var outcome = await Decide(new DrawnKey(command, id, hash, IsUnbounded: true), KeyringRules.Make, cancellationToken);
        return outcome.Status == KeyStatus.Made ? outcome with { Text = text } : outcome;
    }

    /// <exception cref="JournalStoreException">The store does not take it.</exception>
    public Task<KeyOutcome> Revoke(RevokeKey command, CancellationToken cancellationToken) =>
        Decide(command, KeyringRules.Revoke, cancellationToken);

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private async Task<KeyOutcome> Decide<TCommand>(
        TCommand command,
        Func<KeyringState, TCommand, DateTimeOffset, Decision<KeyringEvent, KeyOutcome>> rule,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (state, version, published, last) = await Load(cancellationToken);
            var owner = new Owner<KeyringState, KeyringEvent>(KeyringKind.Instance, state, version, last);
            var outcome = owner.Decide(command, rule, clock.GetUtcNow());
            if (owner.TakeNext() is not { } append) return outcome;
            var events = JsonSerializer.SerializeToUtf8Bytes([.. append.Events], KeyringKind.Instance.Events);
            var result = await store.Commit(
                [
                    new(Stream, version, RowId.New(append.At), append.At, append.Events.Count, events, [], [])
                    {
                        Follows = append.Published ? published : null,
                    },
                ],
                []);
            if (result.Appends[0] == AppendStatus.Committed) return outcome;
            if (result.Appends[0] != AppendStatus.Conflict || attempt == Tries)
                throw new JournalStoreException($"It could not be stored ({result.Appends[0]}): {result.Error ?? "others came first"}.");
        }
    }

    /// <returns>With the last version of what was published.</returns>
    private async Task<(KeyringState State, long Version, long Published, DateTimeOffset Last)> Load(CancellationToken cancellationToken)
    {
        var (state, version, published, last) = (new KeyringState(), 0L, 0L, default(DateTimeOffset));
        while (await store.ReadForward(Stream, version, Page, cancellationToken) is { Count: > 0 } rows)
        {
            foreach (var row in rows)
            {
                var replayed = KeyringKind.Instance.Replay(state, row.Events.Span, row.FirstVersion, row.RecordedAt);
                if (replayed.Published) published = row.LastVersion;
            }

            (version, last) = (rows[^1].LastVersion, rows[^1].RecordedAt);
        }

        return (state, version, published, last);
    }
}
