using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Holdfast.Lab.Sagas.EfOutbox;

/// <summary>
/// Takes messages out of the outbox, several at a time, each in the transaction of what it causes. Whoever has committed a message
/// says so, and it is taken at once; a slow sweep finds those that nobody speaks of, because their process has ended.
/// </summary>
internal sealed partial class OutboxRelay(
    IDbContextFactory<ShopContext> contexts, OutboxSteps steps, OrderEnds ends, TimeProvider clock, ILogger<OutboxRelay> log, int parallelism)
    : BackgroundService
{
    private const int SweepSize = 1_000;

    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly Channel<long> _hints = Channel.CreateUnbounded<long>();

    /// <summary>The message is committed.</summary>
    public void Hint(OutboxMessage message) => _hints.Writer.TryWrite(message.Id);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll([Sweep(stoppingToken), .. Enumerable.Range(0, parallelism).Select(_ => Task.Run(() => Work(stoppingToken), stoppingToken))]);

    private async Task Work(CancellationToken cancellationToken)
    {
        await foreach (var id in _hints.Reader.ReadAllAsync(cancellationToken))
        {
            try
            {
                await Handle(id);
            }
            catch (Exception e)
            {
                // The message is in the outbox still; the sweep comes back to it.
                LogFailed(log, id, e);
            }
        }
    }

    private async Task Handle(long id)
    {
        await using var shop = await contexts.CreateDbContextAsync();
        await using var transaction = await shop.Database.BeginTransactionAsync();
        var message = await shop.Outbox.FromSql($"SELECT * FROM outbox WHERE id = {id} FOR UPDATE SKIP LOCKED").SingleOrDefaultAsync();
        if (message is null) return;
        var next = await steps.Do(shop, message);
        shop.Outbox.Remove(message);
        await shop.SaveChangesAsync();
        await transaction.CommitAsync();
        if (next is not null) Hint(next);
        else ends.Ended(message.OrderId, Enum.Parse<OrderEnd>(shop.Orders.Local.Single().Status));
    }

    private async Task Sweep(CancellationToken cancellationToken)
    {
        var seen = new HashSet<long>();
        while (!cancellationToken.IsCancellationRequested)
        {
            await using (var shop = await contexts.CreateDbContextAsync(cancellationToken))
            {
                var found = await shop.Outbox.OrderBy(static message => message.Id).Take(SweepSize).Select(static message => message.Id).ToListAsync(cancellationToken);

                // Only one that was there a sweep ago: a younger one is being worked on.
                foreach (var id in found.Where(seen.Contains)) _hints.Writer.TryWrite(id);
                seen = [.. found];
            }

            await Task.Delay(SweepInterval, clock, cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Message {Id} of the outbox failed and will be tried again")]
    private static partial void LogFailed(ILogger log, long id, Exception error);
}
