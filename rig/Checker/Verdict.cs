namespace Holdfast.Checker;

public enum Verdict
{
    Linearizable = 0,
    Violation = 1,

    /// <summary>A bound was reached before the answer was known.</summary>
    Undecided = 2,
}
