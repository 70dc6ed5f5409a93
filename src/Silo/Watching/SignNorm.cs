using Holdfast.Contracts;

namespace Holdfast.Silo.Watching;

/// <summary>What is normal of one sign; docs/design/watching.md says why.</summary>
/// <param name="Enough">As many in one window are nothing to speak of: some races are what a healthy cluster gets over.</param>
/// <param name="Usual">
/// What part of the work is expected to show the sign, until a process has a past of its own. Zero for what no past excuses.
/// </param>
/// <param name="Of">The work among which it is seen.</param>
internal sealed record SignNorm(RaceSign Sign, long Enough, double Usual, Func<RaceSigns, long> Of)
{
    /// <summary>One of each sign, in the order of their numbers.</summary>
    public static IReadOnlyList<SignNorm> All { get; } =
    [
        new(RaceSign.Conflict, 10, 0.0001, Appends),
        new(RaceSign.Overtaken, 3, 0, Appends),
        new(RaceSign.Unknown, 10, 0.0001, Appends),
        new(RaceSign.KeyReuse, 20, 0.01, Appends),
        new(RaceSign.Hole, 0, 0, Appends),
        new(RaceSign.Superseded, 50, 0.05, Appends),
        new(RaceSign.RefusedFence, 5, 0.001, Appends),
        new(RaceSign.ClockBack, 0, 0, Appends),
        new(RaceSign.Overwritten, 0, 0, Appends),
        new(RaceSign.Lost, 0, 0, Appends),
        new(RaceSign.Unanswered, 20, 0.001, Calls),
    ];

    private static long Appends(RaceSigns signs) => signs.Appends;

    private static long Calls(RaceSigns signs) => signs.Calls;
}
