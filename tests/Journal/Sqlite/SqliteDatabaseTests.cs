using Holdfast.Journal.Sqlite;

namespace Holdfast.Tests.Journal.Sqlite;

public sealed class SqliteDatabaseTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_statement_is_prepared_once_whatever_is_bound_to_it(bool forWriting)
    {
        var file = Path.Combine(_directory.Path, "test.db");
        using var writer = SqliteDatabase.OpenForWriting(file, "CREATE TABLE numbers (n INTEGER PRIMARY KEY)");
        writer.Execute("INSERT INTO numbers VALUES (1), (2), (3)");
        using var reader = SqliteDatabase.OpenForReading(file);
        var question = (forWriting ? writer : reader).Prepare("SELECT n FROM numbers WHERE n < ?1 ORDER BY n DESC LIMIT ?2");

        Assert.Equal([3], question.Bind(1, 9).Bind(2, 1).Rows(row => row.Integer(0)));
        Assert.Equal([2, 1], question.Bind(1, 3).Bind(2, 2).Rows(row => row.Integer(0)));
        Assert.Equal([1], question.Bind(1, 2).Bind(2, 7).Rows(row => row.Integer(0)));
        Assert.Equal(0, question.Repreparations);

        writer.Execute("ALTER TABLE numbers ADD COLUMN name TEXT");
        Assert.Equal([3, 2, 1], question.Bind(1, 9).Bind(2, 7).Rows(row => row.Integer(0)));
        Assert.Equal(1, question.Repreparations);
    }
}
