using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Hosting;

/// <summary>How much of the memory that the process may use is taken, as the latest collection left it.</summary>
/// <remarks>Thread-safe, and cheap to ask for each call: the collector is asked ten times a second at most.</remarks>
public sealed partial class MemoryPressure
{
    /// <summary>Above this share of what there is, nothing new is begun: what was begun needs the rest to end.</summary>
    public const double ShortShare = 0.75;

    /// <summary>Below it there is enough again; between the two it stays as it was, or it would change with every collection.</summary>
    private const double EnoughShare = 0.65;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    /// <summary>A collection of everything, in the background, is asked for no more often than this.</summary>
    private static readonly TimeSpan CollectPeriod = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly TimeProvider _clock;
    private readonly Func<double> _read;
    private readonly Action _collect;
    private readonly ILogger _logger;
    private long _readAt;
    private long _collectedAt;
    private volatile bool _isShort;
    private double _share;

    public MemoryPressure(TimeProvider clock, ILogger<MemoryPressure> logger)
        : this(clock, logger, ReadHeap, static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false))
    {
    }

    /// <param name="clock">For the pauses between two looks.</param>
    /// <param name="logger">Hears when memory gets short, and when it is enough again.</param>
    /// <param name="read">The share that is taken.</param>
    /// <param name="collect">Has everything collected that nobody needs.</param>
    public MemoryPressure(TimeProvider clock, ILogger logger, Func<double> read, Action collect)
    {
        (_clock, _logger, _read, _collect) = (clock, logger, read, collect);
        _readAt = _collectedAt = clock.GetTimestamp();
        _share = read();
    }

    /// <summary>So much is taken that nothing new is to be begun.</summary>
    public bool IsShort
    {
        get
        {
            Look();
            return _isShort;
        }
    }

    /// <summary>Of what the process may use, 0 to 1.</summary>
    public double Share
    {
        get
        {
            Look();
            return Volatile.Read(ref _share);
        }
    }

    /// <summary>Has everything collected that nobody needs, in the background: what has left memory looks used until then.</summary>
    public void Collect() => _collect();

    private static double ReadHeap()
    {
        var memory = GC.GetGCMemoryInfo(GCKind.Any);
        return memory.TotalAvailableMemoryBytes > 0 ? (double)memory.HeapSizeBytes / memory.TotalAvailableMemoryBytes : 0;
    }

    private void Look()
    {
        if (_clock.GetElapsedTime(Volatile.Read(ref _readAt)) < Period || !_lock.TryEnter()) return;
        try
        {
            var share = _read();
            Volatile.Write(ref _share, share);
            var wasShort = _isShort;
            _isShort = share > (wasShort ? EnoughShare : ShortShare);
            if (_isShort && !wasShort) LogShort(share);
            if (!_isShort && wasShort) LogEnough(share);

            // A young collection leaves what only looks used; nobody may be refused for that.
            if (_isShort && (!wasShort || _clock.GetElapsedTime(_collectedAt) >= CollectPeriod))
            {
                _collectedAt = _clock.GetTimestamp();
                _collect();
            }

            Volatile.Write(ref _readAt, _clock.GetTimestamp());
        }
        finally
        {
            _lock.Exit();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Share:P0} of the memory that this process may use is taken: nothing new is begun until there is room")]
    private partial void LogShort(double share);

    [LoggerMessage(Level = LogLevel.Information, Message = "Memory is enough again: {Share:P0} is taken")]
    private partial void LogEnough(double share);
}
