namespace Holdfast.Api.Http.Calls;

/// <summary>How long to wait before a repeat: four times as long each time up to a bound, half to one and a half of it at random.</summary>
public sealed class Backoff(Random random)
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(25);

    /// <summary>Short against the seconds in which a cluster finds out that a silo is dead: that is when it is waited for.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();

    /// <param name="attempt">Tries so far, from 1.</param>
    public TimeSpan After(int attempt)
    {
        double jitter;
        lock (_gate) jitter = 0.5 + random.NextDouble();
        var wait = First * Math.Pow(4, Math.Min(attempt - 1, 8));
        return (wait < Longest ? wait : Longest) * jitter;
    }
}
