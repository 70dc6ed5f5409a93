namespace Holdfast.Lab.Races.Events;

/// <summary>Some entities' events, delivered as brokers deliver them: some twice, some out of order, to all consumers at once.</summary>
internal sealed class EventsScenario(int seed) : IScenario
{
    private const int Entities = 4;

    /// <summary>Events of one entity in each bout.</summary>
    private const int EventsEach = 128;

    /// <summary>One in so many is delivered twice.</summary>
    private const int OneInTwice = 4;

    /// <summary>How many places an event may be delivered early or late.</summary>
    private const int Disorder = 24;

    /// <summary>In an amount: what counts events, so that the rest of the sum tells which ones they were.</summary>
    private const long OneEvent = 1_000_000;

    /// <summary>Whoever adds each event exactly once can still end with this: it is about the order alone.</summary>
    public const string OutOfOrder = "out of order";

    private readonly Random _random = new(seed);
    // Of the whole process: the scenarios of one lab share its tables.
    private static int s_opened;

    public ScenarioText Text { get; } = new(
        "events",
        "Duplicated and reordered events",
        "deliveries",
        $"{Entities} entities have {EventsEach} events each. One in {OneInTwice} is delivered twice, all of them up to {Disorder} places "
        + "too early or too late, to consumers that work at the same time. An event adds an amount (which must not happen twice) and "
        + "sets a value (where the last event of the sequence must win). The stored totals and values are compared with what the "
        + "events, each once and in order, make of them.",
        [
            "A consumer acknowledges an event when it is stored. Crashes between storing and acknowledging are not simulated: they are "
            + "one more duplicate.",
            "Holdfast takes an event as two calls, an increment with the event's id and an edit of the profile with a version: two "
            + "journal appends, where SQL writes both in one transaction. That is in the others' favour.",
            "Keeping ids for ever is not measured. The table of processed events grows until somebody prunes it; Holdfast's receipts end "
            + "after 24 hours, and a duplicate that comes later counts again.",
        ]);

    public bool Suits(IStrategy strategy) => strategy is IEventConsumer;

    public async Task<IBout> Open(IStrategy strategy, int clients, CancellationToken cancellationToken)
    {
        var consumer = (IEventConsumer)strategy;
        var bout = Interlocked.Increment(ref s_opened);
        string[] entities = [.. Enumerable.Range(0, Entities).Select(number => $"entity-{bout}-{number}")];
        foreach (var entity in entities) await consumer.Open(entity);
        return new Bout(consumer, entities, Deliveries(entities));
    }

    private static EntityEvent Event(string entity, long sequence, Guid id) => new(id, entity, sequence, OneEvent + sequence, $"v{sequence}");

    /// <summary>All entities' events in turn, some twice, each moved by a little.</summary>
    private EntityEvent[] Deliveries(string[] entities)
    {
        var deliveries = new List<(int Place, EntityEvent Event)>();
        for (var sequence = 1; sequence <= EventsEach; sequence++)
        {
            foreach (var entity in entities)
            {
                var @event = Event(entity, sequence, NextId());
                var times = _random.Next(OneInTwice) == 0 ? 2 : 1;
                for (var time = 0; time < times; time++) deliveries.Add((deliveries.Count + _random.Next(Disorder), @event));
            }
        }

        return [.. deliveries.OrderBy(static delivery => delivery.Place).Select(static delivery => delivery.Event)];
    }

    private Guid NextId()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        return new(bytes);
    }

    private sealed class Bout(IEventConsumer consumer, string[] entities, EntityEvent[] deliveries) : IBout
    {
        private int _next = -1;

        /// <summary>To the end, whatever the time: a sequence that was cut off proves nothing.</summary>
        public async Task Play(Player player, Func<bool> goOn)
        {
            for (var i = Interlocked.Increment(ref _next); i < deliveries.Length; i = Interlocked.Increment(ref _next))
            {
                var @event = deliveries[i];

                // What a consumer does not take is delivered again.
                while (await player.Ask(client => consumer.Apply(@event, client)) != Reply.Done)
                {
                }
            }
        }

        public async Task<Loss> Audit()
        {
            var loss = Loss.None;
            foreach (var entity in entities) loss = loss.Plus(Compare(await consumer.Read(entity)));
            return loss;
        }

        private static Loss Compare(EntityState stored)
        {
            var expected = Enumerable.Range(1, EventsEach).Sum(static sequence => OneEvent + sequence);
            var tooMany = (stored.Total / OneEvent) - EventsEach;

            // As many as there should be, but not the same ones: at least one is missing, and one is there twice.
            var mixedUp = tooMany == 0 && stored.Total != expected ? 1 : 0;
            return Loss.Of(
                new Damage("applied twice", Math.Max(tooMany, mixedUp)),
                new Damage("missing", Math.Max(-tooMany, mixedUp)),
                new Damage(OutOfOrder, stored.Latest == $"v{EventsEach}" ? 0 : 1));
        }
    }
}
