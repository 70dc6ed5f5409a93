namespace Holdfast.Checker.Models;

internal enum StockVerb
{
    Reserve = 0,
    Commit = 1,
    Release = 2,
    Adjust = 3,
    Read = 4,
}

internal enum StockAnswer
{
    Unknown = 0,
    Reserved = 1,
    Insufficient = 2,
    Released = 3,
    Done = 4,
    NotFound = 5,
    AlreadyCommitted = 6,
    AlreadyReleased = 7,
    Adjusted = 8,
    Refused = 9,
    Levels = 10,
}

/// <param name="Id">The reservation; null when nothing else in the history can mean it.</param>
/// <param name="Quantity">Units of a reserve; the delta of an adjust.</param>
/// <param name="Tombstone">A release that bars its id when there is no such reservation.</param>
/// <param name="OnHand">In the answer: right after the operation, and so for the other two.</param>
internal readonly record struct StockOperation(
    StockVerb Verb,
    string? Id,
    long Quantity,
    bool Tombstone,
    StockAnswer Answer,
    long? OnHand = null,
    long? Reserved = null,
    long? Available = null)
{
    public bool TellsLevels => OnHand is not null || Reserved is not null || Available is not null;
}

/// <param name="Holds">Stands for the status of every tracked reservation; see <see cref="HoldTree"/>.</param>
internal readonly record struct StockState(long OnHand, long Reserved, long Holds)
{
    public long Available => OnHand - Reserved;
}

/// <summary>The stock of one product, which starts with nothing on hand. Holds do not expire in this model.</summary>
internal sealed class StockModel : Model<StockOperation, StockState>
{
    /// <summary>Units on hand that an adjustment may not pass.</summary>
    public const long OnHandLimit = 1_000_000_000;

    public override string Name => "stock";

    public override StockOperation Parse(Operation operation) => operation.Name switch
    {
        "reserve" => ParseReserve(operation),
        "commit" => ParseClose(operation, StockVerb.Commit),
        "release" => ParseClose(operation, StockVerb.Release),
        "adjust" => ParseAdjust(operation),
        "read" => ParseRead(operation),
        _ => throw new HistoryException(
            operation.Line, $"stock has no \"{operation.Name}\"; it has reserve, commit, release, adjust and read"),
    };

    public override StockOperation Forget(StockOperation operation) =>
        operation with { Answer = StockAnswer.Unknown, OnHand = null, Reserved = null, Available = null };

    public override bool ChangesNothing(StockOperation operation) => operation.Answer switch
    {
        StockAnswer.Unknown => operation.Verb == StockVerb.Read,
        StockAnswer.NotFound => !operation.Tombstone,
        StockAnswer.Reserved or StockAnswer.Done or StockAnswer.Adjusted => false,
        _ => true,
    };

    public override IRules<StockState> Bind(StockOperation[] operations, long[] calls, long[] returns) =>
        new StockRules(operations, calls, returns);

    protected override void RefuseContradictoryInputs(Operation[] operations, StockOperation[] parsed)
    {
        var quantities = new Dictionary<string, long>();
        for (var i = 0; i < parsed.Length; i++)
        {
            if (parsed[i] is not { Verb: StockVerb.Reserve, Id: { } id, Quantity: var quantity })
                continue;
            if (!quantities.TryAdd(id, quantity) && quantities[id] != quantity)
                throw new HistoryException(operations[i].Line, $"reservation \"{id}\" is reserved with {quantities[id]} and with {quantity} units");
        }
    }

