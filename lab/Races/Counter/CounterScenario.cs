namespace Holdfast.Lab.Races.Counter;

/// <summary>All clients increment one counter.</summary>
internal sealed class CounterScenario : IScenario
{
    // Of the whole process: the scenarios of one lab share its tables.
    private static int s_opened;

    public ScenarioText Text { get; } = new(
        "counter",
        "The counter",
        "increments kept",
        "Every client increments one counter by one, again and again. An increment that was acknowledged and is not in the stored value "
        + "is lost.",
        [
            "Only Holdfast recognises a repeated increment. After a timeout the callers of all others must choose between counting twice "
            + "and counting not at all: that is in their favour.",
            "The conflict-free counter and the one with shards answer without the value, because no part knows it. All others could "
            + "tell it.",
            "Redis' own INCR is not here: with its file synced once a second it may forget what it acknowledged, and the others may not.",
        ]);

    public bool Suits(IStrategy strategy) => strategy is ICounters;

    public async Task<IBout> Open(IStrategy strategy, int clients, CancellationToken cancellationToken)
    {
        var (counters, name) = ((ICounters)strategy, $"counter-{Interlocked.Increment(ref s_opened)}");
        await counters.Start(name);
        return new Bout(counters, name);
    }

    private sealed class Bout(ICounters counters, string name) : IBout
    {
        private long _acknowledged;
        private long _inDoubt;

        public async Task Play(Player player, Func<bool> goOn)
        {
            while (goOn())
            {
                var reply = await player.Ask(client => counters.Increment(name, client));
                if (reply == Reply.Done) Interlocked.Increment(ref _acknowledged);
                if (reply == Reply.InDoubt) Interlocked.Increment(ref _inDoubt);
            }
        }

        public async Task<Loss> Audit()
        {
            var value = await counters.Value(name);
            return Loss.Of(
                new Damage("lost", _acknowledged - value), new Damage("counted twice", value - _acknowledged - _inDoubt));
        }
    }
}
