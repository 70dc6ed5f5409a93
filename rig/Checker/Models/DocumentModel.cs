using System.Text.Json;

namespace Holdfast.Checker.Models;

internal enum DocumentVerb
{
    Read = 0,
    Put = 1,
    Patch = 2,
    Erase = 3,
}

internal enum DocumentAnswer
{
    Unknown = 0,
    Done = 1,

    /// <summary>Refused: the document has another version than the one asked for.</summary>
    Mismatch = 2,

    /// <summary>Refused: there is no document.</summary>
    NotFound = 3,
}

/// <param name="Value">Of a put or patch: canonical JSON. Of a read: what it saw; null when there was none.</param>
/// <param name="IfVersion">Only when the document has this version.</param>
/// <param name="Version">In the answer: right after the operation.</param>
/// <param name="Compares">Only when the document has the value <paramref name="IfValue"/>; null: only when there is none.</param>
internal readonly record struct DocumentOperation(
    DocumentVerb Verb,
    string? Value,
    long? IfVersion,
    DocumentAnswer Answer,
    long? Version = null,
    bool Compares = false,
    string? IfValue = null)
{
    public bool IsConditional => Compares || IfVersion is not null;
}

/// <param name="Value">Stands for the value; 0 when there is none.</param>
/// <param name="Floor">The lowest version that the document can have.</param>
/// <param name="Versions">0: it is the floor. Else it may be higher; stands for the set of versions that it is known not to have.</param>
internal readonly record struct DocumentState(long Value, long Floor, long Versions);

/// <summary>One value with a version that rises with each change. Absent, at version 0, until it is written.</summary>
internal abstract class DocumentModel : Model<DocumentOperation, DocumentState>
{
    public override DocumentOperation Forget(DocumentOperation operation) =>
        operation with { Value = operation.Verb == DocumentVerb.Read ? null : operation.Value, Answer = DocumentAnswer.Unknown, Version = null };

    public override bool ChangesNothing(DocumentOperation operation) =>
        operation.Verb == DocumentVerb.Read || operation.Answer is DocumentAnswer.Mismatch or DocumentAnswer.NotFound;

    public override IRules<DocumentState> Bind(DocumentOperation[] operations, long[] calls, long[] returns) => new DocumentRules(operations);

    protected static DocumentOperation ParseRead(Operation operation)
    {
        _ = Members.Input(operation);
        if (operation.Outcome != OperationOutcome.Answered)
            return new(DocumentVerb.Read, null, null, DocumentAnswer.Unknown);
        var output = Members.Output(operation, "value", "version");
        return new(DocumentVerb.Read, Canonical(output.Value("value")), null, DocumentAnswer.Done, output.OptionalInteger("version"));
    }

    protected static DocumentOperation ParseChange(
        Operation operation, DocumentVerb verb, string? value, long? ifVersion, string done, bool canMissDocument = false) =>
        ParseChange(operation, new(verb, value, ifVersion, DocumentAnswer.Unknown), done, canMissDocument);

    /// <param name="asked">Without its answer.</param>
    protected static DocumentOperation ParseChange(Operation operation, DocumentOperation asked, string done, bool canMissDocument = false)
    {
        if (operation.Outcome != OperationOutcome.Answered)
            return asked;
        var output = Members.Output(operation, "status", "version");
        var answer = output.OptionalText("status") switch
        {
            var status when status == done => DocumentAnswer.Done,
            null => DocumentAnswer.Done,
            "mismatch" when asked.IsConditional => DocumentAnswer.Mismatch,
            "not_found" when canMissDocument => DocumentAnswer.NotFound,
            var other => throw output.Bad(
                $"has no status \"{other}\"; it has {done}{(asked.IsConditional ? ", mismatch" : "")}{(canMissDocument ? ", not_found" : "")}"),
        };
        return asked with { Answer = answer, Version = output.OptionalInteger("version") };
    }

    /// <summary>The same text for the same JSON, whatever the order of members; null for null.</summary>
    protected static string? Canonical(JsonElement value) =>
        value.ValueKind == JsonValueKind.Null ? null : Json.Canonical(value);
}

/// <summary>One value: read, write, and compare-and-set on the version or on the value.</summary>
internal sealed class RegisterModel : DocumentModel
{
    public override string Name => "register";

    public override DocumentOperation Parse(Operation operation)
    {
        switch (operation.Name)
        {
            case "read":
                return ParseRead(operation);
            case "write":
                var write = Members.Input(operation, "value");
                return ParseChange(operation, DocumentVerb.Put, NotNull(write), null, "written");
            case "cas":
                return ParseChange(operation, CompareAndSet(Members.Input(operation, "value", "ifVersion", "ifValue")), "written");
            default:
                throw new HistoryException(operation.Line, $"a register has no \"{operation.Name}\"; it has read, write and cas");
        }
    }

    private static DocumentOperation CompareAndSet(Members input)
    {
        var compares = input.Has("ifValue");
        if (compares == input.Has("ifVersion"))
            throw input.Bad("needs one of \"ifVersion\" and \"ifValue\"");
        var asked = new DocumentOperation(DocumentVerb.Put, NotNull(input), null, DocumentAnswer.Unknown);
        return compares
            ? asked with { Compares = true, IfValue = Canonical(input.Value("ifValue")) }
            : asked with { IfVersion = input.Integer("ifVersion") };
    }

    private static string NotNull(Members input) => Canonical(input.Value("value")) ?? throw input.Bad("wants a \"value\" that is not null");
}

/// <summary>A map of fields: put whole, merged by patch (RFC 7396), erased.</summary>
internal sealed class ProfileModel : DocumentModel
{
    public override string Name => "profile";

    public override DocumentOperation Parse(Operation operation)
    {
        switch (operation.Name)
        {
            case "read":
                return ParseRead(operation);
            case "put":
                var put = Members.Input(operation, "value", "ifVersion");
                return ParseChange(operation, DocumentVerb.Put, Map(put, "value"), put.OptionalInteger("ifVersion"), "changed");
            case "patch":
                var patch = Members.Input(operation, "patch", "ifVersion");
                return ParseChange(operation, DocumentVerb.Patch, Map(patch, "patch"), patch.OptionalInteger("ifVersion"), "changed");
            case "erase":
                var erase = Members.Input(operation, "ifVersion");
                return ParseChange(operation, DocumentVerb.Erase, null, erase.OptionalInteger("ifVersion"), "erased", canMissDocument: true);
            default:
                throw new HistoryException(operation.Line, $"a profile has no \"{operation.Name}\"; it has read, put, patch and erase");
        }
    }

    private static string Map(Members input, string name)
    {
        var value = input.Value(name);
        return value.ValueKind == JsonValueKind.Object ? Json.Canonical(value) : throw input.Bad($"wants a JSON object as \"{name}\"");
    }
}
