namespace Holdfast.Bench.Freshness;

/// <summary>Has changed nothing. What it knows, it has from what others were answered.</summary>
internal sealed class Witness(int number, IReadOnlyList<Pair> pairs, Shelf shelf, Observations seen, Random random)
{
    private readonly string _name = $"witness-{number}";

    /// <param name="goesOn">Whether there is still something to see.</param>
    public async Task Run(Func<bool> goesOn, CancellationToken cancellationToken)
    {
        while (goesOn())
        {
            var pair = pairs[random.Next(pairs.Count)];
            await TakeOver(pair, cancellationToken);
            await Follow(pair, cancellationToken);
        }
    }

    /// <summary>With the version that the writer of an effect was told.</summary>
    private async Task TakeOver(Pair pair, CancellationToken cancellationToken)
    {
        if (pair.Told is not { } told) return;
        var cause = await shelf.Read(pair.Cause, new(AtLeast: told.Version), cancellationToken);
        seen.Causes.Look(cause.Number >= told.Number, () => $"{pair.Cause}: {cause} after {told}");
    }

    /// <summary>With the place in time of a list in which somebody found an effect.</summary>
    private async Task Follow(Pair pair, CancellationToken cancellationToken)
    {
        var effect = await shelf.Read(pair.Effect, new(Newest: random.Next(2) == 0), cancellationToken);
        var cause = await shelf.Read(pair.Cause, new(AtLeast: effect.AsOf), cancellationToken);
        seen.Causes.Look(cause.Number >= effect.Number, () => $"{pair.Cause}: {cause} after an effect in a list, {effect}");

        var began = seen.Now();
        var newest = await shelf.Read(pair.Cause, new(Newest: true), cancellationToken);
        seen.Read(_name, pair.Cause, began, newest.Number);
    }
}
