using Holdfast.Journal;
using Holdfast.Journal.Feed;
using Holdfast.Views.Store;
using Microsoft.Extensions.Logging;

namespace Holdfast.Views;

/// <summary>Keeps all views up with the feed. One that fails keeps no other from going on.</summary>
public sealed partial class ViewFollowers
{
    /// <summary>From one look at the feed to the next while another view is made anew.</summary>
    private static readonly TimeSpan PauseBeside = TimeSpan.FromMilliseconds(150);

    private readonly ViewStore _store;
    private readonly IFeed _feed;
    private readonly TimeProvider _clock;
    private readonly ILogger<ViewFollowers> _logger;
    private readonly RepeatedFailures _failures;
    private readonly (string Name, ViewFollower Follower)[] _followers;

    public ViewFollowers(ViewStore store, IFeed feed, IJournalStore journal, TimeProvider clock, ILogger<ViewFollowers> logger)
    {
        (_store, _feed, _clock, _logger, _failures) = (store, feed, clock, logger, new(clock));
        Metrics = new(clock);
        IView[] views = [new OrdersView(journal), new StockView()];
        _followers = Array.ConvertAll(views, view => (view.Name, new ViewFollower(view, store, feed, journal, Metrics, clock, logger)));
    }

    /// <summary>How they are.</summary>
    public ViewMetrics Metrics { get; }

    /// <summary>Makes the views' database. Safe when several silos start at once.</summary>
    /// <exception cref="JournalStoreException">It cannot be used.</exception>
    public async Task Initialize(CancellationToken cancellationToken)
    {
        await _store.Initialize(cancellationToken);
        await new Generations(_store).Create(cancellationToken);
    }

    /// <summary>Has a view made anew by whoever follows the feed.</summary>
    /// <returns>False when it has not been made yet.</returns>
    /// <exception cref="JournalStoreException">The views' database cannot be used.</exception>
    public static async Task<bool> Want(string view, ViewStore store, CancellationToken cancellationToken)
    {
        try
        {
            return await store.Commit(Generations.Want(view), [], cancellationToken);
        }
        catch (JournalStoreException missing) when (ViewStore.IsMissingTable(missing))
        {
            return false;
        }
    }

    /// <summary>Reads all that there is, as long as it is this silo's to read.</summary>
    /// <returns>True when there was something.</returns>
    public async Task<bool> Follow(Func<bool> isMine, CancellationToken cancellationToken)
    {
        var (pages, behind) = (new FeedPages(_feed), _followers.Length);
        var allDone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new Lock();
        var found = await Task.WhenAll(_followers.Select(each => FollowBeside(each.Name, each.Follower)));
        if (!isMine()) Metrics.Forget();
        return Array.Exists(found, static found => found);

        // A view that is made anew takes its time: the others go on with what comes meanwhile.
        async Task<bool> FollowBeside(string name, ViewFollower follower)
        {
            var pass = await FollowOnce();
            var found = pass.Found;

            // In most passes all are done a moment later: nobody then waits for longer, or looks again.
            while (!await IsDone(allDone.Task, cancellationToken) && isMine() && !cancellationToken.IsCancellationRequested)
            {
                // What failed is tried again as it was: it may have nothing yet that could be read.
                if (pass.Failed && TryBegin()) pass = await FollowOnce();
                else pass = await Follow(name, follower, isMine, pages, beside: true, cancellationToken) with { Failed = false };
                found |= pass.Found;
            }

            return found;

            async Task<(bool Found, bool Failed)> FollowOnce()
            {
                try
                {
                    return await Follow(name, follower, isMine, pages, beside: false, cancellationToken);
                }
                finally
                {
                    lock (gate)
                    {
                        if (--behind == 0) allDone.SetResult();
                    }
                }
            }
        }

        // False when all are done meanwhile.
        bool TryBegin()
        {
            lock (gate) return behind > 0 && ++behind > 0;
        }
    }

    /// <summary>False when it is not after a while.</summary>
    private async Task<bool> IsDone(Task all, CancellationToken cancellationToken)
    {
        await all.WaitAsync(PauseBeside, _clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return all.IsCompleted;
    }

    private async Task<(bool Found, bool Failed)> Follow(
        string name, ViewFollower follower, Func<bool> isMine, FeedPages pages, bool beside, CancellationToken cancellationToken)
    {
        try
        {
            return (await follower.Follow(isMine, pages, beside, cancellationToken), false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return (false, false);
        }
#pragma warning disable CA1031 // The view falls behind, and says so; the next pass tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Metrics.Failed(name);
            if (_failures.IsDue($"{name} {exception.GetType().Name}", out var others)) LogFailed(exception, name, others);

            // Somebody has dropped all that there was.
            if (exception is JournalStoreException missing && ViewStore.IsMissingTable(missing)) await TryInitialize(cancellationToken);
            return (false, true);
        }
    }

    private async Task TryInitialize(CancellationToken cancellationToken)
    {
        try
        {
            await Initialize(cancellationToken);
        }
        catch (JournalStoreException unusable)
        {
            if (_failures.IsDue(nameof(Initialize), out var others)) LogNotMade(unusable, others);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The view {View} could not go on; it is tried again ({Others} more like it since the last such line)")]
    private partial void LogFailed(Exception exception, string view, int others);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The database of the views could not be made; it is tried again ({Others} more like it since the last such line)")]
    private partial void LogNotMade(Exception exception, int others);
}
