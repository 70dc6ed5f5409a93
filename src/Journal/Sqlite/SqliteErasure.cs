namespace Holdfast.Journal.Sqlite;

/// <summary>What an erasure overwrites, so that nothing of it is left in the file either.</summary>
internal sealed class SqliteErasure(SqliteDatabase database)
{
    /// <summary>
    /// The most rows that an erasure writes anew, which takes the writer's time. In a longer table the rows are removed, and only
    /// fragments that SQLite left behind earlier can stay, until their pages are used again or an operator runs VACUUM.
    /// </summary>
    private const int RewrittenRows = 50_000;

    private const int Messages = 1;
    private const int Receipts = 2;
    private const int RowsBeside = 4;
    private const int Anything = Messages | Receipts | RowsBeside;

    /// <summary>Each with what an append must have carried for a row of its stream to have come there.</summary>
    private static readonly (string Name, int Carried)[] ErasableTables =
        [("outbox", Messages), ("dead_letters", Messages), ("receipts", Receipts), ("secrets", RowsBeside), ("attention", RowsBeside)];

    private int erased;

    public static int CarriedBy(Append append) =>
        (append.Messages.Count > 0 ? Messages : 0) | (append.Receipts.Count > 0 ? Receipts : 0) | (append.Beside is null ? 0 : RowsBeside);

    /// <summary>
    /// Blanks the stream's earlier rows and removes what stands beside it. <see cref="Finish"/> must follow before the commit.
    /// </summary>
    public void Erase(Append tombstone)
    {
        // As long as before, so that SQLite overwrites it where it is. Rows of another size would make pages too empty, and what
        // moves between pages leaves a copy of itself in the old one that no later erasure could reach.
        database.Prepare(
            """
            UPDATE journal SET events = printf('%-*s', length(CAST(events AS BLOB)), '[]') WHERE stream = ?1 AND first < ?2
            """).Bind(1, tombstone.Stream).Bind(2, tombstone.FirstVersion).Run();
        var carried = CarriedTo(tombstone.Stream);
        foreach (var table in ErasableTables)
        {
            if ((table.Carried & carried) == 0) continue;
            database.Prepare($"DELETE FROM {table.Name} WHERE stream = ?1").Bind(1, tombstone.Stream).Run();
        }

        erased |= carried;
    }

    /// <summary>What the appends of a stream have ever brought beside their events. Most have brought nothing.</summary>
    private int CarriedTo(string stream) => (int)database.Prepare(
        $"""
        SELECT CASE WHEN count(*) > count(carried) THEN {Anything}
            ELSE max(carried & {Messages}) | max(carried & {Receipts}) | max(carried & {RowsBeside}) END
        FROM journal WHERE stream = ?1
        """).Bind(1, stream).Rows(static row => row.Integer(0))[0];

    /// <summary>
    /// Rows of these tables come and go, and do leave copies behind when they move, also of what is long gone. Emptying a table overwrites
    /// its pages; it is filled again with what belongs to others. Once for all erasures of a batch, and only where a row of theirs ever
    /// was.
    /// </summary>
    public void Finish()
    {
        foreach (var table in ErasableTables)
        {
            if ((table.Carried & erased) != 0) Overwrite(table.Name);
        }

        erased = 0;
    }

    private void Overwrite(string table)
    {
        var rows = database.Prepare($"SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT {RewrittenRows + 1})")
            .Rows(row => row.Integer(0))[0];
        if (rows > RewrittenRows) return;
        database.Execute(
            $"""
            CREATE TEMP TABLE kept AS SELECT * FROM {table};
            DELETE FROM {table};
            INSERT INTO {table} SELECT * FROM kept;
            DROP TABLE kept;
            """);
    }
}
