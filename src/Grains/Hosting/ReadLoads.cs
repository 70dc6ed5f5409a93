using Holdfast.Journal;
using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Hosting;

/// <summary>
/// The loads that happen only because somebody reads. There is no end to the names that can be asked for, and each load costs many times
/// what an answer from memory does: somebody who reads one name after the other would take the processors from those who buy. So these
/// loads take turns, a few at a time, and after each the turn rests for some times as long as the load took. On an idle silo that is
/// thousands of loads a second; on a busy one a load takes longer, and so there are fewer. Whatever changes something waits here only
/// when its owner is just being loaded for a reader, and is never refused.
/// </summary>
/// <remarks>Thread-safe.</remarks>
public sealed partial class ReadLoads : IDisposable
{
    /// <summary>Reads that wait for their turn; the next one is refused.</summary>
    public const int MaxWaiting = 1_024;

    /// <summary>Loads under way, or resting, for each processor.</summary>
    private const int TurnsPerProcessor = 4;

    /// <summary>How many times as long as the load took its turn rests.</summary>
    private const int Rest = 4;

    /// <summary>However long the load took: a store that does not answer is not the fault of those who wait.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a read waits for its turn; and whoever would change the same owner, with it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _clock;
    private readonly ILogger<ReadLoads> _logger;
    private readonly RepeatedFailures _refusals;
    private readonly SemaphoreSlim _turns;
    private int _waiting;

    public ReadLoads(TimeProvider clock, ILogger<ReadLoads> logger)
        : this(clock, logger, TurnsPerProcessor * Environment.ProcessorCount)
    {
    }

    /// <param name="clock">For the rests.</param>
    /// <param name="logger">Hears that reads are refused.</param>
    /// <param name="turns">Loads under way, or resting.</param>
    public ReadLoads(TimeProvider clock, ILogger<ReadLoads> logger, int turns) =>
        (_clock, _logger, _refusals, _turns) = (clock, logger, new(clock), new(turns));

    /// <summary>Reads that wait for their turn.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Waits for a turn, to be given back when the load has ended; null when too many wait.</summary>
    public async ValueTask<IDisposable?> TakeTurn(CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref _waiting) <= MaxWaiting && await _turns.WaitAsync(Patience, cancellationToken)) return new Turn(this);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        if (_refusals.IsDue(nameof(TakeTurn), out var others)) LogRefused(MaxWaiting, others);
        return null;
    }

    public void Dispose() => _turns.Dispose();

    private async Task RestAndRelease(TimeSpan loaded)
    {
        var rest = loaded * Rest;
        await Task.Delay(rest < LongestRest ? rest : LongestRest, _clock).ConfigureAwait(false);
        try
        {
            _turns.Release();
        }
        catch (ObjectDisposedException)
        {
            // The silo has stopped meanwhile.
        }
    }

    private sealed class Turn(ReadLoads loads) : IDisposable
    {
        private readonly long _started = loads._clock.GetTimestamp();

        public void Dispose() => _ = loads.RestAndRelease(loads._clock.GetElapsedTime(_started));
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Waiting} reads of what is not in memory wait already: one is refused, and so were {Others} more since the last such line. Somebody may be reading one name after the other")]
    private partial void LogRefused(int waiting, int others);
}
