using Holdfast.Journal;
using Holdfast.Journal.Writing;

namespace Holdfast.Silo.Cluster;

/// <summary>Says when this machine's clock and the database's come apart, and when they agree again. For one thread.</summary>
internal sealed partial class ClockWatch(ClusterClock clock, ILogger<ClockWatch> logger)
{
    private bool _skewed;

    public void Look()
    {
        var skew = clock.Skew;
        JournalMetrics.RecordSkew(skew);
        var skewed = skew.Duration() > Budgets.NotableSkew;
        if (skewed && !_skewed) LogSkewed(skew);
        if (!skewed && _skewed) LogNotSkewed();
        _skewed = skewed;
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "This machine's clock is {Skew} ahead of the database's, whose time is used; the clocks of the cluster should be set")]
    private partial void LogSkewed(TimeSpan skew);

    [LoggerMessage(Level = LogLevel.Information, Message = "This machine's clock agrees with the database's again")]
    private partial void LogNotSkewed();
}
