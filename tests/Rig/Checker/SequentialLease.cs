namespace Holdfast.Tests.Rig.Checker;

/// <summary>
/// A lease whose terms end at moments that it makes up, and by itself now and then, whatever the time is: so some of its histories are
/// right and some are wrong.
/// </summary>
/// <param name="horizon">Moments at which terms end, from 0.</param>
internal sealed class SequentialLease(Random dice, long horizon) : ISequential
{
    private long _number;
    private long _ends;
    private bool _held;
    private long _known = 1;

    public ISequential.Asked Ask(Random random, int client)
    {
        // Mostly of a term that somebody has heard of.
        var number = random.NextInt64(Math.Max(1, _known - 1), _known + 1);
        return random.Next(10) switch
        {
            < 4 => new("acquire", new { }),
            < 6 => new("renew", new { number }, Number: number),
            < 8 => new("release", new { number }, Number: number),
            _ => new("read", new { }),
        };
    }

    public object Do(ISequential.Asked asked)
    {
        if (dice.Next(4) == 0) _held = false;
        switch (asked.Name)
        {
            case "acquire" when _held:
                return new { status = "held", number = _number, ends = _ends };
            case "acquire":
                (_number, _ends, _held) = (_number + 1, dice.NextInt64(horizon), true);
                return new { status = "done", number = _number, ends = _ends };
            case "read" when _held:
                return new { status = "held", number = _number, ends = _ends };
            case "read":
                return new { status = "free", number = _number };
        }

        if (!_held || asked.Number != _number) return new { status = "lost", number = _number };
        if (asked.Name == "renew") return new { status = "done", number = _number, ends = _ends += dice.NextInt64(horizon) };
        _held = false;
        return new { status = "done", number = _number };
    }

    public void Hear(ISequential.Asked asked, object output) => _known = _number;
}
