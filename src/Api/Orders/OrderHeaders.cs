using Holdfast.Api.Http.OpenApi;

namespace Holdfast.Api.Orders;

/// <summary>What answers with an order have besides it, for the OpenAPI document.</summary>
internal static class OrderHeaders
{
    public static readonly ResponseHeader Status = new(
        OrderEndpoints.StatusHeader, true, "Where the order is: the status that its body has, too.", "completed");

    public static readonly ResponseHeader PreferenceApplied = new(
        WaitPreference.AppliedHeader, false, "For how long the answer would have waited for the order's end (RFC 7240).", "wait=10");
}
