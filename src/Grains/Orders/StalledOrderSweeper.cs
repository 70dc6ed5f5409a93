using Holdfast.Contracts;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Journal;
using Holdfast.Outbox.Lanes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Orders;

/// <summary>
/// The net below the steps: finds orders that are neither ended nor parked and that no message will move, and sets them going again. There
/// should be none. It goes over the journal in windows of time behind now, each order once when nothing has happened to it for longer
/// than a step is tried; one that still has a message then is looked at again later. Done by the owner of the first lane; two at once do no harm.
/// </summary>
internal sealed partial class StalledOrderSweeper(
    IJournalStore store, OutboxLanes lanes, IGrainFactory grains, IOptions<OrderOptions> options, TimeProvider clock, ILogger<StalledOrderSweeper> logger)
    : BackgroundService
{
    private const int PageSize = 200;

    /// <summary>Windows in which something still moved. When there are more, the oldest are looked at together.</summary>
    private const int MaxAgain = 500;

    /// <summary>
    /// What a window spans, so that reading it takes about as long as <see cref="ReadingTakes"/>. Not less, however long that takes: part of it
    /// may be the same for any window, and the sweep would not keep up with time.
    /// </summary>
    private static readonly TimeSpan ShortestWindow = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestWindow = TimeSpan.FromHours(6);
    private static readonly TimeSpan ReadingTakes = TimeSpan.FromSeconds(2);

    /// <summary>What has moved for longer is not looked at again after a start: a refund that is refused for ever, say.</summary>
    private static readonly TimeSpan LongestMove = TimeSpan.FromDays(2);

    /// <summary>When a window is looked at again, at the soonest and at the latest; the older it is, the later.</summary>
    private static readonly TimeSpan SoonestAgain = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LatestAgain = TimeSpan.FromHours(6);

    private static readonly string Prefix = $"{OrderKind.Instance.Name}/";

    private readonly RepeatedFailures _failures = new(clock);
    private readonly Queue<(DateTimeOffset DueAt, QuietWindow Window)> _again = [];

    /// <summary>Null until this silo sweeps.</summary>
    private DateTimeOffset? _sweptUntil;
    private DateTimeOffset? _storedUntil;
    private TimeSpan _span = ShortestWindow;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepPeriod, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (lanes[0].IsOwned) await Sweep(stoppingToken);
            else GiveUp();
        }
    }

    /// <summary>Another silo sweeps.</summary>
    private void GiveUp()
    {
        _again.Clear();
        _sweptUntil = _storedUntil = null;
    }

    private async Task Sweep(CancellationToken stopping)
    {
        try
        {
            // As of now, or it would never be done.
            var quietSince = clock.GetUtcNow() - options.Value.StepGiveUpAfter - options.Value.SweepMargin;
            await Begin(quietSince, stopping);
            do
            {
                for (var left = _again.Count; left > 0; left--) await LookAgain(stopping);
            }
            while (lanes[0].IsOwned && await TryLookFirst(quietSince, stopping));
        }
#pragma warning disable CA1031 // Whatever it is, the net stays up.
        catch (Exception exception) when (!stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            // Perhaps there was too much in the window for one question.
            _span = Within(_span / 4, ShortestWindow, LongestWindow);
            LogSweepFailed(exception);
        }
    }

    private async Task Begin(DateTimeOffset quietSince, CancellationToken stopping)
    {
        if (_sweptUntil is null)
        {
            try
            {
                _sweptUntil = _storedUntil = await store.ReadSweptUntil(stopping);
            }
            catch (JournalStoreException exception)
            {
                _sweptUntil = quietSince - LongestMove;
                if (_failures.IsDue(nameof(Begin), out _)) LogMarkFailed(exception);
            }
        }

        // A clock that was ahead has been set back: what is recorded from now on lies before that.
        if (_sweptUntil > quietSince) _sweptUntil = quietSince;
        if (_storedUntil > quietSince) await Store(quietSince, stopping);
    }

    /// <summary>False when there is nothing to look at now.</summary>
    private async Task<bool> TryLookFirst(DateTimeOffset quietSince, CancellationToken stopping)
    {
        if (_sweptUntil is not { } from || from >= quietSince) return false;
        await LookFirst(new(Prefix, from, Earlier(from + _span, quietSince), OrderKind.Endings), stopping);
        return true;
    }

    private async Task LookFirst(QuietWindow window, CancellationToken stopping)
    {
        var started = clock.GetTimestamp();
        await Look(window, stopping);
        _sweptUntil = window.Until;
        var took = clock.GetElapsedTime(started);
        _span = Within(took > ReadingTakes ? _span / 2 : took < ReadingTakes / 4 ? _span * 2 : _span, ShortestWindow, LongestWindow);

        var moving = _again.Select(static again => again.Window.From).Append(window.Until - options.Value.SweepLookBack).Min();
        var mark = Later(moving, window.Until - LongestMove);
        if (mark > _storedUntil) await Store(mark, stopping);

        // After a start there may be much to look at, and no hurry.
        await Task.Delay(took * 9, clock, stopping);
    }

    /// <summary>Whoever sweeps next begins there: a little earlier than this one has come, or where something still moved.</summary>
    private async Task Store(DateTimeOffset until, CancellationToken stopping)
    {
        try
        {
            await store.WriteSweptUntil(until, stopping);
            _storedUntil = until;
        }
        catch (JournalStoreException exception)
        {
            if (_failures.IsDue(nameof(Begin), out _)) LogMarkFailed(exception);
        }
    }

    private async Task LookAgain(CancellationToken stopping)
    {
        var (dueAt, window) = _again.Dequeue();
        if (dueAt > clock.GetUtcNow())
        {
            _again.Enqueue((dueAt, window));
            return;
        }

        try
        {
            await Look(window, stopping);
        }
        catch
        {
            // One that cannot be looked at now keeps no other from it.
            LookLater(window);
            throw;
        }
    }

    private async Task Look(QuietWindow window, CancellationToken stopping)
    {
        var moves = false;
        IReadOnlyList<string> found = [];
        do
        {
            found = await store.FindUnended(window, found.Count > 0 ? found[^1] : "", PageSize, stopping);

            // In this order: what was found unended and has no message afterwards has ended meanwhile, or stands. A look at a late charge moves
            // nothing: it only finds out whether there is money to be given back.
            var moving = found.Count > 0 ? (await store.WithMessages(found, StepType.LateCharge, stopping)).ToHashSet() : [];
            foreach (var stream in found) moves |= moving.Contains(stream) || !await TryResume(stream);
        }
        while (found.Count == PageSize);

        if (moves) LookLater(window);
    }

    private void LookLater(QuietWindow window)
    {
        if (_again.Count >= MaxAgain)
        {
            var (first, second) = (_again.Dequeue(), _again.Dequeue());
            var (from, until) = (Earlier(first.Window.From, second.Window.From), Later(first.Window.Until, second.Window.Until));
            _again.Enqueue((Later(first.DueAt, second.DueAt), first.Window with { From = from, Until = until }));
        }

        var now = clock.GetUtcNow();
        _again.Enqueue((now + Within((now - window.Until) / 2, SoonestAgain, LatestAgain), window));
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    /// <summary>Its owner knows better than its rows. False when it does not answer now, or cannot: it keeps no other from being asked.</summary>
    private async Task<bool> TryResume(string stream)
    {
        try
        {
            if (await grains.GetGrain<IOrderSteps>(stream[Prefix.Length..]).Resume() == StepReport.Stale) return true;
            OrderMetrics.RecordResumed();
            LogResumed(stream);
            return true;
        }
        catch (Exception exception) when (NoAnswer.Is(exception))
        {
            return false;
        }
#pragma warning disable CA1031 // A history that cannot be read, by this release perhaps.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (_failures.IsDue(nameof(TryResume), out var others)) LogNotResumed(exception, stream, others);
            return false;
        }
    }

    private static TimeSpan Within(TimeSpan time, TimeSpan least, TimeSpan most) => time < least ? least : time > most ? most : time;

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Stream} had neither ended nor was it parked, and nothing would have moved it: it is resumed")]
    private partial void LogResumed(StreamLabel stream);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Stream} has neither ended nor is it parked, nothing moves it, and it cannot be asked; so with {Others} more since the last such line")]
    private partial void LogNotResumed(Exception exception, StreamLabel stream, int others);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "How far the search for orders that nothing moves has come could not be read or stored; after a start it begins two days back")]
    private partial void LogMarkFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "It could not be looked for orders that nothing moves; the next sweep tries again")]
    private partial void LogSweepFailed(Exception exception);
}
