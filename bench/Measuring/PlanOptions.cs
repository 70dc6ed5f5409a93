using System.CommandLine;

namespace Holdfast.Bench.Measuring;

/// <summary>The options that make a <see cref="Plan"/>: the same for every measuring command, with standards of its own.</summary>
internal sealed class PlanOptions
{
    private const int MaxWarmUp = 600;

    private readonly Option<int> _seconds;
    private readonly Option<int>? _warmUp;
    private readonly Option<int> _rounds;
    private readonly Option<int> _clients = WholeNumber.Option("--clients", "Callers, each with one operation in flight.", 256, 10_000);
    private readonly Option<int> _seed = WholeNumber.Option("--seed", "Seed of the callers' choices.", 1, 1_000_000_000);

    /// <param name="seconds">How long a round takes when nothing else is said.</param>
    /// <param name="maxSeconds">What may be said.</param>
    /// <param name="rounds">How many when nothing else is said.</param>
    /// <param name="warmUp">Seconds when nothing else is said; null where a warm-up is as long as a round.</param>
    public PlanOptions(int seconds, int maxSeconds, int rounds, int? warmUp = null)
    {
        _seconds = WholeNumber.Option("--seconds", "How long a round takes.", seconds, maxSeconds);
        if (warmUp is { } standard)
        {
            _warmUp = WholeNumber.Option("--warm-up", "Seconds that each way runs before it is measured.", standard, MaxWarmUp);
        }

        _rounds = WholeNumber.Option("--rounds", "Rounds of each way; the figures are their medians.", rounds, 100);
    }

    public Option[] All => _warmUp is null ? [_seconds, _rounds, _clients, _seed] : [_seconds, _warmUp, _rounds, _clients, _seed];

    public Plan Read(ParseResult options)
    {
        var round = options.GetValue(_seconds);
        var warmUp = _warmUp is null ? round : options.GetValue(_warmUp);

        // In pieces no longer than a round: ways that must not pile up too much in a round must not do so before it either.
        var pieces = (warmUp + round - 1) / round;
        return new(
            options.GetValue(_clients),
            options.GetValue(_rounds),
            Effort.For(TimeSpan.FromSeconds((double)warmUp / pieces)),
            Effort.For(TimeSpan.FromSeconds(round)),
            options.GetValue(_seed))
        {
            WarmUps = pieces,
        };
    }
}
