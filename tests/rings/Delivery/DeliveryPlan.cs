using Holdfast.Contracts.Orders;

namespace Holdfast.Rings.Delivery;

/// <summary>What happens to one delivery of a message.</summary>
internal enum FateKind
{
    /// <summary>The handler runs.</summary>
    Fair = 0,

    /// <summary>The handler does not run; only the table brings the message back.</summary>
    Dropped = 1,

    /// <summary>The handler runs twice at the same time.</summary>
    DoubledAtOnce = 2,

    /// <summary>The handler runs, and again when its row is long gone.</summary>
    DoubledLater = 3,

    /// <summary>The handler runs after a while.</summary>
    Delayed = 4,

    /// <summary>The handler runs when a later message of its lane has run.</summary>
    Overtaken = 5,

    /// <summary>The handler fails before it has done anything.</summary>
    FailsBefore = 6,

    /// <summary>The handler fails after it has done everything.</summary>
    FailsAfter = 7,
}

/// <param name="After">Milliseconds, where the kind has a wait.</param>
internal readonly record struct Fate(FateKind Kind, int After = 0)
{
    public override string ToString() => After > 0 ? $"{Kind} {After} ms" : $"{Kind}";
}

/// <summary>When the customer cancels, relative to the first delivery of a step.</summary>
internal enum CancelMoment
{
    Never = 0,
    WhenPlaced = 1,
    BeforeStep = 2,
    DuringStep = 3,
    AfterStep = 4,
}

/// <summary>Everything that one order meets, drawn from its seed.</summary>
internal sealed record DeliveryPlan(
    IReadOnlyList<(int Product, long Quantity)> Lines,
    string Token,
    IReadOnlyDictionary<string, Fate[]> Fates,
    CancelMoment Cancel,
    string CancelStep,
    OperatorVerb[] Verbs,
    int OperatorAfter,
    bool OperatorComesLast,
    TimeSpan ChargedLateBy,
    string? OvertakenAt)
{
    public const int Products = 36;

    private static readonly string[] Steps = ["order.reserve", "order.charge", "order.complete", "order.undo", "order.refund"];

    private static readonly string[] Tokens =
        [.. Enumerable.Repeat("tok_ok", 6), "tok_declined", "tok_flaky", "tok_flaky", "tok_timeout"];

    /// <param name="maxAttempts">Runs after which a failing message is given up.</param>
    /// <param name="deadline">Of the reserve step; some deliveries are held past it.</param>
    public static DeliveryPlan Draw(ulong seed, int maxAttempts, TimeSpan deadline)
    {
        var random = Seeds.Random(seed);
        var lines = Enumerable.Range(0, random.Next(1, 4))
            .Select(_ => (Product: random.Next(Products), Quantity: (long)random.Next(1, 5)))
            .DistinctBy(line => line.Product)
            .ToArray();
        var broken = random.Next(20) == 0 ? Steps[random.Next(Steps.Length)] : null;
        var fates = Steps.ToDictionary(
            step => step,
            step => step == broken ? Broken(random, maxAttempts) : DrawFates(random, maxAttempts, deadline));
        return new(
            lines,
            Tokens[random.Next(Tokens.Length)],
            fates,
            random.Next(4) == 0 ? (CancelMoment)random.Next(1, 5) : CancelMoment.Never,
            Steps[random.Next(3)],
            [.. Enumerable.Range(0, 4).Select(_ => (OperatorVerb)random.Next(3))],
            random.Next(100),
            random.Next(8) == 0,
            random.Next(10) == 0 ? TimeSpan.FromSeconds(random.Next(1, 3 * 3_600)) : TimeSpan.Zero,
            random.Next(25) == 0 ? Steps[random.Next(2)] : null);
    }

    public override string ToString() =>
        $"{string.Join(" + ", Lines.Select(line => $"{line.Quantity} of p{line.Product}"))}, {Token}, cancel {Cancel} {CancelStep}, "
        + (ChargedLateBy > TimeSpan.Zero ? $"charged late by {ChargedLateBy}, " : "")
        + (OvertakenAt is null ? "" : $"overtaken at {OvertakenAt}, ")
        + $"operator after {OperatorAfter} ms{(OperatorComesLast ? ", last" : "")}: {string.Join(", ", Verbs)}\n  "
        + string.Join("\n  ", Fates.Where(step => step.Value.Length > 0).Select(step => $"{step.Key}: {string.Join(", ", step.Value)}"));

    /// <summary>More failures than a message may have.</summary>
    private static Fate[] Broken(Random random, int maxAttempts)
    {
        var kind = random.Next(2) == 0 ? FateKind.FailsBefore : FateKind.FailsAfter;
        return [.. Enumerable.Repeat(new Fate(kind), maxAttempts + random.Next(3))];
    }

    private static Fate[] DrawFates(Random random, int maxAttempts, TimeSpan deadline) => random.Next(8) switch
    {
        < 3 => [],
        3 => [.. Enumerable.Repeat(new Fate(FateKind.FailsAfter), random.Next(1, maxAttempts))],
        _ => [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => DrawFate(random, deadline))],
    };

    private static Fate DrawFate(Random random, TimeSpan deadline) => (FateKind)random.Next(0, 8) switch
    {
        FateKind.Dropped => new(FateKind.Dropped, random.Next(1, 100)),
        FateKind.DoubledLater => new(FateKind.DoubledLater, random.Next(1, 500)),
        FateKind.Delayed => new(FateKind.Delayed, DrawDelay(random, deadline)),
        var kind => new(kind),
    };

    private static int DrawDelay(Random random, TimeSpan deadline)
    {
        var past = (int)Math.Min(deadline.TotalMilliseconds + 100, 500);
        return random.Next(6) == 0 ? past : random.Next(1, 100);
    }
}
