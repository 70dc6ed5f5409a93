using System.Diagnostics;
using Holdfast.Contracts;

namespace Holdfast.Api.Anomalies;

/// <summary>What a sign means, and what to look at, for whoever reads it over HTTP; docs/design/watching.md says it at length.</summary>
internal static class SignTexts
{
    public static (string Meaning, string LookAt) Of(RaceSign sign) => sign switch
    {
        RaceSign.Conflict => (
            "Appends met another writer: owners are active twice, or do not leave when they are overtaken.",
            "Whether silos come and go, or two clusters share the database; the log lines \"ends: Conflict\" name the owners."),
        RaceSign.Overtaken => (
            "Owners are active twice: the journal had appends that they did not know.",
            "Whether silos come and go, were paused, or two clusters share the database."),
        RaceSign.Unknown => (
            "The store failed in the middle of commits: nobody knows whether they are stored. Repeats under the same key find out.",
            "The database and the line to it: restarts, failovers, broken connections."),
        RaceSign.KeyReuse => (
            "Idempotency keys came again with other content: a caller makes keys that are not its own, or repeats what it has changed.",
            "The requests with the problem idempotency_key_reused, and whose they are."),
        RaceSign.Hole => (
            "The feed left out published appends. They were read from the journal all the same, but it must not be.",
            "The error in the log of that silo, which names the stream; report it."),
        RaceSign.Superseded => (
            "Sources tell of the time before their own last counts, after these: they are late, or far out of order.",
            "Whether a source runs twice, or its queue was read from the beginning."),
        RaceSign.RefusedFence => (
            "Holders whose lease is over went on, and were refused.",
            "Whether leases are shorter than the work, or their holders stand still."),
        RaceSign.ClockBack => (
            "A clock went back: that of the machine, or one that streams have already been ahead of.",
            "The time service of that machine and of the database's, and holdfast.clock.skew."),
        RaceSign.Overwritten => (
            "The journal has something else where an owner's append was stored. Something was lost.",
            "Who else writes to the database; the error in the log, which names the stream; report it."),
        RaceSign.Lost => (
            "An append that was called stored is not in the journal. Something was lost.",
            "Whether the database was restored or failed over; the error in the log, which names the stream."),
        RaceSign.Unanswered => (
            "Calls of the front door ended without an answer and were repeated.",
            "Whether silos are alive and reachable: /health/ready, and their logs."),
        _ => throw new UnreachableException(sign.ToString()),
    };
}
