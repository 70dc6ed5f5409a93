using Holdfast.Journal;
using Holdfast.Views.Store;

namespace Holdfast.Views;

/// <summary>
/// What is listed of one kind of owner: a table whose rows follow from published appends. It says what a change makes of its rows; when
/// that is asked, in which order, and up to where it has come, others know.
/// </summary>
public interface IView
{
    /// <summary>Stored, and part of the names of its tables.</summary>
    string Name { get; }

    /// <summary>What the names of the streams begin with that it is made of.</summary>
    string Prefix { get; }

    /// <summary>To be raised whenever the same appends would make other rows, or the tables change: the view is made anew then.</summary>
    int Definition { get; }

    /// <summary>
    /// What it makes of a stream that it does not remember is made of the stream from its beginning, read from the journal: so nobody need
    /// store which version of a stream it has.
    /// </summary>
    bool HealsItself { get; }

    /// <summary>The statements that make its tables.</summary>
    IReadOnlyList<string> Create(ViewTables tables, ViewStore store);

    /// <summary>The tables that <see cref="Create"/> makes.</summary>
    IReadOnlyList<string> TablesOf(ViewTables tables);

    /// <summary>Whether an append is one that the feed shows. Asked of appends that were found by their keys.</summary>
    bool Publishes(JournalRow row);

    /// <summary>
    /// What it remembers of streams may be of another history: somebody else went on with it, or a new epoch has begun.
    /// </summary>
    void Forget();

    /// <summary>What these changes make of the rows.</summary>
    /// <param name="changes">At most one a stream.</param>
    Task<ViewChange> Apply(
        IReadOnlyList<StreamChange> changes, ViewTables tables, ViewStore store, CancellationToken cancellationToken);
}

/// <summary>What becomes of the rows of a view.</summary>
/// <param name="Erased">Something was blanked of which nothing may be left.</param>
public sealed record ViewChange(IReadOnlyList<ViewRows> Rows, bool Erased = false);

/// <summary>Published appends of one stream, one behind the other.</summary>
/// <param name="Before">
/// The version that the view has of the stream, 0 for none; of one that is not remembered, the one that the oldest of the rows names.
/// </param>
/// <param name="Rows">The appends behind it, oldest first; never empty. One whose events were erased since has none.</param>
public sealed record StreamChange(string Stream, long Before, IReadOnlyList<JournalRow> Rows)
{
    public long After => Rows[^1].LastVersion;

    /// <summary>The stream's key, without its kind.</summary>
    public string Key => Stream[(Stream.IndexOf('/', StringComparison.Ordinal) + 1)..];
}

/// <summary>The names of a view's tables in one generation: one that is made anew grows up beside the one that is read.</summary>
public sealed record ViewTables(string View, long Generation)
{
    /// <summary>Up to which version each stream is in; not there when the view heals itself.</summary>
    public string Streams => Named("streams");

    public string Named(string table) => $"{View}_{table}_{Generation}";
}
