namespace Holdfast.Checker.Models;

/// <summary>Integers from a low to a high one, both included.</summary>
internal readonly record struct Interval(long Low, long High)
{
    // Far from the ends of the range, so that sums of levels and bounds cannot overflow.
    private const long Infinite = long.MaxValue / 8;

    /// <summary>Levels and effects beyond this must not be reasoned about in intervals.</summary>
    public const long LargestLevel = long.MaxValue / 64;

    public static Interval Any { get; } = new(-Infinite, Infinite);

    public bool IsAny => this == Any;

    public static Interval Exactly(long value) => new(value, value);

    public static Interval AtLeast(long value) => new(value, Infinite);

    public static Interval AtMost(long value) => new(-Infinite, value);

    public bool Contains(long value) => value >= Low && value <= High;

    public Interval And(Interval other) => new(Math.Max(Low, other.Low), Math.Min(High, other.High));
}

/// <summary>
/// What an operation with constant effect adds to the two levels of a state. Such operations commute; all that one can ask of the
/// state is that the gap between the levels does not become negative, if the model has such a rule: then each of its needs says so.
/// </summary>
internal readonly record struct Effect(long X, long Y)
{
    public long Gap => X - Y;
}

/// <summary>The levels at which an operation fits.</summary>
internal readonly record struct Needs(Interval X, Interval Y, Interval Gap)
{
    public bool AreMetBy(Effect levels) => X.Contains(levels.X) && Y.Contains(levels.Y) && Gap.Contains(levels.Gap);

    /// <summary>Whether the effect could make a difference.</summary>
    public bool Concern(Effect effect) => (effect.X != 0 && !X.IsAny) || (effect.Y != 0 && !Y.IsAny) || (effect.Gap != 0 && !Gap.IsAny);
}
