using Holdfast.Domain.Owner;
using Holdfast.Journal;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Hosting;

/// <summary>Removes receipts from the table when no owner can ask for them any more.</summary>
internal sealed partial class ReceiptSweeper(IJournalStore store, TimeProvider clock, ILogger<ReceiptSweeper> logger) : BackgroundService
{
    private const int BatchSize = 10_000;

    private static readonly TimeSpan Period = TimeSpan.FromMinutes(10);

    /// <summary>Longer than receipts are kept: an owner's time can be ahead of the clock.</summary>
    private static readonly TimeSpan Keep = TimeSpan.FromMilliseconds(ReceiptBook.KeepMilliseconds) + TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken)) await Sweep(stoppingToken);
    }

    private async Task Sweep(CancellationToken cancellationToken)
    {
        try
        {
            while (await store.ForgetReceipts(clock.GetUtcNow() - Keep, BatchSize, cancellationToken) == BatchSize)
            {
            }
        }
        catch (JournalStoreException exception)
        {
            LogSweepFailed(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old receipts could not be removed; the next sweep tries again")]
    private partial void LogSweepFailed(Exception exception);
}
