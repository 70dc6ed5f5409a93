using System.Collections.Concurrent;
using System.Net;

namespace Holdfast.Bench.Replay;

/// <summary>How often a client saw which HTTP status.</summary>
public sealed class AnswerCounts
{
    private const int OffendersKept = 5;

    private readonly ConcurrentDictionary<int, long> _statuses = new();
    private readonly ConcurrentQueue<string> _offenders = new();
    private int _unexpected;
    private long _lost;

    /// <summary>Answers by status.</summary>
    public IReadOnlyDictionary<int, long> Statuses => new SortedDictionary<int, long>(_statuses);

    /// <summary>Requests that got no answer: refused, broken off, or too late.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>
    /// A server with nothing in front of it, asked for nothing wrong, answers with success, or with "again". It is 503 when it
    /// could not do it; every other 5xx is a failure that it did not see coming.
    /// </summary>
    public static CheckResult NoneUnexpected(params IReadOnlyList<AnswerCounts> all) => new(
        "no client ever saw a 500, or another status that it should not",
        all.Sum(static counts => (int)counts._statuses.Values.Sum()),
        all.Sum(static counts => counts._unexpected),
        [.. all.SelectMany(static counts => counts._offenders)]);

    internal void Count(HttpRequestMessage request, HttpStatusCode status, bool asksForRetry)
    {
        _statuses.AddOrUpdate((int)status, 1, static (_, count) => count + 1);
        var expected = (int)status < 400 || (asksForRetry && ((int)status < 500 || status == HttpStatusCode.ServiceUnavailable));
        if (!expected && Interlocked.Increment(ref _unexpected) <= OffendersKept)
            _offenders.Enqueue($"{request.Method} {request.RequestUri}: {(int)status}");
    }

    internal void CountLost() => Interlocked.Increment(ref _lost);
}
