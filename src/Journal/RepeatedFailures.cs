namespace Holdfast.Journal;

/// <summary>
/// What goes wrong again and again is said once, and then counted: a store that refuses everything for ten minutes would otherwise fill
/// the log, perhaps on the very disk that is full. One of these for each place that logs.
/// </summary>
public sealed class RepeatedFailures(TimeProvider clock)
{
    /// <summary>From one line about a kind of failure to the next.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>Kinds that are told apart. Whoever makes up more of them hears of all again.</summary>
    private const int MaxKinds = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (long SaidAt, int Since)> _kinds = new(StringComparer.Ordinal);

    /// <summary>A failure has happened; true when it is time to say so.</summary>
    /// <param name="kind">What the same failure has in common: a code, not a text with names in it.</param>
    /// <param name="others">How many of the kind there were since it was said last.</param>
    public bool IsDue(string kind, out int others)
    {
        var now = clock.GetTimestamp();
        lock (_lock)
        {
            others = 0;
            if (_kinds.TryGetValue(kind, out var known))
            {
                if (clock.GetElapsedTime(known.SaidAt, now) < Period)
                {
                    _kinds[kind] = (known.SaidAt, known.Since + 1);
                    return false;
                }

                others = known.Since;
            }
            else if (_kinds.Count == MaxKinds)
            {
                _kinds.Clear();
            }

            _kinds[kind] = (now, 0);
            return true;
        }
    }
}
