namespace Holdfast.Checker.Models;

/// <summary>
/// Stock as the search sees it. The operations on one reservation whose order real time fixes have a fixed effect on the levels; then
/// the reservation's status need not be part of the state, and all such holds of one quantity are alike. Only reservations with
/// operations that overlap are tracked in the state.
/// </summary>
internal sealed class StockRules : IRules<StockState>
{
    private const int Untracked = -1;

    /// <param name="Hold">The tracked reservation, or <see cref="Untracked"/>: then the transition is fixed.</param>
    private readonly record struct Step(StockOperation Asked, int Hold, Transition Fixed);

    /// <param name="Happens">False: with this answer the operation cannot have taken place here.</param>
    /// <param name="OnHand">Units added to what is on hand; likewise <paramref name="Reserved"/>.</param>
    private readonly record struct Transition(bool Happens, HoldStatus After, long OnHand, long Reserved)
    {
        public static Transition None(HoldStatus status) => new(true, status, 0, 0);

        public static Transition When(bool happens, HoldStatus status) => new(happens, status, 0, 0);
    }

    private readonly Step[] _steps;
    private readonly int[] _classes;
    private readonly long[] _quantities;

    // No order of the adjustments reaches the limit, so whether one is refused depends on the available units alone.
    private readonly bool _staysInRange;
    private readonly HoldTree _holds;

    public StockRules(StockOperation[] operations, long[] calls, long[] returns)
    {
        _steps = new Step[operations.Length];
        var quantities = new List<long>();
        for (var i = 0; i < operations.Length; i++)
        {
            if (operations[i].Id is null)
                _steps[i] = new(operations[i], Untracked, Move(operations[i], HoldStatus.None, operations[i].Quantity));
        }

        foreach (var sameId in Enumerable.Range(0, operations.Length).Where(i => operations[i].Id is not null).GroupBy(i => operations[i].Id))
        {
            int[] members = [.. sameId];
            var quantity = members.Max(i => operations[i].Verb == StockVerb.Reserve ? operations[i].Quantity : 0);
            if (TryFix(operations, members, calls, returns, quantity))
                continue;
            foreach (var i in members)
                _steps[i] = new(operations[i], quantities.Count, default);
            quantities.Add(quantity);
        }

        _quantities = [.. quantities];
        _staysInRange = operations.Sum(asked => asked.Verb == StockVerb.Adjust ? Math.Abs(asked.Quantity) : 0) <= StockModel.OnHandLimit;
        _holds = new HoldTree(_quantities.Length);
        var numbers = new ClassNumbers<Step>();
        _classes = Array.ConvertAll(_steps, step => numbers.Of(step with { Asked = AsAnswered(step.Asked) }));
    }

    public StockState Initial => default;

    public bool TryApply(in StockState state, int operation, out StockState next)
    {
        next = state;
        ref readonly var step = ref _steps[operation];
        var move = MoveIn(state, step);
        if (!move.Happens || !Allows(state, step.Asked, move))
            return false;
        next = new(
            state.OnHand + move.OnHand,
            state.Reserved + move.Reserved,
            step.Hold == Untracked ? state.Holds : _holds.With(state.Holds, step.Hold, move.After));
        return Tells(next, step.Asked);
    }

    public int ClassOf(int operation) => _classes[operation];

    public bool ChangesNothing(int operation) => _steps[operation] switch
    {
        { Hold: Untracked, Fixed: { Happens: true, OnHand: 0, Reserved: 0 } } => true,
        { Asked.Answer: StockAnswer.NotFound, Asked.Tombstone: var tombstone } => !tombstone,
        { Asked.Answer: StockAnswer.Unknown or StockAnswer.Reserved or StockAnswer.Done or StockAnswer.Adjusted } => false,
        _ => true,
    };

    public bool IsPinned(int operation) => _steps[operation].Asked.TellsLevels;

    public long Distance(in StockState state, int operation)
    {
        ref readonly var step = ref _steps[operation];
        var onHand = state.OnHand + step.Fixed.OnHand;
        var reserved = state.Reserved + step.Fixed.Reserved;
        return Off(step.Asked.OnHand, onHand) + Off(step.Asked.Reserved, reserved) + Off(step.Asked.Available, onHand - reserved);
    }

    public bool IsLost(in StockState state, int operation) => false;

    public bool IsFree(int operation, out Effect effect)
    {
        ref readonly var step = ref _steps[operation];
        effect = new(step.Fixed.OnHand, step.Fixed.Reserved);
        return _staysInRange
            && step is { Hold: Untracked, Fixed.Happens: true }
            && !step.Asked.TellsLevels
            && step.Asked.Answer is StockAnswer.Unknown or StockAnswer.Reserved or StockAnswer.Done or StockAnswer.Adjusted;
    }

    public Effect LevelsOf(in StockState state) => new(state.OnHand, state.Reserved);

    public bool TryGetNeeds(in StockState state, int operation, out Needs needs)
    {
        ref readonly var step = ref _steps[operation];
        var asked = step.Asked;
        var move = MoveIn(state, step);
        needs = new(Told(asked.OnHand, move.OnHand), Told(asked.Reserved, move.Reserved), Told(asked.Available, move.OnHand - move.Reserved));
        needs = needs with
        {
            Gap = needs.Gap.And(asked.Verb switch
            {
                StockVerb.Reserve when asked.Answer == StockAnswer.Insufficient => Interval.AtMost(asked.Quantity - 1),
                StockVerb.Reserve => Interval.AtLeast(move.Reserved),
                StockVerb.Adjust when asked.Answer == StockAnswer.Refused => Interval.AtMost(-asked.Quantity - 1),
                StockVerb.Adjust => Interval.AtLeast(-asked.Quantity),
                _ => Interval.Any,
            }).And(Interval.AtLeast(0)),
        };
        return _staysInRange && move.Happens;
    }

