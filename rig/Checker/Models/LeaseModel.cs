namespace Holdfast.Checker.Models;

internal enum LeaseVerb
{
    Read = 0,
    Acquire = 1,
    Renew = 2,
    Release = 3,
}

internal enum LeaseAnswer
{
    Unknown = 0,
    Done = 1,

    /// <summary>Refused, or read: somebody holds it.</summary>
    Held = 2,

    /// <summary>Of a renewal or a release: that term is over.</summary>
    Lost = 3,

    /// <summary>Read: nobody holds it.</summary>
    Free = 4,
}

/// <param name="Asked">Of a renewal or a release: the number of the term.</param>
/// <param name="Number">In the answer: of the newest term; null when it does not say.</param>
/// <param name="Ends">In the answer: when the term ends, in the unit of calls and returns; null when it does not say.</param>
internal readonly record struct LeaseOperation(
    LeaseVerb Verb, long Asked, LeaseAnswer Answer, long? Number = null, long? Ends = null);

/// <param name="Number">Of the newest term.</param>
/// <param name="Ends">Before that moment it has not ended by itself; <see cref="Over"/> when it is over.</param>
/// <param name="Time">It is that late at least: a term was found over that did not end before.</param>
internal readonly record struct LeaseState(long Number, long Ends, long Time)
{
    public const long Over = long.MinValue;

    /// <summary>A term of which nobody was told when it ends: it may be over at any time.</summary>
    public const long Untold = long.MinValue + 1;

    public bool IsHeld => Ends != Over;

    /// <summary>When the term is found over, if it was not known to be.</summary>
    public LeaseState Ended => new(Number, Over, Math.Max(Time, Ends));
}

/// <summary>
/// One lease. A term ends when it is released, or by itself, at its time or later: so an operation can find it over when it returns after
/// that time, and need not. From then on it is over for everybody.
/// </summary>
internal sealed class LeaseModel : Model<LeaseOperation, LeaseState>
{
    public override string Name => "lease";

    public override LeaseOperation Parse(Operation operation)
    {
        switch (operation.Name)
        {
            case "read":
                _ = Members.Input(operation);
                return Answered(operation, new(LeaseVerb.Read, 0, LeaseAnswer.Unknown), LeaseAnswer.Held, LeaseAnswer.Free);
            case "acquire":
                _ = Members.Input(operation);
                return Answered(operation, new(LeaseVerb.Acquire, 0, LeaseAnswer.Unknown), LeaseAnswer.Done, LeaseAnswer.Held);
            case "renew":
                var renewed = Members.Input(operation, "number").Integer("number");
                return Answered(operation, new(LeaseVerb.Renew, renewed, LeaseAnswer.Unknown), LeaseAnswer.Done, LeaseAnswer.Lost);
            case "release":
                var released = Members.Input(operation, "number").Integer("number");
                return Answered(operation, new(LeaseVerb.Release, released, LeaseAnswer.Unknown), LeaseAnswer.Done, LeaseAnswer.Lost);
            default:
                throw new HistoryException(
                    operation.Line, $"a lease has no \"{operation.Name}\"; it has acquire, renew, release and read");
        }
    }

    public override LeaseOperation Forget(LeaseOperation operation) => new(operation.Verb, operation.Asked, LeaseAnswer.Unknown);

    public override bool ChangesNothing(LeaseOperation operation) => operation.Answer == LeaseAnswer.Held
        || operation is { Verb: LeaseVerb.Read, Answer: LeaseAnswer.Unknown };

    public override IRules<LeaseState> Bind(LeaseOperation[] operations, long[] calls, long[] returns) =>
        new LeaseRules(operations, returns);

    private static LeaseOperation Answered(Operation operation, LeaseOperation asked, LeaseAnswer one, LeaseAnswer other)
    {
        if (operation.Outcome != OperationOutcome.Answered)
            return asked;
        var output = Members.Output(operation, "status", "number", "ends");
        var status = output.OptionalText("status");
        var answer = status == NameOf(one) ? one
            : status == NameOf(other) ? other
            : throw output.Bad($"has no status \"{status}\"; it has {NameOf(one)} and {NameOf(other)}");
        return asked with { Answer = answer, Number = output.OptionalInteger("number"), Ends = output.OptionalInteger("ends") };
    }

