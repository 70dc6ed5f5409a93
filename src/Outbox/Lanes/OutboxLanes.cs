using Holdfast.Journal;
using Holdfast.Journal.Writing;
using Holdfast.Outbox.Ownership;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Outbox.Lanes;

/// <summary>
/// The lanes of this silo; it owns those whose queues the balancer gave it. Messages are sent over lanes that the silo owns, so that
/// they are handed over in memory; one that has to take another's lane tells its owner.
/// </summary>
public sealed partial class OutboxLanes : ICommittedMessages, ILaneChoice, IDisposable
{
    /// <summary>Lanes of other releases that are looked for, so that nobody's messages are forgotten in silence.</summary>
    private const int MaxKnownLanes = 64;

    /// <summary>How long the previous owner of a lane is waited for: it may be paused, or dead and not yet known to be.</summary>
    private static readonly TimeSpan YieldTimeout = TimeSpan.FromSeconds(1);

    /// <summary>How long a stopping silo waits for the others to know, and for cancelled handlers to put their messages back.</summary>
    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(1);

    private readonly IJournalStore _store;
    private readonly LaneMap _map;
    private readonly LaneServiceClient _services;
    private readonly LaneNewsSender _news;
    private readonly OutboxOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Lane[] _lanes;
    private readonly HashSet<SiloAddress> _told = [];
    private readonly CancellationTokenSource _stopping = new();
    private volatile Task _saying = Task.CompletedTask;
    private volatile bool _closed;

    internal OutboxLanes(
        IJournalStore store,
        LaneMap map,
        LaneServiceClient services,
        LaneNewsSender news,
        IOptions<OutboxOptions> options,
        TimeProvider clock,
        ILogger<OutboxLanes> logger)
    {
        (_store, _map, _services, _news, _options, _clock, _logger) = (store, map, services, news, options.Value, clock, logger);
        _lanes = [.. Enumerable.Range(0, LaneNumbers.Count).Select(number => new Lane(number, options.Value, clock, logger))];
        Stopping = _stopping.Token;
        map.Changed += FollowMap;
    }

    /// <summary>Cancelled when handlers have had their time to end before the silo does.</summary>
    public CancellationToken Stopping { get; }

    public Lane this[int number] => _lanes[number];

    public LanesHealth Health
    {
        get
        {
            var owned = _lanes.Where(static lane => lane.IsOwned).ToArray();
            return new(_map.Mine, [.. owned.Select(static lane => lane.Number)], owned.Min(static lane => lane.UnreadableSince), _map.IsKnown && !_closed);
        }
    }

    /// <summary>
    /// The lane that a message is sent over: one that this silo owns if it owns any of the class, spread by the sender's key. In a rolling
    /// upgrade the newer classes' lanes can be given to a silo that does not know them: those of others are not used.
    /// </summary>
    public int Choose(LaneClass laneClass, string key)
    {
        var (first, count) = LaneNumbers.Of(laneClass);
        Span<int> owned = stackalloc int[count];
        var n = 0;
        for (var lane = first; lane < first + count; lane++)
        {
            if (_lanes[lane].IsOwned) owned[n++] = lane;
        }

        if (n == 0 && LaneNumbers.InsteadOf(laneClass) is { } instead) return Choose(instead, key);
        var hash = Journal.StableHash.Of(key);
        return n > 0 ? owned[(int)(hash % (uint)n)] : first + (int)(hash % (uint)count);
    }

    /// <summary>What waits in the lanes of one class that are this silo's.</summary>
    public LaneBacklog BacklogOf(LaneClass laneClass)
    {
        var (first, count) = LaneNumbers.Of(laneClass);
        var all = default(LaneBacklog);
        for (var lane = first; lane < first + count; lane++) all = all.With(_lanes[lane].Backlog);
        return all;
    }

    public void HandOver(IReadOnlyList<OutboxMessage> messages)
    {
        foreach (var message in messages)
        {
            if (!IsLane(message) || _lanes[message.Lane].Offer(message)) continue;

            // Not this silo's: it never was, or not any more, or not yet, in which case the table is about to be read.
            if ((OtherOwner(message.Lane) ?? _lanes[message.Lane].Heir) is { } owner) _news.Committed(owner, message);
        }
    }

    public void MayHaveBeenStored(IReadOnlyList<OutboxMessage> messages)
    {
        foreach (var message in messages)
        {
            if (!IsLane(message)) continue;
            if (OtherOwner(message.Lane) is { } owner) _news.Nudge(owner, message.Lane);
            else _lanes[message.Lane].Nudge();
        }
    }

    /// <summary>
    /// Whoever reads the feed has something to look for. One call a silo is under way at a time, however many commits there are.
    /// </summary>
    public void MayHaveBeenPublished()
    {
        var (feed, _) = LaneNumbers.Of(LaneClass.Feed);
        if (OtherOwner(feed) is { } owner) _news.Nudge(owner, feed);
        else _lanes[feed].Nudge();
    }

