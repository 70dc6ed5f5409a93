using System.Globalization;
using Holdfast.Contracts;
using Holdfast.Journal;
using Holdfast.Silo.Settings;
using Holdfast.Views;

namespace Holdfast.Silo.Watching;

/// <summary>
/// Looks span after span whether this process meets more signs of races than it is used to, and says so: to the log, as a metric, and at
/// the desk where every front door can read it.
/// </summary>
internal sealed partial class RaceWatch(
    RaceSigns signs,
    ClockSteps steps,
    WatchMetrics metrics,
    HoldfastSettings settings,
    IGrainFactory grains,
    IServiceProvider services,
    TimeProvider clock,
    ILogger<RaceWatch> logger) : BackgroundService
{
    private readonly RepeatedFailures _failures = new(clock);
    private long _holes;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var span = settings.Watch.Span;
        var where = Where();
        var watcher = new RaceWatcher(signs, where, span, settings.Watch.Tolerance);

        // Of a silo that lists nothing, and of a front door by itself, there is none.
        var views = services.GetService<ViewFollowers>()?.Metrics;
        var reporting = Task.CompletedTask;
        using var timer = new PeriodicTimer(span, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (steps.Look()) signs.Count(RaceSign.ClockBack);
            if (views is not null) CountHoles(views);
            foreach (var change in watcher.Look(clock.GetUtcNow())) Say(change);

            // Beside: a desk that stands still must not make a span longer, by which all is judged.
            if (reporting.IsCompleted && watcher.Anomalies.ToArray() is { Length: > 0 } anomalies)
                reporting = Report(where, anomalies, stoppingToken);
        }
    }

    private void CountHoles(ViewMetrics views)
    {
        var found = views.HolesFound;
        signs.Count(RaceSign.Hole, found - _holes);
        _holes = found;
    }

    private string Where() => services.GetService<ILocalSiloDetails>() is { } silo
        ? $"silo {silo.SiloAddress.ToParsableString()}"
        : string.Create(CultureInfo.InvariantCulture, $"front door {Environment.MachineName}:{Environment.ProcessId}");

    private void Say(AnomalyChange change)
    {
        var (sign, anomaly) = (RaceSigns.NameOf(change.Anomaly.Sign), change.Anomaly);
        if (change.IsOver)
        {
            LogOver(sign, anomaly.Count, anomaly.Since);
            return;
        }

        metrics.RecordAnomaly(anomaly.Sign);
        LogAnomaly(sign, anomaly.PerMinute, anomaly.UsualPerMinute);
    }

    /// <summary>Said again with each look, for as long as it is listed: the desk may have died meanwhile.</summary>
    private async Task Report(string where, Anomaly[] anomalies, CancellationToken stopping)
    {
        try
        {
            await grains.GetGrain<IAnomalyDesk>(0).Report(where, anomalies).AsTask().WaitAsync(stopping);
        }
#pragma warning disable CA1031 // Whatever it is, the log has it, and the next look says it again.
        catch (Exception exception) when (!stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            if (_failures.IsDue(nameof(Report), out var others)) LogNotReported(exception.Message, others);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Signs of races are more than usual: {Sign} {PerMinute:F1} times a minute, where {Usual:F1} would be usual. "
            + "See docs/design/watching.md")]
    private partial void LogAnomaly(string sign, double perMinute, double usual);

    [LoggerMessage(
        Level = LogLevel.Information, Message = "Signs of races are as usual again: {Sign} was seen {Count} times since {Since}")]
    private partial void LogOver(string sign, long count, DateTimeOffset since);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The cluster could not be told of an anomaly, nor of {Others} before: {Why}")]
    private partial void LogNotReported(string why, int others);
}
