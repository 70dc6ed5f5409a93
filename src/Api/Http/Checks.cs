using System.Text;
using Holdfast.Contracts;

namespace Holdfast.Api.Http;

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

    /// <summary>A SKU, a user's id or a counter's name: what can be one segment of a path.</summary>
    public void Key(string value, string field)
    {
        if (!IsKey(value)) Require(false, field, KeyRule);
    }

    /// <summary>One line of text that people read.</summary>
    public void Text(string value, int limit, string field)
    {
        if (value.Length == 0 || value.Length > limit || !IsOneLine(value))
            Require(false, field, $"must have 1 to {limit} characters and no control characters");
    }

    public readonly void Refuse()
    {
        if (_errors is null) return;
        var (field, messages) = _errors.First();
        throw new RefusedRequestException(new Problem(ProblemKind.OutOfBounds, $"'{field}' {messages[0]}.") { Errors = _errors });
    }

    /// <summary>Refuses a name in the path that is out of bounds.</summary>
    public static void Path(string value, string field)
    {
        if (IsKey(value)) return;
        throw new RefusedRequestException(new Problem(ProblemKind.Malformed, $"'{field}' {KeyRule}.")
        {
            Errors = new Dictionary<string, string[]> { [field] = [KeyRule] },
        });
    }

    public static bool IsKey(string value) =>
        value.Length is > 0 and <= Limits.KeyLength && value is not ("." or "..") && !value.Contains('/') && IsOneLine(value);

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

    private const string KeyRule = "must have 1 to 128 characters, no control characters, no slash, and not be '.' or '..'";
}
