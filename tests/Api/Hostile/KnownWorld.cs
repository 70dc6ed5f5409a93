using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace Holdfast.Tests.Api.Hostile;

/// <summary>
/// All that the server knows, as it can be read: every read that the document lists, and every row of the store. But for what a read
/// changes itself: when a key was used last, and the id of the read.
/// </summary>
internal sealed partial class KnownWorld(HttpHost http, IReadOnlyList<Target> reads)
{
    private static readonly string[] PassingTables = ["sweep", "sqlite_sequence"];

    public async Task<string[]> Read()
    {
        var seen = new List<string>();
        foreach (var target in reads)
        {
            var query = target.QueryParameters.Contains("limit") ? "?limit=200" : "";
            var answer = await http.Get(target.Path + query, ("Cache-Control", "no-cache"));
            var says = Passing().Replace(answer.Body, "");
            seen.Add($"{target.Pattern}: {answer.Status} {answer.ETag} {says}");
        }

        return [.. seen, .. Rows()];
    }

    /// <summary>Rows of a table.</summary>
    public static int Count(string[] world, string table) => world.Count(row => row.StartsWith(table + ": ", StringComparison.Ordinal));

    private List<string> Rows()
    {
        using var store = new SqliteConnection($"Data Source={http.DataDirectory}/holdfast.db;Pooling=False");
        store.Open();
        var rows = new List<string>();
        foreach (var table in Query(store, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").Except(PassingTables))
        {
            var condition = table == "secrets" ? " WHERE name <> 'uses'" : "";
            rows.AddRange(Query(store, $"SELECT * FROM {table}{condition}").Order(StringComparer.Ordinal).Select(row => $"{table}: {row}"));
        }

        return rows;
    }

    private static List<string> Query(SqliteConnection store, string sql)
    {
        using var command = store.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            var row = new StringBuilder();
            for (var i = 0; i < reader.FieldCount; i++)
            {
                row.Append(i == 0 ? "" : " | ");
                if (reader.GetValue(i) is byte[] bytes) row.Append(Convert.ToHexStringLower(bytes));
                else row.Append(CultureInfo.InvariantCulture, $"{reader.GetValue(i)}");
            }

            rows.Add(row.ToString());
        }

        return rows;
    }

    [GeneratedRegex("""
        "(lastUsedAt|traceId)":("[^"]*"|null)
        """)]
    private static partial Regex Passing();
}
