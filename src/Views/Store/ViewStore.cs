using System.Data.Common;
using Holdfast.Journal;

namespace Holdfast.Views.Store;

/// <summary>
/// The database of the views, apart from the journal's tables: drop it, and nothing is lost but the time to make it again. Statements are
/// written once for both databases, in the words that they share: texts and whole numbers, times as Unix milliseconds.
/// </summary>
public abstract class ViewStore : IAsyncDisposable
{
    /// <summary>PostgreSQL's code.</summary>
    private const string UndefinedTable = "42P01";

    /// <summary>The type of a text that is compared byte by byte.</summary>
    public abstract string Text { get; }

    /// <summary>What is said behind a table whose rows are kept in the order of its key, where the database can do so.</summary>
    public virtual string ByKey => "";

    /// <summary>Which database, for messages.</summary>
    public abstract string Name { get; }

    protected abstract DbDataSource Source { get; }

    /// <summary>Makes what is missing. Safe when several processes start at once.</summary>
    /// <exception cref="JournalStoreException">It cannot be used.</exception>
    public abstract Task Initialize(CancellationToken cancellationToken);

    /// <summary>What is still to be done so that the bytes of all that was erased are gone, also before this process began.</summary>
    /// <returns>False when somebody is in the way: to be tried again.</returns>
    /// <exception cref="JournalStoreException">It cannot be done.</exception>
    public virtual Task<bool> Scrub(CancellationToken cancellationToken) => Task.FromResult(true);

    public virtual async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Reads rows.</summary>
    /// <exception cref="JournalStoreException">It cannot be read.</exception>
    public async Task<List<T>> Read<T>(ViewStatement question, Func<DbDataReader, T> row, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await Source.OpenConnectionAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = question.Sql;
            question.AddTo(command.Parameters, command.CreateParameter);
            await command.PrepareAsync(cancellationToken);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancellationToken)) rows.Add(row(reader));
            return rows;
        }
        catch (DbException failure)
        {
            throw new JournalStoreException($"{Name} cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>Carries all of them out in one transaction, or none.</summary>
    /// <param name="guard">Carried out first: the others only count when it changes a row.</param>
    /// <returns>False when the guard found nothing to change.</returns>
    /// <exception cref="JournalStoreException">Nothing of it is stored, or all; the guard says which when it is tried again.</exception>
    public async Task<bool> Commit(ViewStatement guard, IReadOnlyList<ViewStatement> statements, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await Source.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            if (await CarryOut(connection, transaction, guard, cancellationToken) != 1) return false;
            foreach (var statement in statements) await CarryOut(connection, transaction, statement, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return true;
        }
        catch (DbException failure)
        {
            throw new JournalStoreException($"{Name} cannot be written: {failure.Message}", failure);
        }
    }

    /// <summary>Writes rows in one transaction, or none, in the order in which they are given.</summary>
    /// <param name="guard">As that of <see cref="Commit"/>.</param>
    /// <param name="erases">What stood in the place of some of them must not be found any more: <see cref="Scrub"/> is owed.</param>
    /// <returns>False when the guard found nothing to change.</returns>
    /// <exception cref="JournalStoreException">As in <see cref="Commit"/>.</exception>
    public abstract Task<bool> Write(
        ViewStatement guard, IReadOnlyList<ViewRows> rows, bool erases, CancellationToken cancellationToken);

    /// <summary>A table that was asked for is not there: another generation has come in its place, or it was never made.</summary>
    internal static bool IsMissingTable(JournalStoreException failure) => failure.InnerException switch
    {
        DbException { SqlState: UndefinedTable } => true,
        { } inner => inner.Message.Contains("no such table", StringComparison.Ordinal),
        null => false,
    };

    /// <summary>A question about each of some texts, as one parameter, <c>@a</c>.</summary>
    /// <param name="sql">Up to the place where it is said what a column has to be among, e.g. <c>… WHERE id</c>.</param>
    public abstract ViewStatement Among(string sql, IEnumerable<string> texts);

    /// <summary>In a statement: each of some texts that are its first parameter, <c>@a</c>, as a column called <c>value</c>.</summary>
    public abstract string Each { get; }

    /// <summary>Some texts as one parameter.</summary>
    public abstract object Texts(IEnumerable<string> texts);

    /// <summary>Carries out what defines tables.</summary>
    /// <exception cref="JournalStoreException">It cannot be done.</exception>
    public async Task Execute(string sql, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await Source.OpenConnectionAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (DbException failure)
        {
            throw new JournalStoreException($"{Name} cannot be changed: {failure.Message}", failure);
        }
    }

    /// <summary>Carries out one statement of a transaction.</summary>
    /// <returns>How many rows it changed.</returns>
    private static async Task<int> CarryOut(
        DbConnection connection, DbTransaction transaction, ViewStatement statement, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = statement.Sql;
        statement.AddTo(command.Parameters, command.CreateParameter);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
