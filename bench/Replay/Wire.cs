using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.Bench.Replay;

// The bodies of Holdfast's HTTP contract, as far as a replay needs them. They are written down here again, not taken from the
// server's assemblies: a client of the contract must notice when the server breaks it.

/// <param name="Amount">Minor units.</param>
public sealed record Money(long Amount, string Currency);

public sealed record ProductBody(string Name, Money UnitPrice);

public sealed record ReferenceBody(string Reference);

public sealed record ProductAnswer(string Sku, string? Reference = null);

public sealed record ProductPage(IReadOnlyList<ProductAnswer> Items, JsonElement? Next = null);

public sealed record AdjustmentBody(long Delta, string Reason, string? Reference = null);

/// <param name="OnHand">Right after this adjustment, also when the answer is a replay.</param>
public sealed record AdjustmentAnswer(long OnHand);

public sealed record BulkItem(string Sku, long Delta, string Reason, string? Reference = null);

public sealed record BulkBody(IReadOnlyList<BulkItem> Items);

/// <param name="Adjustment">Null when it was refused; the problem says why.</param>
public sealed record BulkResult(string Sku, int Status, AdjustmentAnswer? Adjustment = null, ProblemAnswer? Problem = null);

/// <param name="Items">In the order in which they were asked for.</param>
public sealed record BulkAnswer(IReadOnlyList<BulkResult> Items);

public sealed record StockAnswer(string Sku, long OnHand, long Reserved, long Available);

public sealed record OrderBodyLine(string Sku, long Quantity);

public sealed record OrderBody(string CustomerId, IReadOnlyList<OrderBodyLine> Lines, string PaymentToken);

public sealed record OrderAnswerLine(string Sku, long Quantity, Money? UnitPrice = null);

public sealed record ShortfallAnswer(string Sku, long Asked, long Available);

public sealed record OrderAnswer(
    string Id,
    string Status,
    IReadOnlyList<OrderAnswerLine> Lines,
    DateTimeOffset PlacedAt,
    DateTimeOffset UpdatedAt,
    Money? Total = null,
    string? Reason = null,
    IReadOnlyList<ShortfallAnswer>? Shortfalls = null)
{
    public const string CompletedStatus = "completed";
    public const string CancelledStatus = "cancelled";
    public const string NeedsAttentionStatus = "needsAttention";

    [JsonIgnore]
    public bool Completed => Status == CompletedStatus;

    [JsonIgnore]
    public bool Cancelled => Status == CancelledStatus;

    [JsonIgnore]
    public bool NeedsAttention => Status == NeedsAttentionStatus;

    [JsonIgnore]
    public bool Ended => Completed || Cancelled;
}

public sealed record MovementAnswer(long Version, string Kind, long Delta, long OnHand);

/// <param name="Next">What to pass as <c>cursor</c> for the next page; null at the end.</param>
public sealed record MovementPage(IReadOnlyList<MovementAnswer> Items, JsonElement? Next = null);

public sealed record OrderPage(IReadOnlyList<OrderAnswer> Items, JsonElement? Next = null);

public sealed record SkuMovement(string Sku, long Delta);

public sealed record SkuMovementPage(IReadOnlyList<SkuMovement> Items, JsonElement? Next = null);

public sealed record IncrementBody(long Delta);

public sealed record ShardsBody(int Shards);

public sealed record CounterAnswer(string Name, long Value);

/// <param name="Refunded">Minor units given back so far.</param>
public sealed record ChargeAnswer(long Number, string OrderId, Money Amount, string Status, long Refunded)
{
    public const string CapturedStatus = "captured";

    [JsonIgnore]
    public bool Captured => Status == CapturedStatus;
}

public sealed record ChargePage(IReadOnlyList<ChargeAnswer> Items, JsonElement? Next = null);

/// <summary>RFC 9457, with the members that every Holdfast error carries.</summary>
public sealed record ProblemAnswer(string? Code = null, bool Retryable = false, string? Title = null, string? Detail = null);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ProductBody))]
[JsonSerializable(typeof(ReferenceBody))]
[JsonSerializable(typeof(ProductPage))]
[JsonSerializable(typeof(AdjustmentBody))]
[JsonSerializable(typeof(AdjustmentAnswer))]
[JsonSerializable(typeof(BulkBody))]
[JsonSerializable(typeof(BulkAnswer))]
[JsonSerializable(typeof(StockAnswer))]
[JsonSerializable(typeof(OrderBody))]
[JsonSerializable(typeof(OrderAnswer))]
[JsonSerializable(typeof(MovementPage))]
[JsonSerializable(typeof(OrderPage))]
[JsonSerializable(typeof(SkuMovementPage))]
[JsonSerializable(typeof(ChargePage))]
[JsonSerializable(typeof(IncrementBody))]
[JsonSerializable(typeof(ShardsBody))]
[JsonSerializable(typeof(CounterAnswer))]
[JsonSerializable(typeof(ProblemAnswer))]
public sealed partial class WireJson : JsonSerializerContext;
