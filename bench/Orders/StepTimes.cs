using System.Globalization;
using Holdfast.Journal;

namespace Holdfast.Bench.Orders;

/// <summary>Mean milliseconds between an order's appends, by the times that they recorded.</summary>
/// <param name="Orders">How many orders were looked at.</param>
/// <param name="Reserve">From placed to every line held.</param>
/// <param name="Charge">To the payment captured.</param>
/// <param name="Complete">To every hold turned into a sale.</param>
internal sealed record StepTimes(int Orders, double Reserve, double Charge, double Complete)
{
    /// <summary>Placed, held, captured and completed are one append each.</summary>
    private const int Appends = 4;

    public static async Task<StepTimes> Of(IReadOnlyList<string> orders, IJournalStore store)
    {
        var steps = new double[Appends - 1];
        var counted = 0;
        foreach (var order in orders)
        {
            var rows = await store.ReadForward($"order/{order}", 0, Appends + 1, CancellationToken.None);
            if (rows.Count != Appends) continue;
            counted++;
            for (var i = 0; i < steps.Length; i++) steps[i] += (rows[i + 1].RecordedAt - rows[i].RecordedAt).TotalMilliseconds;
        }

        var divisor = Math.Max(counted, 1);
        return new(counted, steps[0] / divisor, steps[1] / divisor, steps[2] / divisor);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"of {Orders} Holdfast orders: reserving {Reserve:F1} ms, charging {Charge:F1} ms, completing {Complete:F1} ms (means of recorded times)");
}
