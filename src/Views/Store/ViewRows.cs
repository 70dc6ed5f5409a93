namespace Holdfast.Views.Store;

/// <summary>Rows for a table of a view: each is inserted, or changes the one that has its key.</summary>
/// <param name="Columns">Those of the key first.</param>
/// <param name="Key">How many of the columns are the key.</param>
/// <param name="Changed">The columns that a row changes whose key is there already; with none, that one stays as it is.</param>
public sealed record ViewRows(string Table, string[] Columns, int Key, params string[] Changed)
{
    /// <summary>A column that never goes back: a row whose value is lower than the one that is there changes nothing. Null: none.</summary>
    public string? Rising { get; init; }

    /// <summary>
    /// For each row what its columns hold: texts, whole numbers, and null for a text that is not there. Where rows change what is there, a
    /// key comes once.
    /// </summary>
    public List<object?[]> Values { get; } = [];

    public void Add(params object?[] values) => Values.Add(values);

    /// <param name="source">Where the values come from, in the order of the columns.</param>
    internal string ToSql(string source)
    {
        var changes = string.Join(", ", Changed.Select(static name => $"{name} = excluded.{name}"));
        var action = Changed.Length == 0 ? "NOTHING" : $"UPDATE SET {changes}";
        if (Rising is not null) action += $" WHERE {Table}.{Rising} <= excluded.{Rising}";
        return $"INSERT INTO {Table} ({string.Join(", ", Columns)}) {source} ON CONFLICT ({string.Join(", ", Columns[..Key])}) DO {action}";
    }
}
