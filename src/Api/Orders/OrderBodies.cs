using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Api.Shop;
using Holdfast.Contracts;
using Holdfast.Contracts.Orders;

namespace Holdfast.Api.Orders;

/// <param name="CustomerId">1 to 128 characters.</param>
/// <param name="Lines">1 to 2,000; lines of one SKU are summed.</param>
/// <param name="PaymentToken">What the payment gateway gave for the customer's means of payment; the sandbox takes tok_ok, tok_declined, tok_slow, tok_timeout and tok_flaky.</param>
/// <param name="Reference">The shop's own number or name for it; need not be unique.</param>
/// <param name="Metadata">Up to 50 texts of up to 500 characters that the shop keeps with it, with names of up to 40.</param>
public sealed record OrderRequest(
    [property: StringLength(Limits.KeyLength, MinimumLength = 1)] string CustomerId,
    [property: MinLength(1), MaxLength(Limits.OrderLines)] IReadOnlyList<OrderLineRequest> Lines,
    [property: StringLength(OrderRequest.PaymentTokenLength, MinimumLength = 1)] string PaymentToken,
    [property: StringLength(Limits.ReferenceLength, MinimumLength = 1)] string? Reference = null,
    IReadOnlyDictionary<string, string>? Metadata = null)
{
    /// <summary>Characters in a payment token.</summary>
    public const int PaymentTokenLength = 255;

    /// <summary>Checks the bounds, and sums the lines of one SKU.</summary>
    /// <returns>One line a SKU, in the order in which they first appear.</returns>
    /// <exception cref="RefusedRequestException">422: out of bounds.</exception>
    internal (OrderLine[] Lines, MetadataEntry[] Metadata) CheckAndSum()
    {
        Checks.NoNulls(Lines, "/lines");
        var checks = new Checks();
        if (Reference is not null) checks.Text(Reference, Limits.ReferenceLength, "/reference");
        var metadata = MetadataBody.Check(Metadata, ref checks, "/metadata");
        checks.Name(CustomerId, "/customerId");
        checks.Text(PaymentToken, PaymentTokenLength, "/paymentToken");
        checks.Require(
            Lines.Count is >= 1 and <= Limits.OrderLines, "/lines", ErrorCodes.WrongCount, $"must have 1 to {Limits.OrderLines} lines");
        if (Lines.Count <= Limits.OrderLines)
        {
            for (var i = 0; i < Lines.Count; i++) Lines[i].Check(i, ref checks);
        }

        checks.Refuse();

        var sums = new OrderedDictionary<string, long>(Lines.Count, StringComparer.Ordinal);
        foreach (var line in Lines) sums[line.Sku] = checked(sums.GetValueOrDefault(line.Sku) + line.Quantity);
        foreach (var (sku, sum) in sums)
        {
            if (sum <= Limits.Quantity) continue;
            checks.Require(
                false, "/lines", ErrorCodes.OutOfRange, $"sum to {sum} units of '{sku}'; {Limits.Quantity} are the most of one SKU");
        }

        checks.Refuse();
        return ([.. sums.Select(sum => new OrderLine(sum.Key, sum.Value))], metadata);
    }

    /// <summary>The order of the lines does not matter, nor how the units of one SKU are spread over lines.</summary>
    internal ulong Fingerprint(OrderLine[] summed, MetadataEntry[] metadata)
    {
        var fingerprint = new Fingerprint().Add(CustomerId).Add(PaymentToken);
        foreach (var line in summed.OrderBy(line => line.Sku, StringComparer.Ordinal)) fingerprint.Add(line.Sku).Add(line.Quantity);
        if (Reference is not null || metadata.Length > 0) MetadataBody.Add(metadata, fingerprint.Add(Reference));
        return fingerprint.Value;
    }
}

/// <param name="Quantity">Units.</param>
public sealed record OrderLineRequest(
    [property: StringLength(Limits.KeyLength, MinimumLength = 1)] string Sku, [property: Range(1, Limits.Quantity)] long Quantity)
{
    internal void Check(int index, ref Checks checks)
    {
        if (!Names.IsName(Sku)) checks.Name(Sku, $"/lines/{index}/sku");
        if (Quantity is < 1 or > Limits.Quantity) checks.Range(Quantity, 1, Limits.Quantity, $"/lines/{index}/quantity");
    }
}

