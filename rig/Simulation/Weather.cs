namespace Holdfast.Simulation;

/// <summary>How often what goes wrong in one world, each as a probability.</summary>
internal sealed record Weather
{
    /// <summary>Of a call between silos: it is not heard, or its answer is not.</summary>
    public double LostCalls { get; init; }

    /// <summary>Of an append: refused, or its outcome unknown.</summary>
    public double FailedAppends { get; init; }

    /// <summary>Of a charge, a refund or a question to the gateway: it is lost, unanswered or late.</summary>
    public double FailedPayments { get; init; }

    /// <summary>Of a message: it is delivered twice at once, or its end is not heard of.</summary>
    public double RepeatedMessages { get; init; }

    /// <summary>In each of some dozens of moments of a world: a silo is killed, cut off or stands still, or its clock jumps.</summary>
    public double Disasters { get; init; }

    /// <summary>What a call between silos takes, typically.</summary>
    public TimeSpan Travel { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>What storing an append takes, typically, there and back each.</summary>
    public TimeSpan Commit { get; init; } = TimeSpan.FromMilliseconds(2);

    public static Weather Of(Dice dice) => dice.Below(4) switch
    {
        0 => new(),
        1 => new() { LostCalls = 0.02, FailedAppends = 0.02, FailedPayments = 0.1, RepeatedMessages = 0.1, Disasters = 0.02 },
        2 => new() { LostCalls = 0.1, FailedAppends = 0.05, FailedPayments = 0.3, RepeatedMessages = 0.3, Disasters = 0.1 },
        _ => new() { LostCalls = 0.05, FailedAppends = 0.1, FailedPayments = 0.5, RepeatedMessages = 0.2, Disasters = 0.4 },
    };
}
