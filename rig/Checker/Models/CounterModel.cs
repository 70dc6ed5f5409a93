namespace Holdfast.Checker.Models;

internal enum CounterAnswer
{
    Unknown = 0,
    Value = 1,

    /// <summary>Incremented, but the new value was not recorded.</summary>
    Silent = 2,
    Overflow = 3,
}

/// <param name="Delta">Null for a read.</param>
/// <param name="Value">Right after the operation.</param>
internal readonly record struct CounterOperation(long? Delta, CounterAnswer Answer, long Value = 0);

internal readonly record struct CounterState(long Value);

/// <summary>One 64-bit counter that starts at 0.</summary>
internal sealed class CounterModel : Model<CounterOperation, CounterState>
{
    public override string Name => "counter";

    public override CounterOperation Parse(Operation operation) => operation.Name switch
    {
        "increment" => ParseIncrement(operation),
        "read" => ParseRead(operation),
        _ => throw new HistoryException(operation.Line, $"a counter has no \"{operation.Name}\"; it has increment and read"),
    };

    public override CounterOperation Forget(CounterOperation operation) => new(operation.Delta, CounterAnswer.Unknown);

    public override bool ChangesNothing(CounterOperation operation) => operation.Delta is null or 0 || operation.Answer == CounterAnswer.Overflow;

    public override IRules<CounterState> Bind(CounterOperation[] operations, long[] calls, long[] returns) => new CounterRules(operations);

    private static CounterOperation ParseIncrement(Operation operation)
    {
        var delta = Members.Input(operation, "delta").Integer("delta");
        if (operation.Outcome != OperationOutcome.Answered)
            return new(delta, CounterAnswer.Unknown);
        var output = Members.Output(operation, "status", "value");
        var value = output.OptionalInteger("value");
        return output.OptionalText("status") switch
        {
            null or "incremented" => new(delta, value is null ? CounterAnswer.Silent : CounterAnswer.Value, value ?? 0),
            "overflow" when value is null => new(delta, CounterAnswer.Overflow),
            "overflow" => throw output.Bad("has no \"value\" when the status is overflow"),
            var other => throw output.Bad($"has no status \"{other}\"; it has incremented and overflow"),
        };
    }

    private static CounterOperation ParseRead(Operation operation)
    {
        _ = Members.Input(operation);
        return operation.Outcome == OperationOutcome.Answered
            ? new(null, CounterAnswer.Value, Members.Output(operation, "value").Integer("value"))
            : new(null, CounterAnswer.Unknown);
    }
}

internal sealed class CounterRules(CounterOperation[] operations) : IRules<CounterState>
{
    /// <summary>A counter may refuse what a double cannot hold exactly; whether it does is its own matter.</summary>
    private const long MostAnswered = (1L << 53) - 1;

    private readonly int[] _classes = Classes(operations);
    private readonly bool _staysInRange = operations.Aggregate(Int128.Zero, (sum, operation) => sum + Int128.Abs(operation.Delta ?? 0)) <= Interval.LargestLevel;
    private readonly bool _neverFalls = operations.All(operation => operation.Delta is not < 0);
    private readonly bool _neverRises = operations.All(operation => operation.Delta is not > 0);

    public CounterState Initial => default;

    public bool TryApply(in CounterState state, int operation, out CounterState next)
    {
        ref readonly var asked = ref operations[operation];
        var fits = !Overflows(state.Value, asked.Delta ?? 0, out var value);
        if (asked.Answer == CounterAnswer.Overflow)
        {
            next = state;
            return !fits || Int128.Abs(value) > MostAnswered;
        }

        next = new(value);
        return fits && (asked.Answer != CounterAnswer.Value || asked.Value == value);
    }

    public int ClassOf(int operation) => _classes[operation];

    public bool ChangesNothing(int operation) => operations[operation] is { Delta: null or 0 } or { Answer: CounterAnswer.Overflow };

    public bool IsPinned(int operation) => operations[operation].Answer == CounterAnswer.Value;

    public long Distance(in CounterState state, int operation)
    {
        if (Overflows(state.Value, operations[operation].Delta ?? 0, out var value))
            return long.MaxValue;
        var distance = (Int128)operations[operation].Value - value;
        return (long)Int128.Min(Int128.Abs(distance), long.MaxValue);
    }

    public bool IsLost(in CounterState state, int operation)
    {
        ref readonly var asked = ref operations[operation];
        if (asked.Answer != CounterAnswer.Value)
            return false;
        var needed = (Int128)asked.Value - (asked.Delta ?? 0);
        return (_neverFalls && state.Value > needed) || (_neverRises && state.Value < needed);
    }

    public bool IsFree(int operation, out Effect effect)
    {
        effect = new(operations[operation].Delta ?? 0, 0);
        return _staysInRange && operations[operation] is { Delta: not null, Answer: CounterAnswer.Unknown or CounterAnswer.Silent };
    }

    public Effect LevelsOf(in CounterState state) => new(state.Value, 0);

    public bool TryGetNeeds(in CounterState state, int operation, out Needs needs)
    {
        ref readonly var asked = ref operations[operation];
        needs = new(Interval.Any, Interval.Any, Interval.Any);
        if (!_staysInRange || asked.Answer != CounterAnswer.Value || Int128.Abs(asked.Value) > Interval.LargestLevel)
            return false;
        needs = needs with { X = Interval.Exactly(asked.Value - (asked.Delta ?? 0)) };
        return true;
    }

    public long HeldWords => 0;

    public string Describe(in CounterState state) => $"value {state.Value}";

    private static int[] Classes(CounterOperation[] operations)
    {
        // An increment whose answer was lost does, when it has its effect, what one does whose answer says nothing.
        var numbers = new ClassNumbers<CounterOperation>();
        return Array.ConvertAll(
            operations, operation => numbers.Of(operation.Answer == CounterAnswer.Unknown ? operation with { Answer = CounterAnswer.Silent } : operation));
    }

    private static bool Overflows(long value, long delta, out long sum)
    {
        sum = unchecked(value + delta);
        return ((value ^ sum) & (delta ^ sum)) < 0;
    }
}
