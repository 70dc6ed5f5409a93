using System.Text.Json.Serialization;

namespace Holdfast.Api.Products;

[JsonSerializable(typeof(PricesRequest))]
[JsonSerializable(typeof(PricesResponse))]
internal sealed partial class PriceJson : JsonSerializerContext;
