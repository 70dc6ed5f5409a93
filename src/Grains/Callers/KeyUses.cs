using System.Text.Json;
using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Domain.Callers;
using Holdfast.Grains.Hosting;
using Holdfast.Journal;

namespace Holdfast.Grains.Callers;

/// <summary>
/// When each key was last used, to the minute. No history, so it is no event: a row beside the stream, written once a minute at most.
/// What a silo that dies has not written is lost, and is known again with the next use.
/// </summary>
internal sealed class KeyUses(IJournalStore store, TimeProvider clock)
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, long> _minutes = [];
    private Task? _loading;
    private Task _writing = Task.CompletedTask;
    private DateTimeOffset _triedAt;
    private bool _changed;

    /// <summary>Ends with the write that is under way, however that ends.</summary>
    internal Task Idle => _writing;

    /// <param name="minute">Whole minutes since 1970, UTC.</param>
    public static DateTimeOffset At(long minute) => DateTimeOffset.UnixEpoch.AddMinutes(minute);

    /// <exception cref="RetryableException">The store cannot be read.</exception>
    public async ValueTask<IReadOnlyDictionary<string, long>> Read(string stream)
    {
        if (_loading is null or { IsFaulted: true }) _loading = Load(stream);
        await _loading;
        return _minutes;
    }

    /// <summary>Nobody waits until it is stored: who may come in does not depend on it.</summary>
    /// <param name="keys">All that are remembered.</param>
    public void Add(string stream, KeyUse[] uses, StoredKey[] keys)
    {
        foreach (var forgotten in _minutes.Keys.Except(keys.Select(static key => key.Id)).ToArray()) _minutes.Remove(forgotten);
        foreach (var use in uses) _changed |= Note(use.Id, use.Minute);
        var now = clock.GetUtcNow();
        if (!_changed || !_writing.IsCompleted || now < _triedAt + Period) return;
        (_changed, _triedAt) = (false, now);
        _writing = Write(stream);
    }

    private bool Note(string id, long minute)
    {
        if (_minutes.GetValueOrDefault(id) >= minute) return false;
        _minutes[id] = minute;
        return true;
    }

    private async Task Load(string stream)
    {
        try
        {
            if (await store.ReadSecret(stream, KeyringState.UsesName, CancellationToken.None) is not { } stored) return;
            var read = JsonSerializer.Deserialize(stored.Span, KeyringJson.Default.DictionaryStringInt64) ?? [];
            foreach (var (id, minute) in read) Note(id, minute);
        }
        catch (JournalStoreException exception)
        {
            throw OwnerServices.CannotRead(exception);
        }
    }

    private async Task Write(string stream)
    {
        try
        {
            await Read(stream);
            var json = JsonSerializer.SerializeToUtf8Bytes(_minutes, KeyringJson.Default.DictionaryStringInt64);
            await store.WriteSecret(stream, KeyringState.UsesName, json, replaces: true, CancellationToken.None);
        }
        catch (Exception unavailable) when (unavailable is JournalStoreException or RetryableException)
        {
            // What was used is still known here, and is written with the next use or a minute later.
            _changed = true;
        }
    }
}
