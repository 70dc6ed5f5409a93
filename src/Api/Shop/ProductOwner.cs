using Holdfast.Api.Http.Lists;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Views.Lists;

namespace Holdfast.Api.Shop;

/// <summary>What everything says that asks a product: its details, its stock and its reservations have one owner.</summary>
internal static class ProductOwner
{
    /// <summary>How the streams of products begin.</summary>
    public const string Kind = "product";

    public static readonly ProblemMember<long> Available = new("available", "Units that are neither held nor sold.");

    public static readonly ProblemKind Unknown = new("product_not_found", 404, "There is no such product");

    /// <summary>The canonical path.</summary>
    /// <param name="sku">As it is, or escaped for a Location.</param>
    public static string Path(string sku) => "/v1/products/" + sku;

    /// <summary>What the change has brought the product to, for a list that has to have seen it.</summary>
    public static void SendVersion(HttpContext context, string sku, long version) => ReadPoints.Send(context, Kind, sku, version);

    /// <summary>A list that has seen this version of the stock; any, when nothing has changed what is on hand yet.</summary>
    public static ReadPoint PastVersion(string sku, long version) =>
        version == 0 ? ReadPoint.Any : ReadPoint.Any with { Versions = [new($"{Kind}/{sku}", version)] };

    public static Problem NotFound(string sku) => Unknown.With($"Create it with PUT {Path(PathSegment.Escape(sku))}.");
}
