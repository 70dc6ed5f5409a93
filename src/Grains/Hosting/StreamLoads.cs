using System.Collections.Concurrent;
using Holdfast.Contracts;
using Holdfast.Journal;
using Holdfast.Journal.Writing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Hosting;

/// <summary>
/// Loads that take longer than a caller waits. Orleans ends an activation that is not ready after some time, and what that had read so
/// far would be lost: here it goes on, and the next activation of the stream takes it up.
/// </summary>
public sealed partial class StreamLoads : IDisposable
{
    /// <summary>Loads that go on without an activation, or wait for the next one; each has a state in memory.</summary>
    public const int MaxKept = 16;

    /// <summary>A load that nobody has asked for in so long is dropped.</summary>
    private static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Kept> _kept = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeProvider _clock;
    private readonly TimeSpan _patience;
    private readonly ILogger<StreamLoads> _logger;
    private readonly Func<Func<Task>, Task> _start;
    private readonly ITimer _sweep;

    public StreamLoads(TimeProvider clock, IOptions<JournalOptions> options, ILogger<StreamLoads> logger)
        : this(clock, options, logger, static load => Task.Run(load))
    {
    }

    /// <param name="start">Runs a load beside the activation that asked for it.</param>
    internal StreamLoads(TimeProvider clock, IOptions<JournalOptions> options, ILogger<StreamLoads> logger, Func<Func<Task>, Task> start)
    {
        (_clock, _patience, _logger, _start) = (clock, options.Value.LoadPatience, logger, start);
        _sweep = clock.CreateTimer(_ => DropIdle(), null, SweepPeriod, SweepPeriod);
    }

    /// <summary>What an earlier activation of the stream has left, for the caller alone; null when there is nothing.</summary>
    internal IStreamLoad? Take(string stream)
    {
        if (_kept.IsEmpty || !_kept.TryRemove(stream, out var kept)) return null;
        if (kept.Load.Running is not { IsCompleted: true, IsCompletedSuccessfully: false } failed) return kept.Load;

        // The store may be back. What failed otherwise did so in the middle of a row, and has half of it in its state.
        kept.Load.Running = null;
        return failed.Exception?.GetBaseException() is JournalStoreException ? kept.Load : null;
    }

    /// <summary>Waits until the load has read what it is to read.</summary>
    /// <exception cref="RetryableException">It takes longer than the caller's patience, and goes on.</exception>
    /// <exception cref="JournalStoreException">The store cannot be read.</exception>
    internal async Task Finish(IStreamLoad load, CancellationToken cancellationToken)
    {
        var running = load.Running ??= _start(() => load.Continue(_stopping.Token));
        await running.WaitAsync(_patience, _clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (!running.IsCompleted)
        {
            Keep(load);
            throw new RetryableException(
                RetryReason.Loading,
                $"{new StreamLabel(load.Stream)} is being loaded: {load.Version:N0} of {load.LastVersion:N0} events. "
                + "Repeat the call after a moment.");
        }

        load.Running = null;
        try
        {
            await running;
        }
        catch (JournalStoreException)
        {
            // What has been read stays read, as far as there is room for it.
            if (_kept.Count < MaxKept) Keep(load);
            throw;
        }
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _sweep.Dispose();
        _stopping.Dispose();
    }

    private void Keep(IStreamLoad load)
    {
        if (_kept.Count >= MaxKept || !_kept.TryAdd(load.Stream, new(load, _clock.GetTimestamp())))
        {
            LogNotKept(load.Stream, load.Version, load.LastVersion);
            load.GiveUp();
            return;
        }

        if (load.Running is not { } running) return;
        LogGoesOn(load.Stream, load.Version, load.LastVersion);
        _ = Observe(load, running);
    }

    private async Task Observe(IStreamLoad load, Task running)
    {
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (running.Exception?.GetBaseException() is { } failure) LogFailed(failure, load.Stream, load.Version, load.LastVersion);
    }

    private void DropIdle()
    {
        foreach (var (stream, kept) in _kept)
        {
            // One that runs comes to an end, and leaves snapshots meanwhile.
            if (kept.Load.Running is { IsCompleted: false } || _clock.GetElapsedTime(kept.Since) < IdleTime) continue;
            if (_kept.TryRemove(new(stream, kept))) LogDropped(stream, kept.Load.Version);
        }
    }

    private sealed record Kept(IStreamLoad Load, long Since);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Stream} takes long to load: {Version} of {LastVersion} events so far. It goes on, its callers are to repeat")]
    private partial void LogGoesOn(StreamLabel stream, long version, long lastVersion);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Stream} takes long to load, and so do too many others: what it has read, {Version} of {LastVersion} events, is dropped")]
    private partial void LogNotKept(StreamLabel stream, long version, long lastVersion);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Stream} was not loaded further than {Version} of {LastVersion} events; the next call tries again")]
    private partial void LogFailed(Exception exception, StreamLabel stream, long version, long lastVersion);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Stream} was loaded up to version {Version} and nobody has asked for it: it is dropped")]
    private partial void LogDropped(StreamLabel stream, long version);
}

/// <summary>A stream on its way into memory, whatever it is a stream of.</summary>
internal interface IStreamLoad
{
    string Stream { get; }

    /// <summary>Up to which it has been read.</summary>
    long Version { get; }

    /// <summary>Up to which it is to be read.</summary>
    long LastVersion { get; }

    /// <summary>The reading that is under way, or has ended and not been looked at.</summary>
    Task? Running { get; set; }

    /// <summary>Reads on, up to <see cref="LastVersion"/>; when that is reached already, up to the version that the stream has now.</summary>
    Task Continue(CancellationToken cancellationToken);

    /// <summary>Ends the reading that is under way.</summary>
    void GiveUp();
}