/// <summary>An order, from placed to one of two ends: completed (paid and sold) or cancelled (nothing held, nothing kept).</summary>
/// <param name="Id"><c>ord_…</c></param>
/// <param name="Reference">The shop's own number or name for it.</param>
/// <param name="Metadata">What the shop keeps with it.</param>
/// <param name="Total">Computed by the server from the prices at reservation; null until every line is held.</param>
/// <param name="Reason">Why a cancelled or parked order is so: a stable code.</param>
/// <param name="Detail">For a parked order, and one whose refund does not get through: which step failed, and how.
/// Of a cancelled one: what could not be undone. Null for a customer.</param>
/// <param name="Shortfalls">What was missing when stock was insufficient.</param>
/// <param name="CustomerId">Null once its text was erased.</param>
/// <param name="Version">Also the ETag.</param>
/// <param name="ErasedAt">When its text was erased; absent when it was not.</param>
public sealed record OrderResponse(
    string Id,
    string? CustomerId,
    string? Reference,
    IReadOnlyDictionary<string, string> Metadata,
    OrderStatus Status,
    IReadOnlyList<OrderLineBody> Lines,
    MoneyBody? Total,
    PaymentBody Payment,
    string? Reason,
    string? Detail,
    IReadOnlyList<ShortfallBody> Shortfalls,
    DateTimeOffset PlacedAt,
    DateTimeOffset UpdatedAt,
    long Version,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? ErasedAt = null)
{
    /// <summary>For whoever sends the request: how a step failed may name a machine of the shop, which is no customer's business.</summary>
    internal static OrderResponse For(HttpContext context, Order order) => new(
        PublicId.Format(PublicId.Order, order.Id),
        order.ErasedAt is null ? order.CustomerId : null,
        order.Reference,
        MetadataBody.From(order.Metadata),
        order.Status,
        Array.ConvertAll(order.Lines, OrderLineBody.From),
        MoneyBody.From(order.Total),
        PaymentBody.From(order),
        order.Reason,
        Caller.In(context).Customer is null ? order.Detail : null,
        Array.ConvertAll(order.Shortfalls, ShortfallBody.From),
        order.PlacedAt,
        order.UpdatedAt,
        order.Version,
        order.ErasedAt);
}

/// <summary>What happened to the order's money.</summary>
/// <param name="Captured">What the gateway took; null when it took nothing.</param>
/// <param name="Refunded">What went back of it; null when nothing did.</param>
/// <param name="Attempts">The tries to take it, oldest first.</param>
public sealed record PaymentBody(
    PaymentStatus Status, MoneyBody? Captured, MoneyBody? Refunded, IReadOnlyList<PaymentAttemptBody> Attempts)
{
    internal static PaymentBody From(Order order) => new(
        order.Payment,
        MoneyBody.From(order.Captured),
        MoneyBody.From(order.Refunded),
        Array.ConvertAll(order.Attempts, PaymentAttemptBody.From));
}

/// <summary>One try to take the order's money.</summary>
/// <param name="Id">The gateway's own, <c>ch_…</c>, once it has captured.</param>
/// <param name="DeclineCode">The gateway's own, when it has declined.</param>
/// <param name="At">When it came to its status.</param>
public sealed record PaymentAttemptBody(string? Id, PaymentAttemptStatus Status, string? DeclineCode, DateTimeOffset At)
{
    internal static PaymentAttemptBody From(PaymentAttempt attempt) =>
        new(attempt.ChargeId, attempt.Status, attempt.DeclineCode, attempt.At);
}

/// <summary>A cancel.</summary>
/// <param name="Reason">Why. The order's own reason says it, too, unless it was being cancelled already.</param>
/// <param name="Note">What there is to say about it; kept in the order's history, beside what the cancel caused.</param>
public sealed record CancelRequest(
    CancelReason Reason,
    [property: StringLength(Limits.NoteLength, MinimumLength = 1)] string? Note = null)
{
    internal ulong Check() => VerbRequest.Check(Note, new Fingerprint().Add((long)Reason));
}

/// <summary>An operator's verb.</summary>
/// <param name="Note">Why; kept in the order's history, beside what the verb caused.</param>
public sealed record VerbRequest([property: StringLength(Limits.NoteLength, MinimumLength = 1)] string Note)
{
    internal ulong Check() => Check(Note, new Fingerprint());

    /// <returns>The fingerprint, with the note in it.</returns>
    /// <exception cref="RefusedRequestException">422: out of bounds.</exception>
    internal static ulong Check(string? note, Fingerprint fingerprint)
    {
        var checks = new Checks();
        if (note is not null) checks.Text(note, Limits.NoteLength, "/note");
        checks.Refuse();
        return fingerprint.Add(note).Value;
    }
}

/// <param name="UnitPrice">The product's price when it was reserved; null until then.</param>
public sealed record OrderLineBody(string Sku, long Quantity, MoneyBody? UnitPrice)
{
    internal static OrderLineBody From(OrderLine line) =>
        new(line.Sku, line.Quantity, MoneyBody.From(line.UnitPrice));
}

/// <param name="Missing">Asked minus available.</param>
/// <param name="Reason">insufficient_stock, unknown_product, or archived: it is not for sale any more.</param>
public sealed record ShortfallBody(string Sku, long Asked, long Available, long Missing, string? Reason)
{
    internal static ShortfallBody From(Shortfall shortfall) =>
        new(shortfall.Sku, shortfall.Asked, shortfall.Available, shortfall.Asked - shortfall.Available, shortfall.Reason);
}