    private static StockOperation ParseReserve(Operation operation)
    {
        var input = Members.Input(operation, "id", "quantity");
        var quantity = Units(input, "quantity") is >= 1 and var units ? units : throw input.Bad("wants a \"quantity\" of 1 or more");
        var asked = new StockOperation(StockVerb.Reserve, input.OptionalText("id"), quantity, false, StockAnswer.Unknown);
        if (operation.Outcome != OperationOutcome.Answered)
            return asked;

        var output = Members.Output(operation, "status", "id", "onHand", "reserved", "available");
        var id = output.OptionalText("id");
        if (asked.Id is not null && id is not null && asked.Id != id)
            throw output.Bad($"has the id \"{id}\", the input has \"{asked.Id}\"");
        return WithLevels(output, asked with
        {
            Id = asked.Id ?? id,
            Answer = output.OptionalText("status") switch
            {
                "reserved" => StockAnswer.Reserved,
                "insufficient" => StockAnswer.Insufficient,
                "released" => StockAnswer.Released,
                var other => throw Status(output, other, "reserved, insufficient or released"),
            },
        });
    }

    private static StockOperation ParseClose(Operation operation, StockVerb verb)
    {
        var input = verb == StockVerb.Release ? Members.Input(operation, "id", "tombstone") : Members.Input(operation, "id");
        var id = input.OptionalText("id") ?? throw input.Bad("needs \"id\"");
        var asked = new StockOperation(verb, id, 0, verb == StockVerb.Release && input.Flag("tombstone"), StockAnswer.Unknown);
        if (operation.Outcome != OperationOutcome.Answered)
            return asked;

        var output = Members.Output(operation, "status", "onHand", "reserved", "available");
        return WithLevels(output, asked with
        {
            Answer = output.OptionalText("status") switch
            {
                "done" => StockAnswer.Done,
                "not_found" => StockAnswer.NotFound,
                "already_committed" when verb == StockVerb.Release => StockAnswer.AlreadyCommitted,
                "already_released" when verb == StockVerb.Commit => StockAnswer.AlreadyReleased,
                "expired" => throw output.Bad("has the status expired: holds do not expire in this model, record with a long time to live"),
                var other when verb == StockVerb.Commit => throw Status(output, other, "done, not_found or already_released"),
                var other => throw Status(output, other, "done, not_found or already_committed"),
            },
        });
    }

    private static StockOperation ParseAdjust(Operation operation)
    {
        var asked = new StockOperation(StockVerb.Adjust, null, Delta(Members.Input(operation, "delta")), false, StockAnswer.Unknown);
        if (operation.Outcome != OperationOutcome.Answered)
            return asked;
        var output = Members.Output(operation, "status", "onHand", "reserved", "available");
        return WithLevels(output, asked with
        {
            Answer = output.OptionalText("status") switch
            {
                "adjusted" => StockAnswer.Adjusted,
                "refused" => StockAnswer.Refused,
                var other => throw Status(output, other, "adjusted or refused"),
            },
        });
    }

    private static StockOperation ParseRead(Operation operation)
    {
        _ = Members.Input(operation);
        var asked = new StockOperation(StockVerb.Read, null, 0, false, StockAnswer.Unknown);
        if (operation.Outcome != OperationOutcome.Answered)
            return asked;
        var output = Members.Output(operation, "onHand", "reserved", "available");
        var read = WithLevels(output, asked with { Answer = StockAnswer.Levels });
        return read.TellsLevels ? read : throw output.Bad("needs \"onHand\", \"reserved\" or \"available\"");
    }

    private static long Delta(Members input) => Units(input, "delta") ?? throw input.Bad("needs \"delta\"");

    private static StockOperation WithLevels(Members output, StockOperation operation) => operation with
    {
        OnHand = Units(output, "onHand"),
        Reserved = Units(output, "reserved"),
        Available = Units(output, "available"),
    };

    /// <summary>Bounded as the product's own numbers are, so that sums of them stay far from overflow.</summary>
    private static long? Units(Members members, string name) => members.OptionalInteger(name) switch
    {
        >= -OnHandLimit and <= OnHandLimit and var units => units,
        null => null,
        _ => throw members.Bad($"wants a \"{name}\" of at most {OnHandLimit} units"),
    };

    private static HistoryException Status(Members output, string? status, string known) =>
        output.Bad(status is null ? $"needs \"status\": {known}" : $"has no status \"{status}\"; it has {known}");
}
