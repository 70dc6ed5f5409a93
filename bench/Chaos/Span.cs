namespace Holdfast.Bench.Chaos;

/// <summary>How long something takes, at least and at most.</summary>
internal readonly record struct Span(TimeSpan Least, TimeSpan Most)
{
    public TimeSpan Draw(Random random) => Least + ((Most - Least) * random.NextDouble());
}
