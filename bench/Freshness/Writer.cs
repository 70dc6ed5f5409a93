namespace Holdfast.Bench.Freshness;

/// <summary>Changes a pair's products, the second one when it was told that the first is stored, and then looks for both changes.</summary>
internal sealed class Writer(Pair pair, Shelf shelf, Observations seen)
{
    private readonly string _name = $"writer-{pair.Name}";

    /// <param name="takeTwo">Whether two more changes are to be made.</param>
    public async Task Run(Func<bool> takeTwo, CancellationToken cancellationToken)
    {
        for (var number = 1L; takeTwo(); number++)
        {
            var cause = await Change(pair.Cause, number, cancellationToken);
            var effect = await Change(pair.Effect, number, cancellationToken);
            pair.Tell(number, effect);

            // Whichever comes first waits for the view, and the other one finds it there.
            if (number % 2 == 0)
            {
                await LookForNewest(pair.Effect, number, cancellationToken);
                await LookForNewest(pair.Cause, number, cancellationToken);
            }

            await LookForAtLeast(pair.Effect, number, effect, cancellationToken);
            await LookForAtLeast(pair.Cause, number, cause, cancellationToken);
            if (number % 2 == 0) continue;
            await LookForNewest(pair.Effect, number, cancellationToken);
            await LookForNewest(pair.Cause, number, cancellationToken);
        }
    }

    private async Task<string> Change(string sku, long number, CancellationToken cancellationToken)
    {
        var began = seen.Now();
        var version = await shelf.Write(sku, number, cancellationToken);
        seen.Wrote(_name, sku, began, number);
        if ((await shelf.Read(sku, new(), cancellationToken)).Number < number) seen.FoundBehind();
        return version;
    }

    private async Task LookForAtLeast(string sku, long number, string version, CancellationToken cancellationToken)
    {
        var began = seen.Now();
        var atLeast = await shelf.Read(sku, new(AtLeast: version), cancellationToken);
        seen.AtLeastTook.Enqueue(seen.Since(began));
        seen.AtLeast.Look(atLeast.Number == number, () => $"{sku}: {atLeast} when it was {number}, {version}");
    }

    private async Task LookForNewest(string sku, long number, CancellationToken cancellationToken)
    {
        var began = seen.Now();
        var newest = await shelf.Read(sku, new(Newest: true), cancellationToken);
        seen.Read(_name, sku, began, newest.Number);
        seen.NewestTook.Enqueue(seen.Since(began));
        seen.Newest.Look(newest.Number == number, () => $"{sku}: {newest} when it was {number}");
    }
}
