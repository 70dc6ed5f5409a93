using System.Collections.Concurrent;
using Holdfast.Contracts.Leases;

namespace Holdfast.Rings.Linearizability;

/// <summary>Clients of leases with short terms, who try to renew and to release what they, or others, once held.</summary>
internal sealed class LeaseClients(string name, RestartableSilo silo, HistoryRecorder recorder, ulong seed)
    : LiveClients(name, silo, recorder, seed)
{
    /// <summary>
    /// Owners tell moments of the clock; histories have timestamps. How far the two may be apart, with the millisecond to which owners
    /// round.
    /// </summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(20);

    /// <summary>The same moment on both: what is told the same is recorded the same.</summary>
    private static readonly (DateTimeOffset Clock, long Timestamp) Origin =
        (TimeProvider.System.GetUtcNow(), TimeProvider.System.GetTimestamp());

    private static readonly int[] Terms = [5, 40, 400];

    private readonly ConcurrentDictionary<string, long> _heard = new();

    public override string Model => "lease";

    protected override Task Ask(Random random, string client, string key) => random.Next(20) switch
    {
        < 9 => Acquire(random, client, key),
        < 13 => Change(random, client, key, renews: true),
        < 16 => Change(random, client, key, renews: false),
        _ => Record(
            client, key, random, "read", new { },
            grains => grains.GetGrain<ILease>(key).Read(),
            (lease, _) => Answer(lease.ExpiresAt is null ? "free" : "held", lease)),
    };

    protected override ValueTask Deactivate(IGrainFactory grains, string key) => DeactivateOnIdle(grains.GetGrain<ILease>(key));

    private Task Acquire(Random random, string client, string key)
    {
        var command = new AcquireLease(new(Guid.NewGuid(), 1), client, TimeSpan.FromMilliseconds(Terms[random.Next(Terms.Length)]));
        return Record(
            client, key, random, "acquire", new { },
            grains => grains.GetGrain<ILease>(key).Acquire(command),
            (outcome, _) =>
            {
                _heard.AddOrUpdate(key, outcome.Lease.Number, (_, known) => Math.Max(known, outcome.Lease.Number));
                return Answer(outcome.Status == LeaseStatus.Done ? "done" : "held", outcome.Lease);
            });
    }

    /// <summary>Mostly of the newest term that anybody has heard of.</summary>
    private Task Change(Random random, string client, string key, bool renews)
    {
        var number = Math.Max(1, _heard.GetValueOrDefault(key) - (random.Next(4) == 0 ? 1 : 0));
        var ttl = TimeSpan.FromMilliseconds(Terms[random.Next(Terms.Length)]);
        var (renew, release) = (new RenewLease(new(Guid.NewGuid(), 1), number, ttl), new ReleaseLease(new(Guid.NewGuid(), 1), number));
        return Record(
            client, key, random, renews ? "renew" : "release", new { number },
            grains => renews ? grains.GetGrain<ILease>(key).Renew(renew) : grains.GetGrain<ILease>(key).Release(release),
            (outcome, _) => Answer(outcome.Status == LeaseStatus.Done ? "done" : "lost", outcome.Lease));
    }

    /// <summary>With the moment at which the term ends as a timestamp of the history; earlier by what the clocks may differ.</summary>
    private static object Answer(string status, LeaseReading lease)
    {
        if (lease.ExpiresAt is not { } end || status == "lost") return new { status, number = lease.Number };
        var left = end - Origin.Clock - Slack;
        var ends = Origin.Timestamp + (long)(left.TotalSeconds * TimeProvider.System.TimestampFrequency);
        return new { status, number = lease.Number, ends };
    }
}
