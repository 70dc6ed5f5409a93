using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Holdfast.Tests.Api.Http.Callers;

/// <summary>Everything that this process says of itself in logs, traces and metrics.</summary>
internal sealed class Overheard : ILoggerProvider, ILogger
{
    private readonly ActivityListener _activities;
    private readonly MeterListener _metrics = new();

    public Overheard()
    {
        _activities = new()
        {
            // Of Orleans what is exported; the test's own client is in this process, too.
            ShouldListenTo = static source => source.Name is "Microsoft.Orleans.Runtime" or "Microsoft.Orleans.Application"
                || !(source.Name.StartsWith("Microsoft.Orleans", StringComparison.Ordinal)
                    || source.Name.StartsWith("System.Net", StringComparison.Ordinal)),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => Traces.Add(
                $"{activity.Source.Name} {activity.DisplayName} {Text(activity.TagObjects)} {Text(activity.Baggage)} "
                + $"{activity.StatusDescription} "
                + string.Join(' ', activity.Events.Select(static said => $"{said.Name} {Text(said.Tags)}"))),
        };
        ActivitySource.AddActivityListener(_activities);
        _metrics.InstrumentPublished = static (instrument, listener) => listener.EnableMeasurementEvents(instrument);
        _metrics.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Measures.Add($"{instrument.Name} {Text(tags.ToArray())}"));
        _metrics.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Measures.Add($"{instrument.Name} {Text(tags.ToArray())}"));
        _metrics.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Measures.Add($"{instrument.Name} {Text(tags.ToArray())}"));
        _metrics.Start();
    }

    public ConcurrentBag<string> Lines { get; } = [];

    /// <summary>What ASP.NET Core would say around each line of a request (its path), to a log that was set to write it.</summary>
    public ConcurrentBag<string> Surroundings { get; } = [];

    public ConcurrentBag<string> Traces { get; } = [];

    public ConcurrentBag<string> Measures { get; } = [];

    public IEnumerable<string> All => Lines.Concat(Traces).Concat(Measures);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        Surroundings.Add(Text(state));
        return null;
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Add($"{logLevel} {formatter(state, exception)} {Text(state)} {exception}");

    public void Dispose()
    {
        _activities.Dispose();
        _metrics.Dispose();
    }

    private static string Text(object? state) => state is IEnumerable<KeyValuePair<string, object?>> pairs
        ? string.Join(' ', pairs.Select(static pair => $"{pair.Key}={pair.Value}"))
        : state is IEnumerable<KeyValuePair<string, string?>> texts ? string.Join(' ', texts) : $"{state}";
}