    /// <summary>
    /// The handler has finished, one way or the other, and the row says so. Where the lane has another owner now, that one is told.
    /// </summary>
    /// <param name="dueAgain">When the message is to be delivered again.</param>
    public void Finished(OutboxMessage message, DateTimeOffset? dueAgain = null)
    {
        if (_lanes[message.Lane].Finished(message, dueAgain) is { } heir) _news.Ended(heir, new(message.Lane, message.Id, dueAgain));
    }

    public void Dispose()
    {
        _map.Changed -= FollowMap;
        _stopping.Dispose();
    }

    internal void Hear(LaneNews news)
    {
        foreach (var message in news.Committed)
        {
            if (IsLane(message)) _lanes[message.Lane].Offer(message);
        }

        foreach (var run in news.Ended.Where(static run => run.Lane < LaneNumbers.Count)) _lanes[run.Lane].EndedElsewhere(run.Message, run.DueAgain);
        foreach (var lane in news.Nudged.Where(static lane => lane < LaneNumbers.Count)) _lanes[lane].Nudge();
    }

    internal Guid[] Yield(int lane, SiloAddress heir) => lane < LaneNumbers.Count ? [.. _lanes[lane].Yield(heir)] : [];

    /// <summary>
    /// Takes a lane over. Its previous owner, when it lives, stops taking its messages and says which still run there, so that they
    /// are not run twice; a dead one cannot be waited for.
    /// </summary>
    internal async Task TakeOver(Lane lane)
    {
        var previous = _map.PreviousOwnerOf(lane.Number);
        var running = previous is null || previous.Equals(_map.Self) ? [] : await AskToYield(lane.Number, previous);
        lane.TakeOver(running, previous);
        if (lane.Number == 0) LookForStrangers().Ignore();
    }

    /// <summary>
    /// The silo stops: the others take its lanes at once, and what runs here has time to end while the grains that it calls still live.
    /// </summary>
    /// <param name="cancellationToken">Cancelled at once when there is no time.</param>
    internal async Task Leave(CancellationToken cancellationToken)
    {
        _closed = true;
        var idle = Task.WhenAll(_lanes.Select(static lane => lane.Close()));
        if (!cancellationToken.IsCancellationRequested)
        {
            _map.SetLeaving(_map.Self);
            await Bounded(_saying, LeaveTimeout, cancellationToken);
            await Bounded(idle, _options.DrainTimeout, cancellationToken);
        }

        if (idle.IsCompleted) return;
        LogCancelsHandlers();
        await _stopping.CancelAsync();
        await Bounded(idle, LeaveTimeout, cancellationToken);
    }

    private async Task Bounded(Task task, TimeSpan limit, CancellationToken cancellationToken) =>
        await Task.WhenAny(task, Task.Delay(limit, _clock, cancellationToken));

    /// <summary>To all that do not know yet: one that joins meanwhile would leave lanes to this silo that nobody else gives it.</summary>
    private void SayLeaving()
    {
        lock (_told) _saying = Task.WhenAll([_saying, .. _map.Others.Where(_told.Add).Select(SayLeaving)]);
    }

    private async Task SayLeaving(SiloAddress silo)
    {
        try
        {
            await _services.At(silo).Leaving(_map.Self);
        }
#pragma warning disable CA1031 // It learns it from the membership a little later.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogNotAnswered(exception, silo);
        }
    }

    private async Task<IReadOnlyList<Guid>> AskToYield(int lane, SiloAddress previous)
    {
        try
        {
            return await _services.At(previous).Yield(lane, _map.Self).WaitAsync(YieldTimeout, _clock);
        }
#pragma warning disable CA1031 // The lane is taken over all the same: that only costs duplicates.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogNotAnswered(exception, previous);
            return [];
        }
    }

    private SiloAddress? OtherOwner(int lane) => _map.OwnerOf(lane) is { } owner && !owner.Equals(_map.Self) ? owner : null;

    private void FollowMap()
    {
        foreach (var lane in _lanes) lane.ForgetDead(_map.IsActive);
        _news.ForgetDead(_map.IsActive);
        if (_map.IsLeaving) SayLeaving();
    }

    private bool IsLane(OutboxMessage message)
    {
        if ((uint)message.Lane < LaneNumbers.Count) return true;
        LogStranger(message.Lane);
        return false;
    }

    /// <summary>Rows in lanes that only a newer or older release has wait until one of its silos runs.</summary>
    private async Task LookForStrangers()
    {
        try
        {
            for (var lane = LaneNumbers.Count; lane < MaxKnownLanes; lane++)
            {
                var rows = await _store.ReadDue(lane, DateTimeOffset.MaxValue, default, 1, CancellationToken.None);
                if (rows.Count > 0) LogStranger(lane);
            }
        }
        catch (JournalStoreException exception)
        {
            LogNotLookedFor(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "There are messages in lane {Lane}, which this release does not have: they wait for a silo that does")]
    private partial void LogStranger(int lane);

    [LoggerMessage(Level = LogLevel.Warning, Message = "It could not be seen whether there are messages in lanes that this release does not have")]
    private partial void LogNotLookedFor(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Silo} did not answer about its lanes")]
    private partial void LogNotAnswered(Exception exception, SiloAddress silo);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The silo stops while handlers run; they are cancelled, and their messages put back")]
    private partial void LogCancelsHandlers();
}
