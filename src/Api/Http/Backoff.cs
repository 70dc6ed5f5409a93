namespace Holdfast.Api.Http;

/// <summary>How long to wait before a repeat: four times as long each time, half to one and a half of it at random.</summary>
public sealed class Backoff(Random random)
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(25);

    private readonly Lock _gate = new();

    /// <param name="attempt">Tries so far, from 1.</param>
    public TimeSpan After(int attempt)
    {
        double jitter;
        lock (_gate) jitter = 0.5 + random.NextDouble();
        return First * (Math.Pow(4, attempt - 1) * jitter);
    }
}
