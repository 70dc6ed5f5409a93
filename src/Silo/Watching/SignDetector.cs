namespace Holdfast.Silo.Watching;

/// <summary>
/// Says when one sign is seen more often than it was in the process' own past, for as much work. The past is a mean in which older spans
/// count less; what may be expected of a window follows from it and from the window's work, and what is beyond a wide Poisson bound around
/// that is an anomaly. So a night, a day and the way between them are all the same to it, and a step is not.
/// </summary>
/// <remarks>Pure: no clock; its memory does not grow. For one thread.</remarks>
/// <param name="norm">What is normal of the sign.</param>
/// <param name="tolerance">Multiplies what is still nothing.</param>
internal sealed class SignDetector(SignNorm norm, int tolerance)
{
    /// <summary>Spans that are judged together: one is too short to judge a rate by, and four are well within a minute.</summary>
    public const int Window = 4;

    /// <summary>Spans in a row, without too many of the sign, after which an anomaly is over.</summary>
    public const int Calm = 12;

    /// <summary>Spans with as much work as usual after which a span counts half: ten minutes, at five seconds.</summary>
    private const int HalfLife = 120;

    /// <summary>As much work as the norm stands for: that of a process that has no past counts more.</summary>
    private const double NormWeight = 2_000;

    /// <summary>What is seen while it is too much becomes the past much more slowly: what lasts for hours is usual in the end.</summary>
    private const double Reluctance = 0.05;

    private readonly (long Count, long Work)[] _window = new (long, long)[Window];
    private int _next;
    private int _calm;
    private double _count;
    private double _work;
    private double _spans;

    /// <summary>It is seen too often now, or was a moment ago.</summary>
    public bool IsRaised { get; private set; }

    /// <summary>How often it was seen in the window.</summary>
    public long Seen { get; private set; }

    /// <summary>How often it was to be expected in the window.</summary>
    public double Expected { get; private set; }

    /// <summary>Spans of the window from the first one on in which it was seen, this one included; 0 when it was not.</summary>
    public int SpansSince { get; private set; }

    /// <summary>One more span is over.</summary>
    /// <param name="count">How often the sign was seen in it.</param>
    /// <param name="work">How much was done in it.</param>
    public void Take(long count, long work)
    {
        _window[_next] = (count, work);
        _next = (_next + 1) % Window;
        Judge();
        Learn(count, work);
    }

    private void Judge()
    {
        (Seen, SpansSince) = (0, 0);
        var work = 0L;
        for (var i = 0; i < Window; i++)
        {
            // From the oldest to the newest.
            var span = _window[(_next + i) % Window];
            Seen += span.Count;
            work += span.Work;
            if (span.Count > 0 && SpansSince == 0) SpansSince = Window - i;
        }

        Expected = work * (_count + (norm.Usual * NormWeight)) / (_work + NormWeight);
        var limit = Limit();
        _calm = Seen > limit ? 0 : _calm + 1;
        IsRaised = Seen > limit || (IsRaised && _calm < Calm);
    }

    private double Limit()
    {
        var enough = (double)norm.Enough * tolerance;

        // What must never be, or hardly ever, is not excused by having been.
        return norm.Usual == 0 ? enough : enough + (tolerance * ((2 * Expected) + (5 * Math.Sqrt(Expected))));
    }

    private void Learn(long count, long work)
    {
        if (work == 0) return;
        var usual = _spans == 0 ? 0 : _work / _spans;

        // A quiet night does not make the day before forgotten: a span counts, and makes others fade, by how much was done in it.
        var weight = 2 * work / (work + usual) * (IsRaised ? Reluctance : 1);
        var faded = Math.Pow(2, -weight / HalfLife);
        var share = IsRaised ? Reluctance : 1;
        _count = (_count * faded) + (count * share);
        _work = (_work * faded) + (work * share);
        _spans = (_spans * faded) + weight;
    }
}
