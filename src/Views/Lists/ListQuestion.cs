using System.Globalization;
using Holdfast.Views.Store;

namespace Holdfast.Views.Lists;

/// <summary>
/// A page of a list that is sorted by a time and, at the same time, by an id: by what never changes, so that no row moves.
/// </summary>
/// <param name="columns">What is read; the time and the id come first.</param>
/// <param name="time">The column of the time.</param>
/// <param name="id">The columns of the id.</param>
internal sealed class ListQuestion(string columns, string from, string time, params string[] id)
{
    private readonly List<string> _conditions = [];
    private readonly List<object?> _values = [];

    public string Time => time;

    public void Where(string condition) => _conditions.Add(condition);

    public void Where(string column, object value, string rest = "") => Where($"{column} {Next(value)}{rest}");

    /// <summary>One row more than the limit: it says whether there are more.</summary>
    public ViewStatement Page(ListPlace? after, int limit, bool oldestFirst)
    {
        var (comparison, order) = oldestFirst ? (">", "ASC") : ("<", "DESC");
        if (after is not null)
        {
            object[] place = [after.Time, .. after.Id];
            _conditions.Add($"({string.Join(", ", id.Prepend(time))}) {comparison} ({string.Join(", ", place.Select(Next))})");
        }

        var where = _conditions.Count == 0 ? "" : $" WHERE {string.Join(" AND ", _conditions)}";
        var sorted = string.Join(", ", id.Prepend(time).Select(column => $"{column} {order}"));
        return new($"SELECT {columns} FROM {from}{where} ORDER BY {sorted} LIMIT {Next((long)limit + 1)}", [.. _values]);
    }

    private string Next(object value)
    {
        _values.Add(value);
        return ViewStatement.NameOf(_values.Count - 1);
    }
}

/// <summary>Where a row of a list stands.</summary>
/// <param name="Time">Unix milliseconds.</param>
/// <param name="Id">Texts and whole numbers that tell rows of one moment apart.</param>
public sealed record ListPlace(long Time, params object[] Id)
{
    /// <summary>As a cursor says it.</summary>
    public override string ToString() =>
        string.Join('\n', Id.Prepend(Time).Select(static part => Convert.ToString(part, CultureInfo.InvariantCulture)));

    /// <summary>Reads what <see cref="ToString"/> has written; null for anything else.</summary>
    /// <param name="numbers">Which parts of the id are whole numbers; the others are texts.</param>
    public static ListPlace? Parse(string text, params bool[] numbers)
    {
        var parts = text.Split('\n');
        if (parts.Length != numbers.Length + 1 || !TryNumber(parts[0], out var time)) return null;
        var id = new object[numbers.Length];
        for (var i = 0; i < id.Length; i++)
        {
            if (!numbers[i]) id[i] = parts[i + 1];
            else if (TryNumber(parts[i + 1], out var number)) id[i] = number;
            else return null;
        }

        return new(time, id);
    }

    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

/// <summary>A page of a list.</summary>
/// <param name="Next">The place behind which the next page begins; null at the end.</param>
public sealed record ListPage<T>(IReadOnlyList<T> Items, ListPlace? Next, AsOf AsOf);

internal static class ListPage
{
    public static ListPage<TItem> Of<TRow, TItem>(
        ViewPage<TRow> page, int limit, Func<TRow, ListPlace> place, Func<TRow, TItem> item) => new(
        [.. page.Rows.Take(limit).Select(item)],
        page.Rows.Count > limit ? place(page.Rows[limit - 1]) : null,
        new(page.Epoch, page.Position));
}