    private static string NameOf(LeaseAnswer answer) => answer switch
    {
        LeaseAnswer.Done => "done",
        LeaseAnswer.Held => "held",
        LeaseAnswer.Lost => "lost",
        _ => "free",
    };
}

internal sealed class LeaseRules(LeaseOperation[] operations, long[] returns) : IRules<LeaseState>
{
    private readonly int[] _classes = Classes(operations, returns);

    public LeaseState Initial => new(0, LeaseState.Over, LeaseState.Over);

    public bool TryApply(in LeaseState state, int operation, out LeaseState next)
    {
        ref readonly var asked = ref operations[operation];
        next = state;
        if (returns[operation] < state.Time) return false;

        // It can find the term over: by itself, when its answer came late enough for that.
        var canBeOver = !state.IsHeld || returns[operation] >= state.Ends;
        var isItsTerm = state.IsHeld && asked.Asked == state.Number;
        switch (asked.Answer)
        {
            case LeaseAnswer.Held:
                return state.IsHeld && Says(asked, state.Number) && !(asked.Ends < state.Ends);
            case LeaseAnswer.Free:
                next = state.Ended;
                return canBeOver && Says(asked, state.Number);
            case LeaseAnswer.Lost:
                if (isItsTerm) next = state.Ended;
                return (!isItsTerm || canBeOver) && Says(asked, state.Number);
        }

        switch (asked.Verb)
        {
            case LeaseVerb.Acquire:
                next = state.Ended with { Number = state.Number + 1, Ends = asked.Ends ?? LeaseState.Untold };
                return canBeOver && Says(asked, next.Number);
            case LeaseVerb.Renew:
                // A renewal never makes a term shorter.
                next = state with { Ends = asked.Ends ?? state.Ends };
                return isItsTerm && Says(asked, state.Number) && !(asked.Ends < state.Ends);
            case LeaseVerb.Release:
                next = state with { Ends = LeaseState.Over };
                return isItsTerm && Says(asked, state.Number);
            default:
                return true;
        }
    }

    public int ClassOf(int operation) => _classes[operation];

    public bool ChangesNothing(int operation) => operations[operation] is { Answer: LeaseAnswer.Held }
        or { Verb: LeaseVerb.Read, Answer: LeaseAnswer.Unknown };

    public bool IsPinned(int operation) => operations[operation].Number is not null;

    public long Distance(in LeaseState state, int operation) => Math.Abs(operations[operation].Number.GetValueOrDefault() - state.Number);

    /// <summary>Numbers and time only grow.</summary>
    public bool IsLost(in LeaseState state, int operation) => operations[operation] is { Answer: not LeaseAnswer.Unknown } asked
        && (returns[operation] < state.Time
            || asked.Number < state.Number
            || (asked is { Answer: LeaseAnswer.Done, Verb: not LeaseVerb.Acquire } && asked.Asked < state.Number));

    public bool IsFree(int operation, out Effect effect)
    {
        effect = default;
        return false;
    }

    public Effect LevelsOf(in LeaseState state) => default;

    public bool TryGetNeeds(in LeaseState state, int operation, out Needs needs)
    {
        needs = default;
        return false;
    }

    public long HeldWords => 0;

    public string Describe(in LeaseState state) => state switch
    {
        { IsHeld: false } => $"term {state.Number} is over",
        { Ends: LeaseState.Untold } => $"term {state.Number}",
        _ => $"term {state.Number}, until {state.Ends}",
    };

    private static bool Says(in LeaseOperation asked, long number) => (asked.Number ?? number) == number;

    /// <summary>
    /// Of two that were asked and answered the same, one may return too early to find a term over: what an answer says of that tells them
    /// apart by their returns.
    /// </summary>
    private static int[] Classes(LeaseOperation[] operations, long[] returns)
    {
        var numbers = new ClassNumbers<(LeaseOperation, long)>();
        return [.. operations.Select((operation, place) => numbers.Of((operation, returns[place])))];
    }
}
