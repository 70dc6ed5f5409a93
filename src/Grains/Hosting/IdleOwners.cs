using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Hosting;

/// <summary>
/// Lets idle owners leave memory the sooner, the less of it there is. Orleans' own shedding looks every five seconds, after a collection
/// of everything, and then lets a twentieth go: somebody who reads one product after the other fills memory faster than that.
/// </summary>
internal sealed partial class IdleOwners(
    MemoryPressure memory, IGrainFactory grains, ILocalSiloDetails self, TimeProvider clock, ILogger<IdleOwners> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>What has left is still in the heap until everything is collected; asked for no more often than this.</summary>
    private static readonly TimeSpan CollectPeriod = TimeSpan.FromSeconds(3);

    /// <summary>How long an owner may be idle from which share of memory on; below the first, for as long as Orleans lets it.</summary>
    private static readonly (double Share, TimeSpan Age)[] Ages =
    [
        (0.65, TimeSpan.FromSeconds(1)),
        (0.6, TimeSpan.FromSeconds(5)),
        (0.5, TimeSpan.FromSeconds(30)),
        (0.4, TimeSpan.FromMinutes(2)),
    ];

    /// <summary>How long an owner may be idle when so much of the memory is taken; null for as long as it likes.</summary>
    public static TimeSpan? AgeAt(double share)
    {
        foreach (var (from, age) in Ages)
        {
            if (share >= from) return age;
        }

        return null;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        var collectedAt = clock.GetTimestamp();
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (AgeAt(memory.Share) is not { } age) continue;
            await Collect(age, stoppingToken);
            if (clock.GetElapsedTime(collectedAt) < CollectPeriod) continue;
            collectedAt = clock.GetTimestamp();
            memory.Collect();
        }
    }

    private async Task Collect(TimeSpan age, CancellationToken cancellationToken)
    {
        try
        {
            await grains.GetGrain<IManagementGrain>(0).ForceActivationCollection([self.SiloAddress], age, cancellationToken).WaitAsync(cancellationToken);
        }
#pragma warning disable CA1031 // Whatever it was, memory is looked at again in a moment.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogNotCollected(exception.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Memory is short, and idle owners could not be told to leave it: {Why}")]
    private partial void LogNotCollected(string why);
}
