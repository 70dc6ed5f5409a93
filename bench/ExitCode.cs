namespace Holdfast.Bench;

/// <summary>How the program ends; the same for every command.</summary>
public static class ExitCode
{
    /// <summary>It ran, and every check held.</summary>
    public const int Passed = 0;

    /// <summary>It ran, and at least one check failed.</summary>
    public const int CheckFailed = 1;

    /// <summary>It could not run, or not to its end: the message says what to do.</summary>
    public const int NotRun = 2;
}