    public long HeldWords => _holds.HeldWords;

    public string Describe(in StockState state) => $"on hand {state.OnHand}, reserved {state.Reserved}, available {state.Available}";

    /// <summary>An operation whose answer was lost does, when it has its effect, what an answered one does.</summary>
    private static StockOperation AsAnswered(StockOperation asked) => asked.Answer != StockAnswer.Unknown ? asked : asked with
    {
        Answer = asked.Verb switch
        {
            StockVerb.Reserve => StockAnswer.Reserved,
            StockVerb.Adjust => StockAnswer.Adjusted,
            StockVerb.Read => StockAnswer.Levels,
            _ => StockAnswer.Done,
        },
    };

    /// <summary>Fixes the transitions of one reservation if each of its operations returned before the next was called.</summary>
    private bool TryFix(StockOperation[] operations, int[] members, long[] calls, long[] returns, long quantity)
    {
        for (var i = 1; i < members.Length; i++)
        {
            if (returns[members[i - 1]] >= calls[members[i]])
                return false;
        }

        var status = HoldStatus.None;
        foreach (var i in members)
        {
            var move = Move(operations[i], status, quantity);
            // Answers that contradict each other within one reservation are left to the search, which can show them.
            if (!move.Happens && operations[i].Answer != StockAnswer.Unknown)
                return false;
            // Without its id: holds of one quantity, and their ends, are alike.
            _steps[i] = new(operations[i] with { Id = null }, Untracked, move);
            status = move.After;
        }

        return true;
    }

    private static Transition Move(in StockOperation asked, HoldStatus status, long quantity) => asked.Verb switch
    {
        StockVerb.Reserve => Reserve(asked.Answer, status, quantity),
        StockVerb.Commit => Commit(asked.Answer, status, quantity),
        StockVerb.Release => Release(asked, status, quantity),
        StockVerb.Adjust when asked.Answer != StockAnswer.Refused => new(true, status, asked.Quantity, 0),
        _ => Transition.None(status),
    };

    private static Transition Reserve(StockAnswer answer, HoldStatus status, long quantity) => answer switch
    {
        StockAnswer.Unknown when status == HoldStatus.None => new(true, HoldStatus.Open, 0, quantity),
        StockAnswer.Reserved when status == HoldStatus.None => new(true, HoldStatus.Open, 0, quantity),
        // A repeat under the same id is answered as the first was.
        StockAnswer.Reserved => Transition.When(status != HoldStatus.Barred, status),
        StockAnswer.Insufficient => Transition.When(status == HoldStatus.None, status),
        StockAnswer.Released => Transition.When(status is HoldStatus.Released or HoldStatus.Barred, status),
        _ => default,
    };

    private static Transition Commit(StockAnswer answer, HoldStatus status, long quantity) => answer switch
    {
        StockAnswer.Unknown or StockAnswer.Done when status == HoldStatus.Open => new(true, HoldStatus.Committed, -quantity, -quantity),
        StockAnswer.Done => Transition.When(status == HoldStatus.Committed, status),
        StockAnswer.NotFound => Transition.When(status is HoldStatus.None or HoldStatus.Barred, status),
        StockAnswer.AlreadyReleased => Transition.When(status is HoldStatus.Released or HoldStatus.Barred, status),
        _ => default,
    };

    private static Transition Release(in StockOperation asked, HoldStatus status, long quantity) => asked.Answer switch
    {
        StockAnswer.Unknown or StockAnswer.Done when status == HoldStatus.Open => new(true, HoldStatus.Released, 0, -quantity),
        StockAnswer.Unknown or StockAnswer.Done when status == HoldStatus.None => Transition.When(asked.Tombstone, HoldStatus.Barred),
        StockAnswer.Done => Transition.When(status is HoldStatus.Released or HoldStatus.Barred, status),
        StockAnswer.NotFound when status == HoldStatus.None => Transition.None(asked.Tombstone ? HoldStatus.Barred : HoldStatus.None),
        StockAnswer.AlreadyCommitted => Transition.When(status == HoldStatus.Committed, status),
        _ => default,
    };

    private static Interval Told(long? level, long change) => level is { } known ? Interval.Exactly(known - change) : Interval.Any;

    private Transition MoveIn(in StockState state, in Step step) =>
        step.Hold == Untracked ? step.Fixed : Move(step.Asked, _holds.Read(state.Holds, step.Hold), _quantities[step.Hold]);

    private static bool Allows(in StockState state, in StockOperation asked, in Transition move) => asked.Verb switch
    {
        StockVerb.Reserve when asked.Answer == StockAnswer.Insufficient => state.Available < asked.Quantity,
        StockVerb.Reserve => state.Available >= move.Reserved,
        StockVerb.Adjust => AdjustFits(state, asked.Quantity) == (asked.Answer != StockAnswer.Refused),
        _ => true,
    };

    private static bool AdjustFits(in StockState state, long delta) =>
        delta <= StockModel.OnHandLimit && state.OnHand + delta >= state.Reserved && state.OnHand + delta <= StockModel.OnHandLimit;

    private static bool Tells(in StockState state, in StockOperation asked) =>
        (asked.OnHand is null || asked.OnHand == state.OnHand)
        && (asked.Reserved is null || asked.Reserved == state.Reserved)
        && (asked.Available is null || asked.Available == state.Available);

    private static long Off(long? told, long level) => told is not { } value ? 0 : value > level ? value - level : level - value;
}
