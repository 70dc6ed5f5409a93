namespace Holdfast.Checker.Models;

internal enum KvVerb
{
    Get = 0,
    Put = 1,
    Append = 2,
}

/// <param name="Text">Of a put or append: what was given. Of an answered get: what it saw.</param>
internal readonly record struct KvOperation(KvVerb Verb, string Text, bool Answered);

/// <param name="Text">Stands for the text; 0 is the empty one.</param>
/// <param name="Puts">
/// Stands for the set of answered puts that have taken place. It follows from what was taken, so it makes no more configurations; but it
/// tells when a text has gone wrong for good.
/// </param>
internal readonly record struct KvState(long Text, long Puts);

/// <summary>One text of a map: put whole, appended to, read. Empty at first; nothing tells an empty one from none.</summary>
internal sealed class KvModel : Model<KvOperation, KvState>
{
    public override string Name => "kv";

    public override KvOperation Parse(Operation operation)
    {
        var answered = operation.Outcome == OperationOutcome.Answered;
        switch (operation.Name)
        {
            case "get":
                _ = Members.Input(operation);
                return new(KvVerb.Get, answered ? Text(Members.Output(operation, "value")) : "", answered);
            case "put" or "append":
                if (answered)
                    _ = Members.Output(operation);
                return new(operation.Name == "put" ? KvVerb.Put : KvVerb.Append, Text(Members.Input(operation, "value")), answered);
            default:
                throw new HistoryException(operation.Line, $"a kv has no \"{operation.Name}\"; it has get, put and append");
        }
    }

    public override KvOperation Forget(KvOperation operation) =>
        operation with { Text = operation.Verb == KvVerb.Get ? "" : operation.Text, Answered = false };

    public override bool ChangesNothing(KvOperation operation) => operation is { Verb: KvVerb.Get } or { Verb: KvVerb.Append, Text: "" };

    public override IRules<KvState> Bind(KvOperation[] operations, long[] calls, long[] returns) => new KvRules(operations);

    private static string Text(Members members) => members.OptionalText("value") ?? throw members.Bad("wants a text as \"value\"");
}
