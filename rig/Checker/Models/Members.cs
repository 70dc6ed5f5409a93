using System.Text.Json;

namespace Holdfast.Checker.Models;

/// <summary>Reads the members of an input or output, and refuses those that the model does not know.</summary>
internal readonly struct Members
{
    private readonly Operation _operation;
    private readonly JsonElement _object;
    private readonly string _where;

    private Members(Operation operation, JsonElement members, string where, ReadOnlySpan<string> known)
    {
        (_operation, _object, _where) = (operation, members, where);
        foreach (var member in members.EnumerateObject())
        {
            if (!known.Contains(member.Name))
                throw Bad($"has no member \"{member.Name}\"");
        }
    }

    public static Members Input(Operation operation, params ReadOnlySpan<string> known) => new(operation, operation.Input, "input", known);

    /// <summary>Call only for an answered operation.</summary>
    public static Members Output(Operation operation, params ReadOnlySpan<string> known) =>
        new(operation, operation.Output!.Value, "output", known);

    public bool Has(string name) => _object.TryGetProperty(name, out _);

    public long Integer(string name) => OptionalInteger(name) ?? throw Bad($"needs \"{name}\"");

    public long? OptionalInteger(string name)
    {
        if (!_object.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : throw Bad($"wants a 64-bit integer as \"{name}\"");
    }

    public string? OptionalText(string name)
    {
        if (!_object.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Bad($"wants a text as \"{name}\"");
    }

    public bool Flag(string name)
    {
        if (!_object.TryGetProperty(name, out var value))
            return false;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw Bad($"wants true or false as \"{name}\"");
    }

    public JsonElement Value(string name) => _object.TryGetProperty(name, out var value) ? value : throw Bad($"needs \"{name}\"");

    public HistoryException Bad(string what) => new(_operation.Line, $"the {_where} of \"{_operation.Name}\" {what}");
}
