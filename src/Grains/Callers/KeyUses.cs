using System.Text.Json;
using Holdfast.Contracts.Callers;
using Holdfast.Domain.Callers;
using Holdfast.Grains.Hosting;
using Holdfast.Journal;

namespace Holdfast.Grains.Callers;

/// <summary>
/// When each key was last used, to the minute. No history, so it is no event: a row beside the stream, written once a minute at most.
/// What a silo that dies has not written is lost, and is known again with the next use.
/// </summary>
internal sealed class KeyUses(OwnerServices services)
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private Dictionary<string, long>? _minutes;
    private DateTimeOffset _written;
    private bool _changed;

    /// <param name="minute">Whole minutes since 1970, UTC.</param>
    public static DateTimeOffset At(long minute) => DateTimeOffset.UnixEpoch.AddMinutes(minute);

    public async ValueTask<IReadOnlyDictionary<string, long>> Read(string stream) => _minutes ??=
        await services.ReadStore(store => store.ReadSecret(stream, KeyringState.UsesName, CancellationToken.None)) is { } stored
            ? JsonSerializer.Deserialize(stored.Span, KeyringJson.Default.DictionaryStringInt64) ?? []
            : [];

    public async ValueTask Add(string stream, KeyUse[] uses)
    {
        if (uses.Length == 0 && !_changed) return;
        await Read(stream);
        foreach (var use in uses)
        {
            if (_minutes!.GetValueOrDefault(use.Id) >= use.Minute) continue;
            _minutes![use.Id] = use.Minute;
            _changed = true;
        }

        var now = services.Clock.GetUtcNow();
        if (!_changed || now < _written + Period) return;
        (_changed, _written) = (false, now);
        try
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(_minutes!, KeyringJson.Default.DictionaryStringInt64);
            await services.Store.WriteSecret(stream, KeyringState.UsesName, json, replaces: true, CancellationToken.None);
        }
        catch (JournalStoreException)
        {
            // Nobody waits for it; who may come in does not depend on it.
            _changed = true;
        }
    }
}
