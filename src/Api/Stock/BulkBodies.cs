using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Holdfast.Api.Http.Fences;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Api.Shop;
using Holdfast.Contracts;

namespace Holdfast.Api.Stock;

/// <summary>
/// Changes of what is on hand of many products. Each is made by itself: one that is refused keeps no other from being made.
/// </summary>
/// <param name="Items">1 to 1,000. Those of one SKU are made in their order.</param>
public sealed record BulkRequest([property: MinLength(1), MaxLength(Limits.BulkItems)] IReadOnlyList<BulkItem> Items)
{
    /// <exception cref="RefusedRequestException">400: a null in the list. 422: out of bounds; nothing is done then.</exception>
    internal void Check()
    {
        Checks.NoNulls(Items, "/items");
        var checks = new Checks();
        checks.Require(
            Items.Count is >= 1 and <= Limits.BulkItems, "/items", ErrorCodes.WrongCount, $"must have 1 to {Limits.BulkItems} items");
        checks.Refuse();
        for (var i = 0; i < Items.Count; i++) Items[i].Check(ref checks, RequestError.Element("/items", i));
        foreach (var (item, index) in ByProduct().Where(static items => items.Count() > 1).SelectMany(static items => items))
        {
            checks.Require(
                item.Count is null,
                RequestError.Element("/items", index),
                ErrorCodes.Duplicate,
                "is a count of a SKU that is in the list more than once");
        }

        checks.Refuse();
    }

    /// <summary>The items of each product, with their places in the list.</summary>
    internal IEnumerable<IGrouping<string, (BulkItem Item, int Index)>> ByProduct() =>
        Items.Select(static (item, index) => (Item: item, Index: index)).GroupBy(static item => item.Item.Sku, StringComparer.Ordinal);
}

/// <summary>A change by a delta, or a count: one of "delta" and "onHand".</summary>
/// <param name="Delta">Units, negative to take away; not zero.</param>
/// <param name="OnHand">Units that were counted.</param>
/// <param name="IfVersion">With a count that has no source: the version of the stock when it was counted.</param>
/// <param name="Reason">Why: received, damaged, inventory …</param>
/// <param name="Reference">The document it follows from.</param>
/// <param name="EffectiveAt">With a delta: since when it has been so, a year ago at most. Without it: from now on.</param>
/// <param name="Source">Who tells it, under numbers of its own: a warehouse, a till. It goes with "sequence".</param>
/// <param name="Sequence">The source's number of it: it counts what it tells of this product from 1.</param>
/// <param name="Fence">The lease under which it is made, as in Holdfast-Fence: name=TOKEN.</param>
public sealed record BulkItem(
    [property: StringLength(Limits.KeyLength, MinimumLength = 1)] string Sku,
    [property: StringLength(Limits.TextLength, MinimumLength = 1)] string Reason,
    [property: Range(-Limits.Quantity, Limits.Quantity)] long? Delta = null,
    [property: Range(0, Limits.Quantity)] long? OnHand = null,
    [property: Range(0, Limits.WholeNumber)] long? IfVersion = null,
    [property: StringLength(Limits.TextLength, MinimumLength = 1)] string? Reference = null,
    DateTimeOffset? EffectiveAt = null,
    [property: StringLength(Limits.KeyLength, MinimumLength = 1)] string? Source = null,
    [property: Range(1, Limits.WholeNumber)] long? Sequence = null,
    string? Fence = null)
{
    /// <summary>By a delta, or with a number of its source.</summary>
    internal AdjustmentRequest? Adjustment =>
        Count is null ? new(Reason, Delta, Reference, OnHand, EffectiveAt, Source, Sequence) : null;

    /// <summary>With the version that was counted.</summary>
    internal StockRequest? Count => OnHand is { } onHand && Delta is null && Source is null && Sequence is null && EffectiveAt is null
        ? new(onHand, Reason, IfVersion, Reference)
        : null;

    internal void Check(ref Checks checks, string pointer)
    {
        checks.Name(Sku, pointer + "/sku");
        checks.Require(Delta is null != OnHand is null, pointer, ErrorCodes.Required, "must have one of 'delta' and 'onHand'");
        checks.Require(
            Count is null || IfVersion is not null,
            pointer + "/ifVersion",
            ErrorCodes.Required,
            "is required with 'onHand': the version of the stock that was counted; or a source's number instead");
        checks.Require(
            Count is not null || IfVersion is null,
            pointer + "/ifVersion",
            ErrorCodes.Unsupported,
            "goes with an 'onHand' without a source only");
        FenceHeader.CheckForm(Fence, pointer + "/fence", ref checks);
        Adjustment?.Check(ref checks, pointer);
        Count?.Check(ref checks, pointer);
    }
}

/// <summary>What became of each item, in their order.</summary>
public sealed record BulkResponse(IReadOnlyList<BulkResult> Items);

/// <summary>What became of one item.</summary>
/// <param name="Status">
/// The HTTP status that it would have had alone: 201 for a delta and for what a source numbers, 200 for a count, or that of the problem.
/// </param>
/// <param name="Replayed">It was done by an earlier request with the same key.</param>
public sealed record BulkResult(
    string Sku,
    int Status,
    bool Replayed = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] AdjustmentResponse? Adjustment = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] StockResponse? Stock = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Problem? Problem = null)
{
    internal static BulkResult From(string sku, IResult result, bool replayed) => result switch
    {
        INestedHttpResult nested => From(sku, nested.Result, replayed),
        Problem problem => new(sku, problem.Status, Problem: problem),
        IValueHttpResult<AdjustmentResponse> made => new(sku, StatusCodes.Status201Created, replayed, Adjustment: made.Value),
        IValueHttpResult<StockResponse> counted => new(sku, StatusCodes.Status200OK, replayed, Stock: counted.Value),
        _ => throw new ArgumentException(result.GetType().Name, nameof(result)),
    };
}
