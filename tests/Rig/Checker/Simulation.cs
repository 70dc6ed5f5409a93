using Holdfast.Checker;

namespace Holdfast.Tests.Rig.Checker;

/// <summary>
/// A sequential object used by many clients at once: every operation takes effect at one moment between its call and its return, so
/// the recorded history is linearizable by construction. Some answers are lost, before or after the effect.
/// </summary>
/// <param name="lost">The share of answers that get lost.</param>
/// <param name="disorder">The next to take effect is one of so many that were asked first.</param>
internal sealed class Simulation(Random random, int clients, int keys, double lost = 0.0, int disorder = int.MaxValue)
{
    private sealed class Running
    {
        public required string Client { get; init; }

        public required string Key { get; init; }

        public required long Call { get; init; }

        public required ISequential.Asked Asked { get; init; }

        public bool AnswerIsLost { get; init; }

        public object? Output { get; set; }
    }

    private readonly List<Operation> _history = [];
    private readonly List<Running> _limbo = [];
    private readonly List<Running> _waiting = [];
    private long _now;

    /// <param name="create">The object behind each key.</param>
    public List<Operation> Run(int operations, Func<ISequential> create)
    {
        var objects = Enumerable.Range(0, keys).Select(_ => create()).ToArray();
        var running = new Running?[clients];
        for (var begun = 0; begun < operations || running.Any(operation => operation is not null);)
        {
            _now++;
            var client = random.Next(clients);
            if (running[client] is null)
            {
                if (begun < operations)
                    running[client] = Begin(client, objects, ref begun);
            }
            else
            {
                running[client] = GoOn(running[client]!, objects);
            }

            if (_limbo.Count > 0 && random.Next(4 * clients) == 0)
                TakeEffectLate(objects);
        }

        return _history;
    }

    private Running Begin(int client, ISequential[] objects, ref int begun)
    {
        begun++;
        var key = random.Next(objects.Length);
        var operation = new Running
        {
            Client = $"c{client}",
            Key = $"k{key}",
            Call = _now,
            Asked = objects[key].Ask(random, client),
            AnswerIsLost = random.NextDouble() < lost,
        };
        if (!operation.AnswerIsLost)
            _waiting.Add(operation);
        return operation;
    }

    /// <summary>Lets an operation take effect, or this one return if it has; null when its client is free again.</summary>
    private Running? GoOn(Running operation, ISequential[] objects)
    {
        if (operation.AnswerIsLost)
        {
            _history.Add(Operation.Unknown(operation.Client, operation.Key, operation.Call, operation.Asked.Name, operation.Asked.Input));
            if (random.Next(2) == 0)
                _limbo.Add(operation);
            return null;
        }

        if (operation.Output is null)
        {
            var next = random.Next(Math.Min(disorder, _waiting.Count));
            _waiting[next].Output = objects[Place(_waiting[next])].Do(_waiting[next].Asked);
            _waiting.RemoveAt(next);
            return operation;
        }

        objects[Place(operation)].Hear(operation.Asked, operation.Output);
        _history.Add(Operation.Answered(
            operation.Client, operation.Key, operation.Call, _now, operation.Asked.Name, operation.Asked.Input, operation.Output));
        return null;
    }

    private void TakeEffectLate(ISequential[] objects)
    {
        var place = random.Next(_limbo.Count);
        _ = objects[Place(_limbo[place])].Do(_limbo[place].Asked);
        _limbo.RemoveAt(place);
    }

    private static int Place(Running operation) => int.Parse(operation.Key.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
}
