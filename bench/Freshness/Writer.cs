namespace Holdfast.Bench.Freshness;

/// <summary>Changes a pair's products in turn, each after it was told that the one before is stored, and looks for each change.</summary>
internal sealed class Writer(Pair pair, Shelf shelf, Observations seen)
{
    private readonly string _name = $"writer-{pair.Name}";

    /// <param name="takeChange">Whether another change is to be made.</param>
    public async Task Run(Func<bool> takeChange, CancellationToken cancellationToken)
    {
        for (var number = 1L; takeChange(); number++)
        {
            await Change(pair.Cause, number, cancellationToken);
            if (!takeChange()) break;
            pair.Tell(number, await Change(pair.Effect, number, cancellationToken));
        }
    }

    private async Task<string> Change(string sku, long number, CancellationToken cancellationToken)
    {
        var began = seen.Now();
        var version = await shelf.Write(sku, number, cancellationToken);
        seen.Wrote(_name, sku, began, number);

        if ((await shelf.Read(sku, new(), cancellationToken)).Number < number) seen.FoundBehind();

        began = seen.Now();
        var atLeast = await shelf.Read(sku, new(AtLeast: version), cancellationToken);
        seen.AtLeastTook.Enqueue(seen.Since(began));
        seen.AtLeast.Look(atLeast.Number == number, () => $"{sku}: {atLeast} when it was {number}, {version}");

        began = seen.Now();
        var newest = await shelf.Read(sku, new(Newest: true), cancellationToken);
        seen.Read(_name, sku, began, newest.Number);
        seen.NewestTook.Enqueue(seen.Since(began));
        seen.Newest.Look(newest.Number == number, () => $"{sku}: {newest} when it was {number}");
        return version;
    }
}
