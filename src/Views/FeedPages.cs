using Holdfast.Journal.Feed;

namespace Holdfast.Views;

/// <summary>The feed for views that follow it side by side: those at the same place get the same page, which is read once.</summary>
internal sealed class FeedPages(IFeed feed)
{
    /// <summary>Rows of a page.</summary>
    private const int Rows = 4_000;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _takers = new(StringComparer.Ordinal);
    private string _epoch = "";
    private long _after;
    private Task<FeedPage>? _newest;

    /// <summary>The page behind a position of an epoch. A view that asks for the same once more gets what has come since.</summary>
    public Task<FeedPage> Read(string view, string epoch, long after, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_newest is { } page && (_epoch, _after) == (epoch, after) && _takers.Add(view)) return page;
            _takers.Clear();
            _takers.Add(view);
            (_epoch, _after, _newest) = (epoch, after, feed.Read(after, Rows, cancellationToken));
            return _newest;
        }
    }
}
