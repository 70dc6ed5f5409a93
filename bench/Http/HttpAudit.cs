using System.Globalization;

namespace Holdfast.Bench.Http;

/// <summary>
/// Whether Holdfast did what it answered that it had done, once and no more: units that products hold, or have lost, against answers
/// that were counted. What was on its way when a run's time was up may be done as well: one request a connection.
/// </summary>
/// <param name="skus">Made for it, each with all the stock that there can be; nobody else asks for them meanwhile.</param>
/// <param name="units">Of all of them, how many were taken in the way that is counted.</param>
internal sealed class HttpAudit(HttpServers servers, IReadOnlyList<string> skus, Func<StockSum, long> units)
{
    private long _accepted;
    private long _onTheirWay;

    public void Add(WrkReport report, int connections)
    {
        _accepted += report.Accepted;
        _onTheirWay += connections;
    }

    /// <summary>Null when it agrees, else what does not.</summary>
    public async Task<string?> Check(string what, CancellationToken cancellationToken)
    {
        var taken = units(await servers.Sum(skus, cancellationToken));
        if (taken >= _accepted && taken <= _accepted + _onTheirWay) return null;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {_accepted:N0} were accepted, at most {_onTheirWay:N0} more were on their way, and the stock says {taken:N0}");
    }
}
