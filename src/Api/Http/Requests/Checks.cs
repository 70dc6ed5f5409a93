using System.Globalization;
using System.Text;
using Holdfast.Api.Http.Problems;

namespace Holdfast.Api.Http.Requests;

/// <summary>Collects what is out of bounds in one request, and refuses it with all of it at once.</summary>
internal struct Checks
{
    private Dictionary<string, string[]>? _errors;

    public void Require(bool holds, string field, string otherwise)
    {
        if (holds) return;
        _errors ??= [];
        _errors.TryAdd(field, [otherwise]);
    }

    /// <summary>A SKU, a customer's id, a counter's name.</summary>
    public void Name(string value, string field)
    {
        if (!Names.IsName(value)) Require(false, field, Names.Rule);
    }

    /// <summary>One line of text that people read.</summary>
    public void Text(string value, int limit, string field)
    {
        if (string.IsNullOrWhiteSpace(value) || value.Length > limit || !IsOneLine(value))
            Require(false, field, $"must have 1 to {limit} characters, not only white space, and no control characters");
    }

    public readonly void Refuse()
    {
        if (_errors is null) return;
        var (field, messages) = _errors.First();
        throw new RefusedRequestException(new Problem(ProblemKind.OutOfBounds, $"'{field}' {messages[0]}.") { Errors = _errors });
    }

    /// <summary>The reader takes a null in a list for one of its elements, whatever their type says.</summary>
    public static void NoNulls<T>(IReadOnlyList<T?> list, string field)
        where T : class
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is not null) continue;
            var place = string.Create(CultureInfo.InvariantCulture, $"{field}[{i}]");
            throw new RefusedRequestException(new Problem(ProblemKind.Malformed, $"'{place}' must not be null.")
            {
                Errors = new Dictionary<string, string[]> { [place] = ["must not be null"] },
            });
        }
    }

    /// <summary>Refuses a name in the path that is out of bounds.</summary>
    public static void Path(string value, string field)
    {
        if (Names.IsName(value)) return;
        throw new RefusedRequestException(new Problem(ProblemKind.Malformed, $"'{field}' {Names.Rule}.")
        {
            Errors = new Dictionary<string, string[]> { [field] = [Names.Rule] },
        });
    }

    /// <summary>No control characters, and no half of a surrogate pair: neither a database nor a log should have to bear them.</summary>
    public static bool IsOneLine(string value)
    {
        var span = value.AsSpan();
        return !span.ContainsAnyInRange('\u0000', '\u001F')
            && !span.ContainsAnyInRange('\u007F', '\u009F')
            && IsWellFormed(value);
    }

    public static bool IsWellFormed(string value)
    {
        var rest = value.AsSpan();
        for (var at = rest.IndexOfAnyInRange('\uD800', '\uDFFF'); at >= 0; at = rest.IndexOfAnyInRange('\uD800', '\uDFFF'))
        {
            if (Rune.DecodeFromUtf16(rest[at..], out _, out var used) != System.Buffers.OperationStatus.Done) return false;
            rest = rest[(at + used)..];
        }

        return true;
    }
}
