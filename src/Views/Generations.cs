using Holdfast.Journal;
using Holdfast.Journal.Feed;
using Holdfast.Views.Store;

namespace Holdfast.Views;

/// <summary>Where one generation of a view is.</summary>
/// <param name="Number">Of the generation.</param>
/// <param name="Definition">By which it was made; see <see cref="IView.Definition"/>.</param>
/// <param name="Epoch">Of the feed, to which the position belongs.</param>
/// <param name="Position">Up to where the feed is in.</param>
/// <param name="Walked">How far the streams have been walked through; null when that is done.</param>
/// <param name="Current">It is the one that lists are read from.</param>
/// <param name="Wanted">Somebody wants another one made in its place.</param>
public sealed record Generation(
    long Number, int Definition, string Epoch, long Position, StreamVersion? Walked, bool Current, bool Wanted);

/// <summary>The table of all generations of all views.</summary>
internal sealed class Generations(ViewStore store)
{
    private const string Columns = "generation, definition, epoch, position, walked_stream, walked_version, is_current, is_wanted";

    /// <summary>Makes the table when it is missing. Of several that do so at once one can lose, and finds it there.</summary>
    public async Task Create(CancellationToken cancellationToken)
    {
        try
        {
            await CreateOnce(cancellationToken);
        }
        catch (JournalStoreException)
        {
            await CreateOnce(cancellationToken);
        }
    }

    private Task CreateOnce(CancellationToken cancellationToken) => store.Execute(
        $"""
        CREATE TABLE IF NOT EXISTS views (
            name           {store.Text} NOT NULL,
            generation     bigint NOT NULL,
            definition     bigint NOT NULL,
            epoch          {store.Text} NOT NULL,
            position       bigint NOT NULL,
            walked_stream  {store.Text},
            walked_version bigint NOT NULL,
            is_current     bigint NOT NULL,
            is_wanted      bigint NOT NULL,
            PRIMARY KEY (name, generation))
        """,
        cancellationToken);

    /// <summary>Oldest first.</summary>
    public async Task<IReadOnlyList<Generation>> Of(string view, CancellationToken cancellationToken) =>
        await store.Read(
            new($"SELECT {Columns} FROM views WHERE name = @a ORDER BY generation", view),
            static row => new Generation(
                row.GetInt64(0),
                (int)row.GetInt64(1),
                row.GetString(2),
                row.GetInt64(3),
                row.IsDBNull(4) ? null : new(row.GetString(4), row.GetInt64(5)),
                row.GetInt64(6) != 0,
                row.GetInt64(7) != 0),
            cancellationToken);

    public static ViewStatement Begin(string view, Generation generation) => new(
        $"""
        INSERT INTO views (name, {Columns}) VALUES (@a, @b, @c, @d, @e, @f, @g, 0, 0) ON CONFLICT (name, generation) DO NOTHING
        """,
        view,
        generation.Number,
        (long)generation.Definition,
        generation.Epoch,
        generation.Position,
        generation.Walked?.Stream,
        generation.Walked?.Version ?? 0);

    /// <summary>
    /// Changes a row only when it is where the generation is: whoever else has moved it meanwhile has done this one's work.
    /// </summary>
    public static ViewStatement Move(string view, Generation from, long position, StreamVersion? walked) => new(
        """
        UPDATE views SET position = @c, walked_stream = @d, walked_version = @e
        WHERE name = @a AND generation = @b AND position = @f AND coalesce(walked_stream, '-') = @g AND walked_version = @h
        """,
        view,
        from.Number,
        position,
        walked?.Stream,
        walked?.Version ?? 0,
        from.Position,
        from.Walked?.Stream ?? "-",
        from.Walked?.Version ?? 0);

    public static ViewStatement MakeCurrent(string view, long generation) =>
        new("UPDATE views SET is_current = 1 WHERE name = @a AND generation = @b AND walked_stream IS NULL", view, generation);

    /// <summary>No other generation is read or made any more: the followers drop them.</summary>
    public static ViewStatement RetireOthers(string view, long generation) =>
        new("UPDATE views SET is_current = 0, epoch = '' WHERE name = @a AND generation <> @b", view, generation);

    /// <summary>What a generation has is of no use, wherever it is read by then.</summary>
    public static ViewStatement Lose(string view, Generation generation) =>
        new("UPDATE views SET epoch = '' WHERE name = @a AND generation = @b", view, generation.Number);

    public static ViewStatement Drop(string view, long generation) =>
        new("DELETE FROM views WHERE name = @a AND generation = @b AND is_current = 0", view, generation);

    public static ViewStatement Want(string view) => new("UPDATE views SET is_wanted = 1 WHERE name = @a AND is_current = 1", view);
}
