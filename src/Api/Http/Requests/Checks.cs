using System.Text;
using Holdfast.Api.Http.Problems;

namespace Holdfast.Api.Http.Requests;

/// <summary>Collects what is out of bounds in one request, and refuses it with all of it at once.</summary>
internal struct Checks
{
    /// <summary>Whoever has more errors than this is told the first ones.</summary>
    private const int MaxErrors = 50;

    private List<RequestError>? _errors;

    /// <summary>The error when it does not hold.</summary>
    public void Require(bool holds, RequestError otherwise)
    {
        if (!holds) Add(otherwise);
    }

    /// <summary>A member of the body.</summary>
    public void Require(bool holds, string pointer, string code, string otherwise)
    {
        if (!holds) Add(RequestError.InBody(pointer, code, otherwise));
    }

    /// <summary>A number, both bounds included.</summary>
    public void Range(long value, long least, long most, string pointer)
    {
        if (value < least || value > most) Require(false, pointer, ErrorCodes.OutOfRange, $"must be {least} to {most}");
    }

    /// <summary>A SKU, a customer's id, a counter's name.</summary>
    public void Name(string value, string pointer)
    {
        if (!Names.IsName(value)) Require(false, pointer, ErrorCodes.InvalidName, Names.Rule);
    }

    /// <summary>One line of text that people read.</summary>
    public void Text(string value, int limit, string pointer)
    {
        if (string.IsNullOrWhiteSpace(value) || value.Length > limit || !IsOneLine(value))
        {
            Require(
                false,
                pointer,
                ErrorCodes.InvalidText,
                $"must have 1 to {limit} characters, not only white space, and no control characters");
        }
    }

    public readonly void Refuse()
    {
        if (_errors is not null) throw new RefusedRequestException(Problem.Of(ProblemKind.OutOfBounds, _errors));
    }

    /// <summary>The reader takes a null in a list for one of its elements, whatever their type says.</summary>
    public static void NoNulls<T>(IReadOnlyList<T?> list, string pointer)
        where T : class
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is not null) continue;
            throw Unreadable(RequestError.InBody(RequestError.Element(pointer, i), ErrorCodes.Null, "must not be null"));
        }
    }

    /// <summary>Refuses a name in the path that is out of bounds.</summary>
    public static void Path(string value, string parameter)
    {
        if (!Names.IsName(value)) throw Unreadable(RequestError.InParameter(parameter, ErrorCodes.InvalidName, Names.Rule));
    }

    /// <summary>400, for what cannot be read.</summary>
    public static RefusedRequestException Unreadable(RequestError error) => new(Problem.Of(ProblemKind.Malformed, [error]));

    /// <summary>One error a place: the first.</summary>
    private void Add(RequestError error)
    {
        _errors ??= [];
        if (_errors.Count < MaxErrors && !_errors.Exists(there => Place(there) == Place(error))) _errors.Add(error);

        static (string?, string?, string?) Place(RequestError error) => (error.JsonPointer, error.Parameter, error.Header);
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
