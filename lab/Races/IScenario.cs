namespace Holdfast.Lab.Races;

/// <summary>Something that clients race for.</summary>
internal interface IScenario
{
    ScenarioText Text { get; }

    /// <summary>Whether the strategy has an answer to it.</summary>
    bool Suits(IStrategy strategy);

    /// <summary>Makes fresh data for the clients to race on.</summary>
    Task<IBout> Open(IStrategy strategy, int clients, CancellationToken cancellationToken);
}

/// <param name="Id">One word in lower case.</param>
/// <param name="Title">A few words.</param>
/// <param name="Rate">What is counted a second.</param>
/// <param name="What">What happens in one bout, and how it is audited.</param>
/// <param name="Unfair">What the comparison does not do, in whose favour; one sentence each.</param>
internal sealed record ScenarioText(string Id, string Title, string Rate, string What, IReadOnlyList<string> Unfair);

/// <summary>Data that was made for it, raced on once by all clients, and then audited.</summary>
internal interface IBout
{
    /// <summary>One client's part. When it no longer may go on, it ends as soon as the audit will be decisive.</summary>
    Task Play(Player player, Func<bool> goOn);

    /// <summary>Compares what the callers were told with what is stored.</summary>
    Task<Loss> Audit();
}

/// <summary>What callers were told and is not so.</summary>
/// <param name="Operations">How many acknowledged operations were lost, or done once too often.</param>
/// <param name="Kinds">Of what kind, and how many.</param>
internal sealed record Loss(long Operations, IReadOnlyList<Damage> Kinds)
{
    public static readonly Loss None = new(0, []);

    public static Loss Of(params IEnumerable<Damage> kinds)
    {
        Damage[] found = [.. kinds.Where(static damage => damage.Count > 0)];
        return new(found.Sum(static damage => damage.Count), found);
    }

    public Loss Plus(Loss other) =>
        Of(Kinds.Concat(other.Kinds).GroupBy(static damage => damage.What).Select(static same => new Damage(same.Key, same.Sum(static damage => damage.Count))));
}

internal sealed record Damage(string What, long Count);
