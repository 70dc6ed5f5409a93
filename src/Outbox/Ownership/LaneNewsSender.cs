using System.Collections.Concurrent;
using Holdfast.Journal;
using Microsoft.Extensions.Logging;

namespace Holdfast.Outbox.Ownership;

/// <summary>
/// Takes news to the owners of other lanes. One call a silo is under way at a time; what arrives meanwhile goes with the next, and
/// past a bound a message is left to the table, which its owner is told to read.
/// </summary>
internal sealed partial class LaneNewsSender(LaneServiceClient services, ILogger<LaneNewsSender> logger)
{
    /// <summary>Committed messages that wait for the call before theirs to one silo.</summary>
    private const int MaxWaiting = 1_024;

    private readonly ConcurrentDictionary<SiloAddress, Mail> _mail = new();

    public void Committed(SiloAddress owner, OutboxMessage message) => For(owner).Add(message);

    public void Nudge(SiloAddress owner, int lane) => For(owner).Nudge(lane);

    public void Ended(SiloAddress owner, EndedRun run) => For(owner).Add(run);

    /// <summary>Nothing more can be told to these.</summary>
    public void ForgetDead(Func<SiloAddress, bool> isActive)
    {
        foreach (var silo in _mail.Keys)
        {
            if (!isActive(silo)) _mail.TryRemove(silo, out _);
        }
    }

    private Mail For(SiloAddress silo) => _mail.GetOrAdd(silo, static (silo, sender) => new(silo, sender), this);

    private async Task Send(SiloAddress silo, LaneNews news)
    {
        try
        {
            await services.At(silo).Hear(news);
        }
#pragma warning disable CA1031 // The rows are in the table, whose owner reads it at take-over and in its sweep.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogNotHeard(exception, silo, news.Committed.Length);
        }
    }

    private sealed class Mail(SiloAddress silo, LaneNewsSender sender)
    {
        private readonly Lock _lock = new();
        private readonly List<OutboxMessage> _committed = [];
        private readonly List<EndedRun> _ended = [];
        private readonly SortedSet<int> _nudged = [];
        private bool _sending;

        public void Add(OutboxMessage message)
        {
            lock (_lock)
            {
                if (_committed.Count < MaxWaiting) _committed.Add(message);
                else _nudged.Add(message.Lane);
                StartSending();
            }
        }

        public void Add(EndedRun run)
        {
            lock (_lock)
            {
                _ended.Add(run);
                StartSending();
            }
        }

        public void Nudge(int lane)
        {
            lock (_lock)
            {
                _nudged.Add(lane);
                StartSending();
            }
        }

        private void StartSending()
        {
            if (_sending) return;
            _sending = true;

            // Not on the thread that commits.
            Task.Run(SendAll).Ignore();
        }

        private async Task SendAll()
        {
            while (Collect() is { } news) await sender.Send(silo, news);
        }

        private LaneNews? Collect()
        {
            lock (_lock)
            {
                _sending = _committed.Count + _nudged.Count + _ended.Count > 0;
                if (!_sending) return null;
                var news = new LaneNews([.. _committed], [.. _nudged], [.. _ended]);
                _committed.Clear();
                _nudged.Clear();
                _ended.Clear();
                return news;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Silo} could not be told of {Messages} committed messages; it finds them in its table")]
    private partial void LogNotHeard(Exception exception, SiloAddress silo, int messages);
}
