namespace Holdfast.Checker;

/// <summary>How much work a checker may do before it gives up with "undecided". Past a bound it never guesses.</summary>
/// <param name="QuickConfigurations">Configurations a key of no operations gets in the quick search; each operation adds as many as <see cref="QuickPerOperation"/>.</param>
/// <param name="SweepConfigurations">Configurations one key gets in the thorough search.</param>
/// <param name="HeldConfigurations">Configurations of one key held in memory at a time.</param>
/// <param name="ShrinkConfigurations">Configurations that may be spent on making a contradiction smaller.</param>
public sealed record CheckLimits(
    long QuickConfigurations = 50_000,
    long SweepConfigurations = 20_000_000,
    int HeldConfigurations = 2_000_000,
    long ShrinkConfigurations = 5_000_000)
{
    /// <summary>Configurations the quick search gets for each operation of the key.</summary>
    public const int QuickPerOperation = 20;

    /// <summary>64-bit words in the configurations of one key held in memory at a time (128 MiB).</summary>
    public const long HeldWords = 16L * 1024 * 1024;

    /// <summary>Whether likely orders are tried first; they can only be confirmed, so without them the answers are the same.</summary>
    public bool Guesses { get; init; } = true;

    public static CheckLimits Default { get; } = new();

    internal long QuickFor(int operations) => QuickConfigurations == 0 ? 0 : QuickConfigurations + (long)QuickPerOperation * operations;
}
