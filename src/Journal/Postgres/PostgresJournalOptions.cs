namespace Holdfast.Journal.Postgres;

/// <param name="Writers">How many commits of one silo may be on their way at a time.</param>
public sealed record PostgresJournalOptions(int Writers = PostgresJournalOptions.DefaultWriters)
{
    public const int DefaultWriters = 2;

    /// <summary>
    /// The silo as the membership knows it: cluster, address, port and generation. Nothing is appended for one that is dead there. Empty for
    /// a store of no silo.
    /// </summary>
    public string[] Member { get; init; } = [];
}
