namespace Holdfast.Api.Http.Callers;

/// <summary>
/// How many requests a second each of many may send, counted in a table of fixed size: whoever shares a place with another shares its
/// rate, so that nobody can make the table grow. A place holds the time at which all that was sent would have been sent at the rate.
/// </summary>
/// <param name="perSecond">The rate.</param>
internal sealed class Rates(int perSecond, TimeProvider clock)
{
    /// <summary>Places; a power of two.</summary>
    private const int Places = 16_384;

    /// <summary>Seconds of requests that may come at once.</summary>
    private const int BurstSeconds = 2;

    private readonly long[] _spent = new long[Places];
    private readonly long _interval = Math.Max(1, clock.TimestampFrequency / perSecond);
    private readonly long _burst = BurstSeconds * clock.TimestampFrequency;

    /// <summary>Counts a request.</summary>
    /// <param name="hash">Of who sends it.</param>
    /// <param name="wait">How long it would have to wait; zero when it need not.</param>
    public bool TryTake(int hash, out TimeSpan wait)
    {
        ref var place = ref _spent[hash & (Places - 1)];
        while (true)
        {
            var (now, spent) = (clock.GetTimestamp(), Volatile.Read(ref place));
            var next = Math.Max(spent, now) + _interval;
            var ahead = next - now - _burst;
            if (ahead > 0)
            {
                wait = TimeSpan.FromSeconds((double)ahead / clock.TimestampFrequency);
                return false;
            }

            if (Interlocked.CompareExchange(ref place, next, spent) != spent) continue;
            wait = default;
            return true;
        }
    }
}
