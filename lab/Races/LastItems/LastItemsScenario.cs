namespace Holdfast.Lab.Races.LastItems;

/// <summary>All clients buy one item until they are told that it is sold out.</summary>
internal sealed class LastItemsScenario : IScenario
{
    /// <summary>Units that there are in each bout.</summary>
    private const long Units = 100;

    // Of the whole process: the scenarios of one lab share its tables.
    private static int s_opened;

    public ScenarioText Text { get; } = new(
        "items",
        "The last items",
        "units sold",
        $"There are {Units} units of one item. Every client buys one after the other until it is told that they are sold out; then comes "
        + "the next item. Oversold is what buyers were promised beyond what there was; unaccounted for is what they were promised and is "
        + "still in stock.",
        [
            "Only Holdfast keeps a reservation for each buyer, recognises a repeated request and lets a hold expire; event sourcing keeps "
            + "a row for each sale. All others only count down a number: that is in their favour.",
            "Buyers call from inside the process. There is no HTTP, and the SQL strategies pay a round trip over loopback for each "
            + "statement where a remote database would make them pay a network's: that is in their favour, too.",
            "The latencies are those of all answers: each client is told once in a bout that there is nothing left, which is quicker than a sale.",
            "One item is raced for at a time. Many items at once is where SQL is at its best; 'bench reservations' measures that.",
        ]);

    public bool Suits(IStrategy strategy) => strategy is ILastItems;

    public async Task<IBout> Open(IStrategy strategy, int clients, CancellationToken cancellationToken)
    {
        var (items, sku) = ((ILastItems)strategy, $"item-{Interlocked.Increment(ref s_opened)}");
        await items.Stock(sku, Units);
        return new Bout(items, sku);
    }

    private sealed class Bout(ILastItems items, string sku) : IBout
    {
        private long _sold;
        private long _inDoubt;

        public async Task Play(Player player, Func<bool> goOn)
        {
            while (true)
            {
                // Past its time a client stays until all that there was is promised, and asks once more: now it must be refused.
                var last = !goOn() && Interlocked.Read(ref _sold) >= Units;
                var reply = await player.Ask(client => items.Buy(sku, client));
                if (reply == Reply.Done) Interlocked.Increment(ref _sold);
                if (reply == Reply.InDoubt) Interlocked.Increment(ref _inDoubt);
                if (last || reply == Reply.Refused) return;
            }
        }

        public async Task<Loss> Audit()
        {
            var left = await items.Left(sku);
            var oversold = Math.Max(0, _sold - Units);
            var unaccounted = Math.Max(0, Math.Abs(Units - Math.Min(_sold, Units) - left) - _inDoubt);
            return Loss.Of(new Damage("oversold", oversold), new Damage("unaccounted for", unaccounted));
        }
    }
}
