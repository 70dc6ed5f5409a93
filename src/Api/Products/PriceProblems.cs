using Holdfast.Api.Http.Problems;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Api.Products;

internal static class PriceProblems
{
    public static readonly ProblemMember<DateTimeOffset> Now = new("now", "The product's own time.");
    public static readonly ProblemText Currency = new("currency", "The currency in which the product is sold.");

    public static readonly ProblemKind Overlap = new("prices_overlap", 422, "Two prices would hold at the same time");

    public static readonly ProblemKind Past = new("price_in_past", 409, "What was the price stays what it was") { Members = [Now] };

    public static readonly ProblemKind OtherCurrency =
        new("price_in_other_currency", 409, "The product is sold in another currency") { Members = [Currency] };

    public static readonly ProblemKind CurrencyScheduled =
        new("currency_scheduled", 409, "The product has prices to come in its currency") { Members = [Currency] };

    /// <param name="first">The pointer to the one.</param>
    /// <param name="second">The pointer to the other.</param>
    public static Problem OverlapOf(string first, string second) => Problem.Of(
        Overlap,
        [
            RequestError.InBody(first, ErrorCodes.Overlaps, $"has not ended when '{second}' begins"),
            RequestError.InBody(second, ErrorCodes.Overlaps, $"begins before '{first}' has ended"),
        ],
        "A price holds from 'from' on, and at 'to' no more: let one end where the next begins.");

    /// <param name="place">The pointer to the price.</param>
    public static Problem InPast(string place, ProductPrices there) => Problem.Of(
        Past,
        [RequestError.InBody(place, ErrorCodes.OutOfRange, "has begun already with another price, or is over")],
        "Leave 'from' out to begin now; what runs goes on with its own 'from' and price.").And(Now, there.Now.At);

    /// <param name="place">The pointer to the price.</param>
    public static Problem InOtherCurrency(string place, string currency) => Problem.Of(
        OtherCurrency,
        [RequestError.InBody($"{place}/unitPrice/currency", ErrorCodes.OutOfRange, $"must be {currency}, as the product's own")])
        .And(Currency, currency);

    /// <summary>To whoever changes what the shop shows of the product.</summary>
    public static Problem Scheduled(string currency) => CurrencyScheduled.With(
        "Take its prices away first: PUT an empty list of them.").And(Currency, currency);

    /// <summary>412: they were changed since.</summary>
    public static Problem Changed(long? current) =>
        ProblemKind.VersionMismatch.With("Read the prices again, decide again, and send their new version in If-Match.")
            .And(ProblemMember.CurrentVersion, current);

    /// <summary>428: others are there, and the request names no version of them.</summary>
    public static Problem Required(long? current) =>
        ProblemKind.PreconditionRequired.With("There are others: read them, decide again, and send their version in If-Match.")
            .And(ProblemMember.CurrentVersion, current);

    public static readonly ProblemKind NotKnown = new("prices_not_known", 404, "The product had no price then");
}
