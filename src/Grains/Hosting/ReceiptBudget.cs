using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using Holdfast.Domain.Owner;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Hosting;

/// <summary>How much of a silo's memory its owners' receipts may take.</summary>
public sealed class ReceiptOptions
{
    /// <summary>Of the memory that the process may use, when nothing else is said: 128 MB, 1.2 million receipts, of the 768 MB of a container of 1 GB.</summary>
    private const int DefaultShare = 6;

    /// <summary>Bytes; past it the oldest receipts move to the table, whichever owners have them.</summary>
    [Range(typeof(long), "1", "9223372036854775807")]
    public long MemoryBytes { get; set; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / DefaultShare;
}

/// <summary>
/// The memory that the receipts of all owners on the silo take together. While it is more than they may, those owners that have the
/// oldest are asked to move them to the table: with an append of their own when they have no other.
/// </summary>
public sealed partial class ReceiptBudget(IOptions<ReceiptOptions> options, TimeProvider clock, ILogger<ReceiptBudget> logger) : BackgroundService
{
    /// <summary>Receipts that all owners together are asked to move at a time: others' commits wait behind them.</summary>
    private const int MaxMoving = 2 * ReceiptBook.SpillSize;

    /// <summary>Owners asked at a time.</summary>
    private const int MaxAsked = 256;

    /// <summary>An owner with fewer is passed over: an append would cost more than it gives back.</summary>
    private const int WorthMoving = 8;

    /// <summary>Once too many, receipts move until they take this many hundredths of what they may.</summary>
    private const int RelievedPercent = 90;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>How long an owner that was asked is waited for. It may be gone, or its store away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<ReceiptShare, bool> _shares = new();
    private long _used;

    /// <summary>Bytes that receipts take on this silo.</summary>
    public long UsedBytes => Interlocked.Read(ref _used);

    /// <summary>What one owner's receipts take; nothing yet.</summary>
    /// <param name="spill">Asks the owner, from any thread, to move its oldest receipts; ends when it has.</param>
    public ReceiptShare Open(Func<int, Task> spill) => new(this, spill);

    internal void Change(ReceiptShare share, long by)
    {
        Interlocked.Add(ref _used, by);
        if (share.Bytes > 0) _shares.TryAdd(share, true);
        else _shares.TryRemove(share, out _);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (UsedBytes > options.Value.MemoryBytes) await Relieve(stoppingToken);
        }
    }

    private async Task Relieve(CancellationToken stoppingToken)
    {
        var (goal, moved) = (options.Value.MemoryBytes / 100 * RelievedPercent, 0);
        LogOver(UsedBytes, options.Value.MemoryBytes);
        while (UsedBytes - goal is > 0 and var excess && !stoppingToken.IsCancellationRequested)
        {
            var before = UsedBytes;
            var asked = Oldest(excess);
            await Task.WhenAll(asked.Select(static ask => ask.Share.Spill(ask.Count)))
                .WaitAsync(Patience, clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            moved += asked.Sum(static ask => ask.Count);

            // Nothing was gained: what is left has little to move, or the store is away.
            if (UsedBytes >= before) break;
        }

        LogRelieved(moved, UsedBytes);
    }

    /// <summary>Whom to ask for how many, those with the oldest first.</summary>
    private List<(ReceiptShare Share, int Count)> Oldest(long bytes)
    {
        var asked = new List<(ReceiptShare, int)>();
        var left = (int)Math.Min(MaxMoving, (bytes / ReceiptBook.BytesPerReceipt) + 1);
        foreach (var share in _shares.Keys.Where(static share => share.Movable >= WorthMoving).OrderBy(static share => share.OldestAt))
        {
            var count = Math.Min(Math.Max(left, WorthMoving), Math.Min(share.Movable, ReceiptBook.SpillSize));
            asked.Add((share, count));
            left -= count;
            if (left <= 0 || asked.Count == MaxAsked) break;
        }

        return asked;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Receipts take {Used} bytes of memory and may take {Allowed}: the oldest move to the table")]
    private partial void LogOver(long used, long allowed);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Moved} receipts were asked to move to the table; receipts take {Used} bytes now")]
    private partial void LogRelieved(int moved, long used);
}

/// <summary>What the receipts of one owner take of its silo's memory. Changed by the owner alone, looked at by anyone.</summary>
public sealed class ReceiptShare : IDisposable
{
    private readonly ReceiptBudget _budget;
    private readonly Func<int, Task> _spill;
    private bool _closed;
    private long _bytes;
    private long _oldestAt;
    private int _movable;

    internal ReceiptShare(ReceiptBudget budget, Func<int, Task> spill) => (_budget, _spill) = (budget, spill);

    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>When the oldest was recorded, Unix milliseconds.</summary>
    public long OldestAt => Volatile.Read(ref _oldestAt);

    /// <summary>How many could move.</summary>
    public int Movable => Volatile.Read(ref _movable);

    public Task Spill(int count) => _spill(count);

    /// <param name="keep">How many of the newest stay in memory.</param>
    public void Update(ReceiptBook receipts, int keep)
    {
        if (_closed) return;
        Volatile.Write(ref _oldestAt, receipts.OldestAt);
        Volatile.Write(ref _movable, receipts.Count - keep);
        Take(receipts.Bytes);
    }

    public void Dispose()
    {
        _closed = true;
        Take(0);
    }

    private void Take(long bytes)
    {
        if (bytes == _bytes) return;
        var by = bytes - _bytes;
        Volatile.Write(ref _bytes, bytes);
        _budget.Change(this, by);
    }
}
