using Holdfast.Contracts.Orders;

namespace Holdfast.Domain.Orders;

/// <summary>
/// What one host of an order knows of charges that may be on their way. It is not the order's state: a permit to charge is not stored, so
/// another host has to assume the worst of what an earlier one did. Pure: durations and moments are given to it.
/// </summary>
public sealed class ChargeWindow(OrderOptions options)
{
    private readonly OrderOptions _options = options;

    // Since when no permit to charge is granted any more.
    private DateTimeOffset? _onlyFoundSince;
    private int _attempt;
    private int _granted;

    /// <summary>A charge may have been sent; that this host does not know of one proves nothing.</summary>
    public bool MayBeOut { get; private set; }

    /// <summary>The order was found in the middle of a charge, of which somebody else knows more.</summary>
    public void AssumeTheWorst() => MayBeOut = true;

    /// <summary>A step asks whether to charge.</summary>
    /// <param name="now">When it asks.</param>
    /// <param name="sinceProvenCurrent">How long ago nobody can have overtaken this host yet.</param>
    public Question Ask(DateTimeOffset now, TimeSpan sinceProvenCurrent)
    {
        // With its window counted from when this owner was surely current, a permit needs no look at the journal: whoever has ended the
        // charging since waits longer than that before it says that no charge is on its way.
        var fenced = sinceProvenCurrent < _options.ChargeSendWindow / 2;
        return new(this, fenced ? now - sinceProvenCurrent : now, fenced);
    }

    /// <summary>One question of a step, from when it is asked until its answer leaves.</summary>
    public sealed class Question(ChargeWindow window, DateTimeOffset countedFrom, bool fenced)
    {
        private int _granted;

        /// <summary>The order has decided.</summary>
        public void Note(ChargePermit permit)
        {
            // A later attempt is charged anew, perhaps by leave of another host.
            if (permit.Work is { } work && work.Attempt != window._attempt) (window._attempt, window._onlyFoundSince) = (work.Attempt, null);
            if (permit.Kind == ChargePermitKind.Charge) (window.MayBeOut, window._onlyFoundSince, window._granted) = (true, null, window._granted + 1);
            _granted = window._granted;
        }

        /// <summary>Whether the journal has to confirm the answer before it leaves.</summary>
        public bool NeedsConfirmation(ChargePermitKind kind) => !fenced || kind != ChargePermitKind.Charge;

        /// <summary>The permit as it leaves. Its window counts from the question, or earlier, however long the answer has waited for a commit.</summary>
        public ChargePermit Answer(ChargePermit permit, DateTimeOffset now)
        {
            if (permit.Kind == ChargePermitKind.Nothing) return permit;

            // Counted from the first time: a moment that moved with each question would never come. And not from our own last permit, nor from the
            // decision: another host may have granted a later one, until what ended the charging was stored.
            if (permit.Kind == ChargePermitKind.FindOnly && _granted == window._granted) window._onlyFoundSince ??= now;
            var quietFor = window._options.ChargeSendWindow + window._options.GatewayTimeout + window._options.ChargeTravelTime;
            return permit with { SendBy = countedFrom + window._options.ChargeSendWindow, QuietAt = (window._onlyFoundSince ?? now) + quietFor };
        }
    }
}
