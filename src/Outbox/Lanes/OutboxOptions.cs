using System.ComponentModel.DataAnnotations;

namespace Holdfast.Outbox.Lanes;

/// <summary>How lanes read, run and retry.</summary>
public sealed class OutboxOptions
{
    /// <summary>Handlers of one lane that run at the same time.</summary>
    [Range(1, 10_000)]
    public int MaxConcurrentHandlers { get; set; } = 128;

    /// <summary>Messages of one lane that wait in memory; past it they wait in the table.</summary>
    [Range(1, 1_000_000)]
    public int MaxQueued { get; set; } = 2_048;

    /// <summary>
    /// How long the steps of an order may have to wait in this silo's lanes before new orders are refused as overloaded. Well below the
    /// deadline for reserving, or what was accepted would be cancelled.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan MaxQueueDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The same for payments. Goods are held for far longer, and a gateway that is slow for a while is no reason to send customers away.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan MaxPaymentDelay { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Rows read from the table at once.</summary>
    [Range(1, 10_000)]
    public int PageSize { get; set; } = 512;

    /// <summary>How often the table is read when nothing calls for it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan SweepPeriod { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How soon after taking a lane over the table is read a second time: another owner's last commits may come late.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan SecondReadAfter { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The wait after a handler's first failure; doubled with each further one, with jitter.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan FirstBackoff { get; set; } = TimeSpan.FromMilliseconds(200);

    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest wait of a message that was put back through no fault of its handler.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan MaxPutBack { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How old a message may become whose type this release does not know, before it becomes a dead letter: in a rolling upgrade it is one of
    /// the next release, and the next owner of its lane will know it.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan UnknownTypePatience { get; set; } = TimeSpan.FromDays(3);

    /// <summary>The longest wait of a message whose type is not known here.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan MaxUnknownPutBack { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Runs of a handler before its message becomes a dead letter.</summary>
    [Range(1, 1_000)]
    public int MaxAttempts { get; set; } = 12;

    /// <summary>How long handlers have to end when their silo stops; then they are cancelled and their messages put back.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A message in hand whose handler has not reported back for this long is delivered again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan HandlerLease { get; set; } = TimeSpan.FromMinutes(2);
}
